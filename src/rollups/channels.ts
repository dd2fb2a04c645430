import type { Fold } from "../contract/fold.ts";
import { compareCodePoints } from "../lib/order.ts";
import { meanMs, restNs, wholeMs } from "./sum.ts";
import { increase, raise, tableFold } from "./table.ts";
import type { Table } from "./table.ts";

/** By channel; latencies are of the requests that succeeded. */
export type ChannelsState = Table<"requests" | "errors" | "latencyMs" | "latencyNs" | "lastMs">;

export const channelsFold = tableFold({
  name: "channels",
  version: 1,
  needs: 0,
  wholeOnly: false,
  columns: { requests: "sum", errors: "sum", latencyMs: "sum", latencyNs: "sum", lastMs: "max" },
  rowOf: (fact) => (fact.kind === "request" ? fact.channel : undefined),
  add(channels, row, fact) {
    if (fact.kind !== "request") return;
    increase(channels.requests, row, 1);
    raise(channels.lastMs, row, fact.timeMs);
    if (fact.failed) {
      increase(channels.errors, row, 1);
      return;
    }
    increase(channels.latencyMs, row, wholeMs(fact.durationNs));
    increase(channels.latencyNs, row, restNs(fact.durationNs));
  },
});

export interface ChannelUse {
  id: string;
  requests: number;
  errors: number;
  /** Mean ms of the requests that succeeded; 0 where none did. */
  avgLatency: number;
  /** Epoch ms of the newest request. */
  lastUsedMs: number;
}

/** @returns every channel that has a request, by requests, descending, ties by id. */
export function readChannels(state: ChannelsState): ChannelUse[] {
  const rows = state.names.map((id, row) => {
    const [requests, errors] = [state.requests[row] as number, state.errors[row] as number];
    const avgLatency = meanMs(state.latencyMs[row] as number, state.latencyNs[row] as number, requests - errors);
    return { id, requests, errors, avgLatency, lastUsedMs: state.lastMs[row] as number };
  });
  return rows.sort((a, b) => b.requests - a.requests || compareCodePoints(a.id, b.id));
}

/** How many requests of a channel its status looks at (contract §4). */
export const NEWEST = 5;

export interface NewestRequest {
  timeMs: number;
  timeNs: number;
  key: string;
  failed: boolean;
}

/** By channel its newest requests, newest first, {@link NEWEST} at the most; equal times by key. */
export type NewestState = Map<string, NewestRequest[]>;

type Encoded = { channels: string[]; newest: [timeMs: number, timeNs: number, key: string, failed: boolean][][] };

/** The newest requests of each channel of all time, failed or not: read it over all days. */
export const newestFold: Fold<NewestState> = {
  name: "newest",
  version: 1,
  needs: 0,
  wholeOnly: true,
  zero: () => new Map(),
  add(state, fact) {
    if (fact.kind === "request") insert(listOf(state, fact.channel), fact);
  },
  merge(state, other) {
    for (const [channel, requests] of other) {
      const list = listOf(state, channel);
      for (const request of requests) insert(list, request);
    }
  },
  encode(state) {
    if (state.size === 0) return undefined;
    const channels = [...state.keys()].sort();
    const encoded: Encoded = {
      channels,
      newest: channels.map((channel) =>
        (state.get(channel) ?? []).map(({ timeMs, timeNs, key, failed }) => [timeMs, timeNs, key, failed]),
      ),
    };
    return encoded;
  },
  decode(json) {
    const { channels, newest } = json as Encoded;
    const lists = newest.map((list) => list.map(([timeMs, timeNs, key, failed]) => ({ timeMs, timeNs, key, failed })));
    return new Map(channels.map((channel, i) => [channel, lists[i] ?? []]));
  },
  size: (state) => state.size * NEWEST,
};

/**
 * Whether a channel's newest requests, as many as its status looks at, all failed.
 *
 * @returns false where it has fewer than {@link NEWEST} requests
 */
export function isFailing(state: NewestState, channel: string): boolean {
  const requests = state.get(channel) ?? [];
  return requests.length === NEWEST && requests.every((request) => request.failed);
}

function listOf(state: NewestState, channel: string): NewestRequest[] {
  let list = state.get(channel);
  if (list === undefined) state.set(channel, (list = []));
  return list;
}

function insert(list: NewestRequest[], { timeMs, timeNs, key, failed }: NewestRequest): void {
  const older = list.findIndex((other) => isNewer({ timeMs, timeNs, key }, other));
  const place = older === -1 ? list.length : older;
  if (place === NEWEST) return;
  list.splice(place, 0, { timeMs, timeNs, key, failed });
  if (list.length > NEWEST) list.pop();
}

function isNewer(a: Omit<NewestRequest, "failed">, b: NewestRequest): boolean {
  if (a.timeMs !== b.timeMs) return a.timeMs > b.timeMs;
  if (a.timeNs !== b.timeNs) return a.timeNs > b.timeNs;
  return a.key > b.key;
}
