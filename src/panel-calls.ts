import { countOf } from "./lib/histogram.ts";
import { compareCodePoints } from "./lib/order.ts";
import type { MetricsState } from "./rollups/metrics.ts";
import { meanMs, rate, wholeMs } from "./rollups/sum.ts";

/** What the requests of one name (a model, a channel, or all) make, for the panel of the original plug-in. */
export interface Calls {
  name: string;
  calls: number;
  failed: number;
  input: number;
  output: number;
  /** Sum of the durations of all: whole ms, and the rests in ns. */
  sumMs: number;
  sumNs: number;
}

/** @returns one for each name, by calls, descending, ties by name */
export function callsBy({ requests }: MetricsState, by: "model" | "channel" | "all"): Calls[] {
  const found = new Map<string, Calls>();
  for (const series of requests.values()) {
    const name = by === "all" ? "" : series[by];
    const into = found.get(name) ?? { name, calls: 0, failed: 0, input: 0, output: 0, sumMs: 0, sumNs: 0 };
    found.set(name, into);
    const count = countOf(series.durations);
    into.calls += count;
    if (series.errorType !== "") into.failed += count;
    into.input += series.inputTokens;
    into.output += series.outputTokens;
    into.sumMs += series.durations.millions;
    into.sumNs += series.durations.rest;
  }
  return [...found.values()].sort((a, b) => b.calls - a.calls || compareCodePoints(a.name, b.name));
}

/** Mean ms of all calls, failed ones too: as the panel has it. */
export function meanOf({ sumMs, sumNs, calls }: Calls): number {
  return meanMs(sumMs, sumNs, calls);
}

export function durationOf({ sumMs, sumNs }: Pick<Calls, "sumMs" | "sumNs">): number {
  return sumMs + wholeMs(sumNs + 500_000);
}

/** Whole per cent; 100 only where all of it is, 0 where nothing is. */
export function percentOf(part: number, whole: number): number {
  if (whole === 0) return 0;
  const percent = Math.round(rate(part, whole) * 100);
  return part === whole || part === 0 ? percent : Math.min(Math.max(percent, 1), 99);
}
