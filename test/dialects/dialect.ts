/** An instrumentation that a bot may use instead of botel's own, and what it does not say. */
export interface Dialect {
  name: string;
  /** Its script, from this folder. */
  script: string;
  /** Spans that the package never ends, so that nobody can count them. */
  neverEnds?: readonly CallName[];
  /** Calls that it ends without any tokens. */
  withoutUsage?: readonly CallName[];
  /** Parts of the tokens that it gives. */
  parts: readonly ("cache_read" | "reasoning")[];
  /** It says when the first chunk of the stream came. */
  firstChunk: boolean;
  /** Calls that it takes for a chat. */
  asChat?: readonly CallName[];
  /** What it calls the provider, in the conventions' words; absent: openai. */
  channel?: string;
  /** Its own words about the failure, where it has some. */
  errorType?: string;
  error?: RegExp;
  /** Its tool call with arguments and result; absent: it has no tools. */
  tool?: { args: unknown; result: unknown };
  /** Whose calls they are, where it has a way to say it. */
  user?: string;
}

/** What the scripts do; a chat may be more than one call. */
export type CallName = "chat" | "stream" | "failure" | "embeddings";

const DICE = { args: { count: 2, sides: 6 }, result: { dice: "2d6", total: 7 } };
const SAID = /The server had an error while processing your request/;

export const DIALECTS: readonly Dialect[] = [
  {
    name: "@opentelemetry/instrumentation-openai 0.22, SDK 3.x, protobuf",
    script: "sdk-3/opentelemetry.mjs",
    parts: [],
    firstChunk: false,
    errorType: "InternalServerError",
    error: SAID,
  },
  {
    // With openai 6 it never ends the span of a call that fails, has no usage of a stream, and knows no embeddings.
    name: "@traceloop/instrumentation-openai 0.27",
    script: "sdk-2/openllmetry.mjs",
    neverEnds: ["failure", "embeddings"],
    withoutUsage: ["stream"],
    parts: [],
    firstChunk: false,
  },
  {
    // With openai 6 it never ends the span of a call that fails, and has no usage of a stream nor of embeddings.
    name: "@arizeai/openinference-instrumentation-openai 4.2",
    script: "sdk-2/openinference.mjs",
    neverEnds: ["failure"],
    withoutUsage: ["stream", "embeddings"],
    parts: ["cache_read", "reasoning"],
    firstChunk: false,
    tool: DICE,
  },
  {
    name: "ai 6",
    script: "sdk-2/ai-6.mjs",
    parts: ["cache_read", "reasoning"],
    firstChunk: true,
    errorType: "AI_APICallError",
    error: SAID,
    tool: DICE,
    user: "u-1",
  },
  {
    // Its conventional spans have no word for reasoning.
    name: "ai 7",
    script: "sdk-2/ai-7.mjs",
    parts: ["cache_read"],
    firstChunk: true,
    errorType: "AI_APICallError",
    error: SAID,
    tool: DICE,
  },
  {
    name: "ai 7 with the spans of ai 6",
    script: "sdk-2/ai-7-legacy.mjs",
    parts: ["cache_read", "reasoning"],
    firstChunk: true,
    errorType: "AI_APICallError",
    error: SAID,
    tool: DICE,
  },
  {
    // Its client says no provider, takes embeddings for one more generation, and has no usage of them.
    name: "@langfuse/otel 5 with @langfuse/openai",
    script: "sdk-2/langfuse.mjs",
    withoutUsage: ["embeddings"],
    asChat: ["embeddings"],
    channel: "unknown",
    parts: ["cache_read", "reasoning"],
    firstChunk: true,
    errorType: "_OTHER",
    error: SAID,
    tool: DICE,
    user: "u-1",
  },
];
