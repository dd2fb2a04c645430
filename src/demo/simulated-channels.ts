/** A channel to the simulated provider: what the bot is told, and how the provider behaves on it. */
export interface SimulatedChannel {
  id: string;
  name: string;
  /** `gen_ai.provider.name`. */
  provider: string;
  /** The protocol; absent: `openai`. */
  adapter?: "openai" | "claude" | "gemini";
  /** Of its base URL, on the one simulated server. */
  path: string;
  apiKey: string;
  /** The first one is asked unless a chat chose another. */
  models: readonly [SimulatedModel, ...SimulatedModel[]];
  /** The channel fails for `lasts` ms, every `every` ms, for the first time after `after` ms. */
  outage?: { after: number; every: number; lasts: number };
}

export interface SimulatedModel {
  name: string;
  /** Median ms to the first chunk. */
  firstChunk: number;
  /** Median ms from one chunk to the next. */
  nextChunk: number;
  /** Thinks before it answers, and counts that as reasoning tokens. */
  reasons?: boolean;
  /** Tells the usage so far in every chunk, as some providers do, instead of once at the end. */
  cumulativeUsage?: boolean;
}

export const CHANNELS: readonly SimulatedChannel[] = [
  {
    id: "openai-main",
    name: "OpenAI 主渠道",
    provider: "openai",
    path: "/openai/v1",
    apiKey: "demo-openai",
    models: [{ name: "gpt-4o", firstChunk: 520, nextChunk: 22 }],
    outage: { after: 90_000, every: 240_000, lasts: 60_000 },
  },
  {
    id: "deepseek-backup",
    name: "DeepSeek 备用",
    provider: "deepseek",
    path: "/deepseek/v1",
    apiKey: "demo-deepseek",
    models: [
      { name: "deepseek-chat", firstChunk: 780, nextChunk: 30 },
      { name: "deepseek-reasoner", firstChunk: 2400, nextChunk: 34, reasons: true },
    ],
  },
  {
    id: "local-qwen",
    name: "Qwen on the shelf",
    provider: "qwen",
    path: "/qwen/v1",
    apiKey: "demo-qwen",
    models: [{ name: "qwen2.5-7b-instruct", firstChunk: 310, nextChunk: 45, cumulativeUsage: true }],
  },
];

/** Of the other protocols. */
export const OTHER_CHANNELS: readonly SimulatedChannel[] = [
  {
    id: "claude-main",
    name: "Claude",
    provider: "anthropic",
    adapter: "claude",
    path: "/anthropic/v1",
    apiKey: "demo-anthropic",
    models: [{ name: "claude-sonnet-4-5", firstChunk: 900, nextChunk: 26 }],
  },
  {
    id: "gemini-main",
    name: "Gemini",
    provider: "gcp.gemini",
    adapter: "gemini",
    path: "/google/v1beta",
    apiKey: "demo-google",
    models: [{ name: "gemini-2.5-flash", firstChunk: 430, nextChunk: 18, reasons: true }],
  },
];

/** All that the demo's bot has. */
export const DEMO_CHANNELS: readonly SimulatedChannel[] = [...CHANNELS, ...OTHER_CHANNELS];

/** Spread of latencies: of the logarithm. */
export const LATENCY_SIGMA = 0.45;
/** No simulated wait is longer, in ms. */
export const LATENCY_MAX = 12_000;
