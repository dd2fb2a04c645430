import type { CheckStatus, HealthData } from "../contract/wire/system.ts";
import type { ChannelNow } from "./channels.ts";
import type { KnownBot } from "./registry.ts";

/** The bot's thread counts as hung when its last beat is older than this, in ms. */
export const BEAT_LIMIT_MS = 5000;
/** A real write and read of the store, this often at the most, in ms. */
const PROBE_EVERY_MS = 5000;
/** A store that has not answered for this long is broken, in ms. */
const PROBE_LIMIT_MS = 10_000;

/** The store's latency, of a real write and read that its own thread makes and answers. Times only ever grow. */
export interface DatabaseCheck {
  /** Asks where it is time to. */
  tick(nowMs: number): void;
  /** @param ms undefined: the write or the read failed */
  answered(ms: number | undefined): void;
  /** The store was started again: what it was asked before is not answered any more. */
  restarted(): void;
  /** @param why what of a cluster is away; undefined: nothing */
  away(why: string | undefined): void;
  read(nowMs: number): HealthData["checks"]["database"];
  /** ms, not rounded; undefined before the first answer. */
  latencyMs(): number | undefined;
}

export function createDatabaseCheck(ask: () => void): DatabaseCheck {
  let askedMs: number | undefined;
  let nextMs = -Infinity;
  let latencyMs: number | undefined;
  let failed = false;
  let why: string | undefined;
  return {
    tick(nowMs) {
      if (askedMs !== undefined || nowMs < nextMs) return;
      [askedMs, nextMs] = [nowMs, nowMs + PROBE_EVERY_MS];
      ask();
    },
    answered(ms) {
      askedMs = undefined;
      failed = ms === undefined;
      latencyMs = ms ?? latencyMs;
    },
    restarted() {
      askedMs = undefined;
    },
    away: (reason) => void (why = reason),
    read(nowMs) {
      const late = askedMs !== undefined && nowMs - askedMs > PROBE_LIMIT_MS;
      const status = failed || late || why !== undefined ? "error" : "ok";
      return { status, latency: Math.round(latencyMs ?? 0), ...(why !== undefined && { why }) };
    },
    latencyMs: () => latencyMs,
  };
}

/**
 * @param beatAgeMs since the last beat of the bot's thread; undefined: botel is a process of its own, which has none
 */
export function botCheck(bots: readonly KnownBot[], beatAgeMs: number | undefined): CheckStatus {
  if (beatAgeMs !== undefined && beatAgeMs > BEAT_LIMIT_MS) return "error";
  if (bots.length === 0) return "disabled";
  const announced = bots.filter((bot) => bot.announced);
  return announced.length > 0 && announced.every((bot) => !bot.connected) ? "error" : "ok";
}

export function channelsCheck(channels: Iterable<ChannelNow>): HealthData["checks"]["channels"] {
  const all = [...channels];
  const available = all.filter(({ status }) => status === "active").length;
  if (all.length === 0) return { status: "disabled", available };
  return { status: available >= 1 ? "ok" : "error", available };
}
