/**
 * Attribute names, one row a field: the name that botel writes and reads first, then the names of older conventions and of
 * other dialects (OpenLLMetry, OpenInference, the AI SDK, Langfuse), which are read where it is absent, in this order.
 */
export const ATTRIBUTES = {
  botOperation: ["bot.operation.name"],
  operation: ["gen_ai.operation.name"],

  botId: ["bot.id"],
  platform: ["bot.platform"],
  userId: ["user.id", "langfuse.user.id", "ai.telemetry.metadata.userId", "traceloop.association.properties.user_id"],
  userName: ["user.name"],
  groupId: ["bot.group.id"],
  groupName: ["bot.group.name"],
  responses: ["bot.response.count"],
  /** Seconds, with fractions, from the message to its first response. */
  responseWait: ["bot.response.wait"],

  provider: ["gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "llm.vendor", "ai.model.provider"],
  requestModel: ["gen_ai.request.model", "llm.request.model", "ai.model.id", "embedding.model_name"],
  responseModel: [
    "gen_ai.response.model",
    "llm.response.model",
    "llm.model_name",
    "ai.response.model",
    "langfuse.observation.model.name",
  ],
  channel: ["bot.channel.id"],
  previousChannel: ["bot.channel.previous"],
  inputTokens: [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.usage.prompt_tokens",
    "llm.token_count.prompt",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
  ],
  outputTokens: [
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.usage.completion_tokens",
    "llm.token_count.completion",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
  ],
  cachedTokens: [
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.input_tokens.cached",
    "llm.usage.cache_read_input_tokens",
    "llm.token_count.prompt_details.cache_read",
    "ai.usage.inputTokenDetails.cacheReadTokens",
    "ai.usage.cachedInputTokens",
  ],
  cacheCreationTokens: [
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_input_tokens",
    "gen_ai.usage.input_tokens.cache_write",
    "llm.usage.cache_creation_input_tokens",
    "llm.token_count.prompt_details.cache_write",
    "ai.usage.inputTokenDetails.cacheWriteTokens",
  ],
  reasoningTokens: [
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
    "llm.usage.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
    "ai.usage.outputTokenDetails.reasoningTokens",
    "ai.usage.reasoningTokens",
  ],
  totalTokens: ["gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total", "ai.usage.totalTokens"],
  /** Numbers by name, as JSON text of an object: each counts tokens that no other one counts, but `total`. */
  usageDetails: ["langfuse.observation.usage_details"],
  /** Seconds, with fractions. */
  firstChunkSeconds: ["gen_ai.response.time_to_first_chunk", "gen_ai.client.operation.time_to_first_chunk"],
  firstChunkMs: ["ai.response.msToFirstChunk"],
  /** When the first chunk came: a time in ISO 8601, in quotes. */
  firstChunkAt: ["langfuse.observation.completion_start_time"],

  tool: ["gen_ai.tool.name", "mcp.tool.name", "ai.toolCall.name", "tool.name"],
  /** Names a tool in a span that says of itself that it is a tool's; else a workflow or a task. */
  entity: ["traceloop.entity.name"],
  callId: ["gen_ai.tool.call.id", "ai.toolCall.id", "tool.id"],
  /** From `input.value` on, these hold prompts and replies where the span is no tool call: there they are not read. */
  args: [
    "gen_ai.tool.call.arguments",
    "ai.toolCall.args",
    "input.value",
    "traceloop.entity.input",
    "langfuse.observation.input",
  ],
  result: [
    "gen_ai.tool.call.result",
    "ai.toolCall.result",
    "output.value",
    "traceloop.entity.output",
    "langfuse.observation.output",
  ],
  /** True where the writer itself cut arguments or result. */
  truncated: ["bot.tool.call.truncated"],

  errorType: ["error.type"],
  /** `ERROR` where the call failed. */
  observationLevel: ["langfuse.observation.level"],
  statusText: ["langfuse.observation.status_message"],
  exceptionType: ["exception.type"],
  exceptionMessage: ["exception.message"],
  exceptionStack: ["exception.stacktrace"],
  /** Where senders put an event's name before log records had a field for it. */
  eventName: ["event.name"],

  service: ["service.name"],
  instance: ["service.instance.id"],
  version: ["service.version"],
  /** Of the sender's SDK. */
  language: ["telemetry.sdk.language"],

  connected: ["bot.connected"],
  channelName: ["bot.channel.name"],
  channelAdapter: ["bot.channel.adapter"],
  channelStatus: ["bot.channel.status"],
  channelBreaker: ["bot.channel.breaker"],
  channelModels: ["bot.channel.models"],
  features: ["bot.features"],
  adapters: ["bot.adapters"],
  mcpServers: ["bot.mcp.servers"],
  tools: ["bot.tools"],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type Field = keyof typeof ATTRIBUTES;

/** What a span is (contract §2), as `gen_ai.operation.name` says it. */
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

export type Operation = (typeof OPERATIONS.requests)[number] | typeof OPERATIONS.tool | typeof OPERATIONS.agent;

/**
 * Attributes that say what a span is, each with the values that mean an operation. The first row that knows the span's
 * value decides; a span with no such value is no fact.
 */
export const SAYS_OPERATION: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  "gen_ai.operation.name": {
    chat: "chat",
    text_completion: "text_completion",
    generate_content: "generate_content",
    embeddings: "embeddings",
    execute_tool: "execute_tool",
    invoke_agent: "invoke_agent",
  },
  "mcp.method.name": { "tools/call": "execute_tool" },
  // `ai.generateText` and its like repeat the sums of these.
  "ai.operationId": {
    "ai.generateText.doGenerate": "chat",
    "ai.streamText.doStream": "chat",
    "ai.generateObject.doGenerate": "chat",
    "ai.streamObject.doStream": "chat",
    "ai.embed.doEmbed": "embeddings",
    "ai.embedMany.doEmbed": "embeddings",
    "ai.toolCall": "execute_tool",
  },
  "openinference.span.kind": {
    LLM: "chat",
    EMBEDDING: "embeddings",
    TOOL: "execute_tool",
    AGENT: "invoke_agent",
  },
  "langfuse.observation.type": {
    generation: "chat",
    embedding: "embeddings",
    tool: "execute_tool",
    agent: "invoke_agent",
  },
  "traceloop.span.kind": { tool: "execute_tool", agent: "invoke_agent" },
  "llm.request.type": { chat: "chat", completion: "text_completion", embedding: "embeddings" },
};

/** All that is kept of a span that is no fact, beside its name and times: they say what it did, and are no content. */
export const STEP_ATTRIBUTES: readonly string[] = [
  ...Object.keys(SAYS_OPERATION),
  "gen_ai.agent.name",
  "http.request.method",
  "http.method",
  "http.response.status_code",
  "http.status_code",
  "http.route",
  "rpc.method",
  "db.system.name",
  "db.operation.name",
  "server.address",
  "error.type",
];

/** All that is read of a span and its resource: over OTLP, other attributes are stepped over. */
export const SPAN_ATTRIBUTES: readonly string[] = [
  ...new Set([...Object.values(ATTRIBUTES).flat(), ...Object.keys(SAYS_OPERATION), ...STEP_ATTRIBUTES]),
];

/** Providers as older conventions and other dialects call them, in lower case; one that is not here keeps its name. */
export const PROVIDERS: Readonly<Record<string, string>> = {
  amazon: "aws.bedrock",
  "amazon-bedrock": "aws.bedrock",
  anthropic: "anthropic",
  aws: "aws.bedrock",
  "az.ai.inference": "azure.ai.inference",
  "az.ai.openai": "azure.ai.openai",
  azure: "azure.ai.openai",
  "azure-openai": "azure.ai.openai",
  bedrock: "aws.bedrock",
  cohere: "cohere",
  deepseek: "deepseek",
  gemini: "gcp.gemini",
  google: "gcp.gen_ai",
  "google.generative-ai": "gcp.gemini",
  "google.vertex": "gcp.vertex_ai",
  "google-vertex": "gcp.vertex_ai",
  groq: "groq",
  mistral: "mistral_ai",
  mistralai: "mistral_ai",
  moonshot: "moonshot_ai",
  moonshotai: "moonshot_ai",
  openai: "openai",
  perplexity: "perplexity",
  vertexai: "gcp.vertex_ai",
  vertex_ai: "gcp.vertex_ai",
  watsonx: "ibm.watsonx.ai",
  xai: "x_ai",
};

/** What the AI SDK puts behind a provider's name: the kind of its model. */
export const MODEL_KIND = /\.(?:chat|completion|responses|messages|embedding|textEmbedding|image)$/;

/** A sender that leaves cached or reasoning tokens out of input or output. */
export interface LeavesOut {
  provider: string;
  /** Attributes that it writes, and that it does not. */
  writes: readonly string[];
  omits?: readonly string[];
  /** `telemetry.sdk.language`; absent: any. */
  language?: string;
  part: "cache" | "reasoning";
}

/** Known by their code (contract §2: "A sender whose dialect or provider is known to leave them out"). */
export const LEAVES_OUT: readonly LeavesOut[] = [
  // @traceloop/instrumentation-anthropic 0.27 hands on what Anthropic says; OpenLLMetry's Python package adds the cache.
  { provider: "anthropic", writes: ["gen_ai.usage.total_tokens"], language: "nodejs", part: "cache" },
  // AI SDK 5: @ai-sdk/anthropic 2. From 6 on the input has them, and there are details.
  {
    provider: "anthropic",
    writes: ["ai.usage.cachedInputTokens"],
    omits: ["ai.usage.inputTokenDetails.cacheReadTokens"],
    part: "cache",
  },
  // @arizeai/openinference-instrumentation-bedrock 0.5; OpenInference's package for Anthropic adds the cache.
  { provider: "aws.bedrock", writes: ["llm.token_count.prompt"], language: "nodejs", part: "cache" },
];

/** Names of the state events (contract §9). */
export const STATE_EVENTS = {
  bot: "bot.state",
  channel: "bot.channel.state",
  inventory: "bot.inventory",
} as const;

/** Events that carry prompts or replies: no log lines (contract §2). */
export const CONTENT_EVENT =
  /^gen_ai\.(?:.*\.message|choice|content\.(?:prompt|completion)|client\.inference\.operation\.details)$/;

/** Attributes that carry prompts or replies, of all dialects: never read, never stored (contract §2). */
export const CONTENT_ATTRIBUTE = new RegExp(
  `^(?:${[
    "gen_ai\\.(?:prompt|completion|input\\.messages|output\\.messages|system_instructions|tool\\.definitions)",
    "(?:input|output)\\.value",
    "llm\\.(?:prompts|completions|input_messages|output_messages|prompt_template)",
    "(?:embedding\\.(?:text|embeddings)|retrieval\\.documents|reranker\\.(?:query|(?:input|output)_documents)|message\\.contents?)",
    "traceloop\\.(?:entity\\.(?:input|output)|prompt)",
    "ai\\.(?:prompt|values?|response\\.(?:text|object|reasoning|toolCalls|files)|result\\.(?:text|object|toolCalls)|embeddings?|documents|ranking)",
    "langfuse\\.(?:observation|trace)\\.(?:input|output)",
  ].join("|")})(?:\\.|$)`,
);

/** `error.type` of a failed call that names none. */
export const OTHER_ERROR = "_OTHER";
/** `error.type` of a call that was open for longer than `unfinishedAfter`. */
export const UNFINISHED = "unfinished";
/** Model or channel that nobody named. */
export const UNKNOWN = "unknown";
