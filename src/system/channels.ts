import type { BreakerState, ChannelStatus } from "../contract/state.ts";
import type { ChannelRow } from "../contract/wire/stats.ts";
import { writeSeconds } from "../contract/wire/time.ts";
import { compareCodePoints } from "../lib/order.ts";
import type { ChannelUse } from "../rollups/channels.ts";
import type { KnownChannel } from "./registry.ts";

/** A channel of the settings of this process. */
export interface ConfiguredChannel {
  id: string;
  name?: string;
  enabled: boolean;
  models?: readonly string[];
}

/** Each channel that ever had a request → whether its 5 newest requests of all time all failed. */
export type Failing = ReadonlyMap<string, boolean>;

export interface ChannelNow {
  id: string;
  name: string;
  status: ChannelStatus;
  /** Absent where it announces none. */
  breaker?: BreakerState;
  /** As announced, else as configured. */
  models: readonly string[];
}

/**
 * Every configured or announced channel, used or not, and every other one seen (contract §4).
 *
 * `status`: as announced, as long as that holds; else `disabled` where this process' settings say so; else by the
 * newest requests.
 */
export function channelsNow(
  configured: readonly ConfiguredChannel[],
  announced: readonly KnownChannel[],
  failing: Failing,
): Map<string, ChannelNow> {
  const settings = new Map(configured.map((channel) => [channel.id, channel]));
  const known = new Map(announced.map((channel) => [channel.id, channel]));
  const now = new Map<string, ChannelNow>();
  for (const id of [...settings.keys(), ...known.keys(), ...failing.keys()]) {
    if (now.has(id)) continue;
    const name = known.get(id)?.name ?? settings.get(id)?.name ?? id;
    const byRequests = failing.get(id) ? "error" : "active";
    const unsaid = settings.get(id)?.enabled === false ? "disabled" : byRequests;
    const { status = unsaid, breaker, models = settings.get(id)?.models ?? [] } = known.get(id) ?? {};
    now.set(id, { id, name, status, breaker, models });
  }
  return now;
}

/** @returns rows by requests, descending, ties by id in code-point order. */
export function channelRows(now: ReadonlyMap<string, ChannelNow>, uses: readonly ChannelUse[]): ChannelRow[] {
  const used = new Map(uses.map((row) => [row.id, row]));
  const ids = new Set([...now.keys(), ...used.keys()]);
  const rows = [...ids].map((id): ChannelRow => {
    const row = used.get(id);
    return {
      id,
      name: now.get(id)?.name ?? id,
      status: now.get(id)?.status ?? "active",
      requests: row?.requests ?? 0,
      errors: row?.errors ?? 0,
      avgLatency: row?.avgLatency ?? 0,
      lastUsed: row === undefined ? null : writeSeconds(row.lastUsedMs),
    };
  });
  return rows.sort((a, b) => b.requests - a.requests || compareCodePoints(a.id, b.id));
}
