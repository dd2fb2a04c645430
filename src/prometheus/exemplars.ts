import { DURATION_BOUNDS_NS } from "../contract/buckets.ts";
import type { Change, StoredFact } from "../contract/fact.ts";
import { NEW } from "../contract/fact.ts";
import { bucketOf } from "../lib/histogram.ts";
import type { MetricId } from "./declarations.ts";
import { errorLabel, type RawLabels, requestLabels } from "./fact-labels.ts";
import { UNKNOWN } from "./labels.ts";
import type { Points } from "./points.ts";

/** One fact of a bucket: it leads from a number to the trace of a turn. */
export interface Exemplar {
  traceId: string;
  /** Epoch ms. */
  timeMs: number;
  valueNs: number;
}

/** By bucket; a bucket without one is a hole. */
export type Exemplars = readonly (Exemplar | undefined)[];

/** The newest fact of each bucket of the duration histograms, since the start: a help for the eye, no number. */
export interface ExemplarStore {
  /** What a commit changed. */
  see(changes: readonly Change[]): void;
  /** Gives them to the histograms that they are of. */
  illustrate(points: Pick<Points, "illustrate">): void;
}

interface Illustrated {
  labels: RawLabels;
  buckets: (Exemplar | undefined)[];
}

/** Series that are remembered of each metric; past it the one that was new first is forgotten. */
const SERIES = 300;

export function createExemplars(): ExemplarStore {
  const metrics = new Map<MetricId, Map<string, Illustrated>>();

  function put(metric: MetricId, labels: RawLabels, { traceId, timeMs }: StoredFact, valueNs: number): void {
    if (traceId === undefined) return;
    let series = metrics.get(metric);
    if (series === undefined) metrics.set(metric, (series = new Map()));
    const key = keyOf(labels);
    let known = series.get(key);
    if (known === undefined) {
      series.set(key, (known = { labels, buckets: [] }));
      if (series.size > SERIES) series.delete(series.keys().next().value as string);
    }
    const { buckets } = known;
    const bucket = bucketOf(DURATION_BOUNDS_NS, valueNs);
    if ((buckets[bucket]?.timeMs ?? 0) <= timeMs) buckets[bucket] = { traceId, timeMs, valueNs };
  }

  function see(fact: StoredFact): void {
    if (fact.kind === "request") {
      const labels = requestLabels(fact);
      put("operationDuration", [...labels, errorLabel(fact)], fact, fact.durationNs);
      if (fact.firstChunkNs !== undefined) put("firstChunk", labels, fact, fact.firstChunkNs);
    } else if (fact.kind === "tool") {
      put("toolDuration", [fact.tool, errorLabel(fact)], fact, fact.durationNs);
    } else if (fact.kind === "message" && fact.responseWaitNs !== undefined) {
      put("responseWait", [fact.platform || UNKNOWN], fact, fact.responseWaitNs);
    }
  }

  return {
    see(changes) {
      for (const { fact, before } of changes) if (before === NEW && fact.counted) see(fact);
    },
    illustrate(points) {
      for (const [metric, series] of metrics) {
        for (const { labels, buckets } of series.values()) points.illustrate(metric, labels, buckets);
      }
    },
  };
}

/** @returns the newer one of each bucket. */
export function newestOf(a: Exemplars | undefined, b: Exemplars | undefined): Exemplars | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Array.from({ length: Math.max(a.length, b.length) }, (_, bucket) => {
    const [one, other] = [a[bucket], b[bucket]];
    return (one?.timeMs ?? 0) >= (other?.timeMs ?? 0) ? one : other;
  });
}

function keyOf(labels: RawLabels): string {
  let key = "";
  for (const label of labels) key += label === undefined ? "-" : `${label.length} ${label}`;
  return key;
}
