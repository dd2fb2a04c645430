import type { ReceiverCounts } from "../ingest/receiver.ts";
import type { Beat, StoreHealth } from "../contract/thread.ts";
import type { HealthData } from "../contract/wire/system.ts";

/**
 * What botel counts of its own work, since its start: an extra of `/api/system/health`, the same numbers as on `/metrics`.
 *
 * @param store undefined before it was first heard; `otlp`: undefined where nothing comes by it
 */
export function intakeCounts(
  store: StoreHealth | undefined,
  beat: Beat | undefined,
  otlp: ReceiverCounts | undefined,
): HealthData["facts"] {
  const { taken = {}, duplicates = 0, excluded = 0, late = 0, joined = 0, unjoined = 0 } = store ?? {};
  return {
    taken: total(taken),
    refused: added([store?.refused, beat?.refused, otlp?.refused]),
    duplicates,
    excluded,
    late,
    joined,
    unjoined,
    unfinished: beat?.unfinished ?? 0,
    dropped: total(beat?.dropped ?? {}),
    queued: beat?.queued ?? 0,
    otlp: { waiting: otlp?.waiting ?? 0, waitingBytes: otlp?.waitingBytes ?? 0, answers: { ...otlp?.requests } },
  };
}

type Counts = Readonly<Record<string, number>>;

function total(counts: Counts): number {
  return Object.values(counts).reduce((all, n) => all + n, 0);
}

function added(parts: readonly (Counts | undefined)[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const part of parts) {
    for (const [name, n] of Object.entries(part ?? {})) sums[name] = (sums[name] ?? 0) + n;
  }
  return sums;
}
