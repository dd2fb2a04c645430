import type { Random } from "./random.ts";
import type { SimulatedChannel } from "./simulated-channels.ts";

/** What goes wrong with one call. */
export type Fault =
  /** Refused with an HTTP status. `retryAfter`: seconds. */
  | { kind: "status"; status: number; retryAfter?: number }
  /** The stream dies after so many chunks: with the connection, or by just ending. */
  | { kind: "dies"; chunks: number; politely: boolean }
  /** Nothing is ever answered. */
  | { kind: "hangs" };

/** @returns undefined where all goes well. @param at epoch ms */
export type Faults = (channel: SimulatedChannel, at: number) => Fault | undefined;

/** Odds of a call outside an outage. */
const ODDS = { tooMany: 0.02, broken: 0.01, dies: 0.008 };

/** @param startedAt epoch ms that the outages are counted from */
export function createFaults(startedAt: number, random: Random): Faults {
  const ofChannel = new Map<string, Random>();
  return (channel, at) => {
    const own = ofChannel.get(channel.id) ?? random.fork(channel.id);
    ofChannel.set(channel.id, own);
    const luck = own.next();
    if (isOut(channel, at - startedAt)) return { kind: "status", status: 503 };
    if (luck < ODDS.tooMany) return { kind: "status", status: 429, retryAfter: own.whole(1, 4) };
    if (luck < ODDS.tooMany + ODDS.broken) return { kind: "status", status: 500 };
    if (luck < ODDS.tooMany + ODDS.broken + ODDS.dies) {
      return { kind: "dies", chunks: own.whole(1, 12), politely: own.chance(0.5) };
    }
    return undefined;
  };
}

/** @param elapsed ms since the start */
export function isOut({ outage }: SimulatedChannel, elapsed: number): boolean {
  return outage !== undefined && elapsed >= outage.after && (elapsed - outage.after) % outage.every < outage.lasts;
}

export const STATUS_TEXT: Record<number, string> = {
  401: "Incorrect API key provided",
  404: "There is no such model",
  429: "API rate limit exceeded",
  500: "The server had an error while processing your request",
  503: "The engine is currently overloaded, please try again later",
};
