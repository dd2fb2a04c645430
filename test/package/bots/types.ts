// What TypeScript makes of the package: this file only has to compile.
import {
  announceBot,
  announceChannel,
  announceInventory,
  botelLogRecordProcessor,
  botelMetricProducer,
  botelSpanProcessor,
  instrument,
  log,
  message,
  request,
  start,
  tool,
  wrapMcpClient,
  wrapTool,
  type Embedded,
  type Instrument,
  type Turn,
  type Usage,
} from "botel";
import { observeModel } from "botel/ai";
import "botel/register";

const embedded: Embedded = start();
const url: string | undefined = await embedded.ready;
await embedded.stop();

const answer: string = await message(
  { platform: "telegram", botId: "1", userId: "42", groupId: "-100" },
  async (turn: Turn) => {
    const usage: Usage = { inputTokens: 1, outputTokens: 2, cachedTokens: 0 };
    const text = await request({ provider: "openai", model: "gpt-4o", channel: "main" }, (call) => {
      call.firstChunk();
      call.usage(usage);
      return "hi";
    });
    const dice: number = await tool({ name: "dice", args: { sides: 6 } }, () => 6);
    turn.responded();
    return `${text} ${dice}`;
  },
);
log("info", answer, { url, tries: 1 });
announceBot({ botId: "1", platform: "telegram", connected: true });
announceChannel({ id: "main", status: "active" });
announceInventory({ features: [], adapters: [], mcpServers: 0, tools: 0 });
const all: Instrument = instrument;
void [
  all,
  observeModel,
  wrapTool,
  wrapMcpClient,
  botelSpanProcessor(),
  botelLogRecordProcessor(),
  botelMetricProducer(),
];

// @ts-expect-error a user has to be named
void message({ platform: "telegram", botId: "1" }, () => 1);
// @ts-expect-error there is no such level
log("fatal", "no");
// @ts-expect-error what is inside is nobody's business
void import("botel/dist/app.js");
