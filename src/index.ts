/** What `import … from "botel"` gives, by name. */
export { botelLogRecordProcessor, botelMetricProducer, botelSpanProcessor, start, type Embedded } from "./embed.ts";
export { announceBot, announceChannel, announceInventory } from "./instrument/announce.ts";
export { instrument, message, request, tool } from "./instrument/instrument.ts";
export { log } from "./instrument/log.ts";
export { wrapMcpClient, wrapTool, type McpClient } from "./instrument/wrap.ts";
export type {
  BotAnnouncement,
  ChannelAnnouncement,
  Instrument,
  InventoryAnnouncement,
  LogAttributes,
  MessageOptions,
  RequestOptions,
  RequestRecord,
  Times,
  ToolOptions,
  ToolRecord,
  Turn,
  Usage,
} from "./instrument/api.ts";
