/** How long the reference bot waits, and how often it tries; all in ms but where a name says otherwise. */
export interface Pace {
  /** For the WebSocket to open, and for the answer to an action. */
  actionTimeout: number;
  /** Before the first try to connect again; doubles up to `reconnectMax`. */
  reconnectMin: number;
  reconnectMax: number;
  /** Without a frame for this long the socket is dead; after half of it the other side is pinged. */
  silence: number;
  /** To the first chunk of a model's answer. */
  firstChunk: number;
  /** Between two chunks. */
  nextChunk: number;
  /** For one attempt in all. */
  attempt: number;
  /** Attempts at one channel before the next one is asked. */
  attempts: number;
  /** Before the second attempt, unless the provider asks for a longer wait. */
  retryDelay: number;
  /** A provider that asks for more than this is left for the next channel. */
  retryAfterMax: number;
  /** Failures in a row that open a channel's breaker. */
  breakerFailures: number;
  /** A channel with an open breaker is tried again after this. */
  breakerOpen: number;
  /** For one call of a tool of an MCP server. */
  toolTimeout: number;
  /** Rounds of tool calls in one turn. */
  toolRounds: number;
  /** Turns under way at once; more are not answered, with a warning. */
  turns: number;
  /** That `stop()` gives turns under way; then their requests are ended. */
  grace: number;
}

export const DEFAULT_PACE: Readonly<Pace> = {
  actionTimeout: 10_000,
  reconnectMin: 500,
  reconnectMax: 30_000,
  silence: 40_000,
  firstChunk: 30_000,
  nextChunk: 20_000,
  attempt: 120_000,
  attempts: 2,
  retryDelay: 400,
  retryAfterMax: 2000,
  breakerFailures: 4,
  breakerOpen: 20_000,
  toolTimeout: 60_000,
  toolRounds: 4,
  turns: 32,
  grace: 1000,
};
