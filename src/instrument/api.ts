/**
 * What a bot calls. Every function here works before, without and after an SDK (then it only runs `work`), never throws
 * anything but what `work` throws, and never waits for anything but `work`.
 */

/** Epoch ms; both only for what happened in the past. */
export interface Times {
  startTime?: number;
  endTime?: number;
}

export interface MessageOptions extends Times {
  platform: string;
  botId: string;
  userId: string;
  userName?: string;
  /** Absent: a private chat. */
  groupId?: string;
  groupName?: string;
}

export interface Turn {
  readonly traceId: string;
  /**
   * A reply was sent whose text a model wrote. The first call says how long the person waited.
   *
   * @param atMs epoch ms, for the past; default there: the message's end
   */
  responded(count?: number, atMs?: number): void;
  fail(error: unknown): void;
}

export interface RequestOptions extends Times {
  /** `gen_ai.operation.name`; default `chat`. */
  operation?: "chat" | "text_completion" | "generate_content" | "embeddings";
  /** `gen_ai.provider.name`, as `openai`, `anthropic`, `gcp.gemini`, `deepseek`. */
  provider: string;
  model: string;
  /** `bot.channel.id`. */
  channel: string;
  /** `bot.channel.previous`: the channel that failed and that this one is asked instead of. */
  previousChannel?: string;
}

export interface RequestRecord {
  /** The first chunk of a stream came; later calls change nothing. @param atMs epoch ms, for the past */
  firstChunk(atMs?: number): void;
  /** The provider's totals as they are; the last call wins. */
  usage(usage: Usage): void;
  responseModel(model: string): void;
  /** Marks it failed without a throw. */
  fail(error: unknown): void;
}

export interface Usage {
  inputTokens?: number;
  outputTokens?: number;
  cachedTokens?: number;
  cacheCreationTokens?: number;
  reasoningTokens?: number;
}

export interface ToolOptions extends Times {
  name: string;
  callId?: string;
  args?: unknown;
}

export interface ToolRecord {
  fail(error: unknown): void;
}

export type LogAttributes = Record<string, string | number | boolean | undefined>;

export interface BotAnnouncement {
  botId: string;
  platform: string;
  connected: boolean;
}

export interface ChannelAnnouncement {
  id: string;
  name?: string;
  adapter?: string;
  status: "active" | "error" | "disabled";
  /** Of its circuit breaker, where it has one. */
  breaker?: "closed" | "half_open" | "open";
  models?: string[];
  errorType?: string;
}

export interface InventoryAnnouncement {
  features: string[];
  adapters: string[];
  mcpServers: number;
  tools: number;
}

/** All of it, by one object, so that it can be handed around. */
export interface Instrument {
  /** One inbound message and all that it causes. */
  message<T>(options: MessageOptions, work: (turn: Turn) => T | Promise<T>): Promise<T>;
  /** One call to a model, each attempt by itself; ends when `work` settles (for a stream: when it was read). */
  request<T>(options: RequestOptions, work: (request: RequestRecord) => T | Promise<T>): Promise<T>;
  /** One execution of a tool; what `work` returns is its result. */
  tool<T>(options: ToolOptions, work: (call: ToolRecord) => T | Promise<T>): Promise<T>;
  log(
    level: "error" | "warn" | "info" | "debug",
    message: string | Error,
    attributes?: LogAttributes,
    timeMs?: number,
  ): void;
  /** State is announced at once and again every 30 s until it is announced anew. */
  announceBot(bot: BotAnnouncement): void;
  announceChannel(channel: ChannelAnnouncement): void;
  announceInventory(inventory: InventoryAnnouncement): void;
}
