/**
 * Attribute names, one row a field: the name that botel writes and reads first, then the older names that are read where
 * it is absent, in this order. Another dialect is more names in these rows.
 */
export const ATTRIBUTES = {
  botOperation: ["bot.operation.name"],
  operation: ["gen_ai.operation.name"],
  mcpMethod: ["mcp.method.name"],

  botId: ["bot.id"],
  platform: ["bot.platform"],
  userId: ["user.id"],
  userName: ["user.name"],
  groupId: ["bot.group.id"],
  groupName: ["bot.group.name"],
  responses: ["bot.response.count"],

  provider: ["gen_ai.provider.name", "gen_ai.system"],
  requestModel: ["gen_ai.request.model"],
  responseModel: ["gen_ai.response.model"],
  channel: ["bot.channel.id"],
  inputTokens: ["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"],
  outputTokens: ["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"],
  cachedTokens: [
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.input_tokens.cached",
  ],
  cacheCreationTokens: [
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_input_tokens",
    "gen_ai.usage.input_tokens.cache_write",
  ],
  reasoningTokens: [
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
  ],
  /** Seconds, with fractions. */
  firstChunkSeconds: ["gen_ai.response.time_to_first_chunk"],

  tool: ["gen_ai.tool.name", "mcp.tool.name"],
  callId: ["gen_ai.tool.call.id"],
  args: ["gen_ai.tool.call.arguments"],
  result: ["gen_ai.tool.call.result"],
  /** True where the writer itself cut arguments or result. */
  truncated: ["bot.tool.call.truncated"],

  errorType: ["error.type"],
  exceptionType: ["exception.type"],
  exceptionMessage: ["exception.message"],
  exceptionStack: ["exception.stacktrace"],
  /** Where senders put an event's name before log records had a field for it. */
  eventName: ["event.name"],

  service: ["service.name"],
  instance: ["service.instance.id"],
  version: ["service.version"],

  connected: ["bot.connected"],
  channelName: ["bot.channel.name"],
  channelAdapter: ["bot.channel.adapter"],
  channelStatus: ["bot.channel.status"],
  channelModels: ["bot.channel.models"],
  features: ["bot.features"],
  adapters: ["bot.adapters"],
  mcpServers: ["bot.mcp.servers"],
  tools: ["bot.tools"],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type Field = keyof typeof ATTRIBUTES;

/** All that is read of a span: over OTLP, its other attributes are stepped over. */
export const SPAN_ATTRIBUTES: readonly string[] = Object.values(ATTRIBUTES).flat();

/** Values of `gen_ai.operation.name` and its kin that say what a span is (contract §2). */
export const OPERATIONS = {
  /** of `bot.operation.name` */
  message: "message",
  requests: ["chat", "text_completion", "generate_content", "embeddings"],
  tool: "execute_tool",
  /** Ends a nesting. */
  agent: "invoke_agent",
  /** of `mcp.method.name` */
  mcpToolCall: "tools/call",
} as const;

/** Names of the state events (contract §9). */
export const STATE_EVENTS = {
  bot: "bot.state",
  channel: "bot.channel.state",
  inventory: "bot.inventory",
} as const;

/** Events that carry prompts or replies: no log lines (contract §2). */
export const CONTENT_EVENT = /^gen_ai\.(?:.*\.message|choice|client\.inference\.operation\.details)$/;

/** Attributes that carry prompts or replies: never read, never stored (contract §2). */
export const CONTENT_ATTRIBUTE =
  /^(?:gen_ai\.(?:prompt|completion|input\.messages|output\.messages|system_instructions)|llm\.(?:prompts|completions|input_messages|output_messages))(?:\.|$)/;

/** `error.type` of a failed call that names none. */
export const OTHER_ERROR = "_OTHER";
/** `error.type` of a call that was open for longer than `unfinishedAfter`. */
export const UNFINISHED = "unfinished";
/** Model or channel that nobody named. */
export const UNKNOWN = "unknown";
