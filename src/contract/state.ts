/**
 * State events (contract §9): what is no fact but a state. Sent on change and every 30 s.
 */
export type StateEvent = BotState | ChannelState | Inventory;

interface StateBase {
  /** Epoch ms of the record. */
  timeMs: number;
  /** `service.name`, with `service.instance.id` what tells two senders apart. */
  service?: string;
  instance?: string;
  /** `service.version`. */
  version?: string;
}

export interface BotState extends StateBase {
  event: "bot.state";
  botId: string;
  platform?: string;
  connected: boolean;
}

/** Of a channel's circuit breaker: `open` asks nobody, `half_open` tries one request. */
export type BreakerState = "closed" | "half_open" | "open";

export type ChannelStatus = "active" | "error" | "disabled";

export interface ChannelState extends StateBase {
  event: "bot.channel.state";
  channelId: string;
  name?: string;
  adapter?: string;
  status: ChannelStatus;
  /** Absent where the sender has none, or does not say. */
  breaker?: BreakerState;
  models: string[];
  errorType?: string;
}

export interface Inventory extends StateBase {
  event: "bot.inventory";
  botId?: string;
  features: string[];
  adapters: string[];
  mcpServers: number;
  tools: number;
}

/** A sender of state that was silent for this long is not connected, in ms. */
export const SILENCE_MS = 90_000;
/** State is sent again after this long, in ms. */
export const REPEAT_MS = 30_000;

/** Deliveries of one sender are not late by more than this, in ms: what seems to be is of a clock that was set back. */
const LATE_MS = 10 * 60_000;

/** @returns whether what a sender said at one time is overtaken by what it said at another (its own clock, epoch ms) */
export function isOvertaken(timeMs: number, byMs: number): boolean {
  return timeMs < byMs && byMs - timeMs < LATE_MS;
}
