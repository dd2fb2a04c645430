import type { Histogram } from "../lib/histogram.ts";
import { countOf } from "../lib/histogram.ts";
import type { MetricsState } from "../rollups/metrics.ts";
import type { RequestSeries } from "../rollups/request-series.ts";
import type { MetricId } from "./declarations.ts";
import { requestLabels, type RawLabels } from "./fact-labels.ts";
import { UNKNOWN } from "./labels.ts";
import type { Place, Places } from "./places.ts";
import type { Points } from "./points.ts";

/** Adds the points of the stored facts. */
export interface FactPoints {
  /** Sums here and the totals of the JSON answers are of one and the same fold (contract §8). */
  add(points: Points, state: MetricsState): void;
}

/** What a metric shows of one key of the fold. */
interface Shown<Series> {
  metric: MetricId;
  labels: (series: Series) => RawLabels;
  /** undefined: nothing of this key. */
  value: (series: Series) => number | Histogram | undefined;
}

type SeriesOf<Key extends keyof MetricsState> = MetricsState[Key] extends Map<string, infer Series> ? Series : never;

const outcome = (series: RequestSeries): RawLabels => [...requestLabels(series), series.errorType || undefined];
const callLabels = (series: RequestSeries): RawLabels => requestLabels(series).slice(1);
const filled = (histogram: Histogram): Histogram | undefined => (countOf(histogram) > 0 ? histogram : undefined);
const positive = (count: number): number | undefined => (count > 0 ? count : undefined);

const REQUESTS: readonly Shown<RequestSeries>[] = [
  { metric: "operationDuration", labels: outcome, value: (s) => s.durations },
  { metric: "requests", labels: outcome, value: (s) => countOf(s.durations) },
  { metric: "firstChunk", labels: requestLabels, value: (s) => filled(s.firstChunks) },
  { metric: "tokenUsage", labels: (s) => [...requestLabels(s), "input"], value: (s) => filled(s.inputs) },
  { metric: "tokenUsage", labels: (s) => [...requestLabels(s), "output"], value: (s) => filled(s.outputs) },
  { metric: "tokens", labels: callAnd("input"), value: (s) => s.inputTokens },
  { metric: "tokens", labels: callAnd("output"), value: (s) => s.outputTokens },
  { metric: "tokenParts", labels: callAnd("cache_read"), value: (s) => positive(s.cachedTokens) },
  { metric: "tokenParts", labels: callAnd("cache_creation"), value: (s) => positive(s.cacheCreationTokens) },
  { metric: "tokenParts", labels: callAnd("reasoning"), value: (s) => positive(s.reasoningTokens) },
  { metric: "usageMissing", labels: callLabels, value: (s) => positive(s.usageMissing) },
];

const toolLabels = ({ tool, errorType }: SeriesOf<"tools">): RawLabels => [tool, errorType || undefined];
const TOOLS: readonly Shown<SeriesOf<"tools">>[] = [
  { metric: "toolDuration", labels: toolLabels, value: (s) => s.durations },
  { metric: "toolCalls", labels: toolLabels, value: (s) => countOf(s.durations) },
];

const platformLabels = ({ platform }: SeriesOf<"messages">): RawLabels => [platform || UNKNOWN];
const MESSAGES: readonly Shown<SeriesOf<"messages">>[] = [
  { metric: "messages", labels: platformLabels, value: (s) => s.messages },
  { metric: "responses", labels: platformLabels, value: (s) => s.responses },
  { metric: "responseWait", labels: platformLabels, value: (s) => filled(s.waits) },
];

const FAILOVERS: readonly Shown<SeriesOf<"failovers">>[] = [
  { metric: "failovers", labels: ({ from, to }) => [from, to], value: (s) => s.count },
];

const ERRORS: readonly Shown<SeriesOf<"errors">>[] = [
  {
    metric: "errors",
    labels: ({ source, errorType, channel }) => [source, errorType || undefined, channel || undefined],
    value: (s) => s.count,
  },
];

/** It remembers where the values of each key are shown: to find that out is most of a scrape's work. */
export function createFactPoints(places: Pick<Places, "of">): FactPoints {
  /** Of the series of one state; a Map, since to look 20,000 up in a WeakMap takes 30 ms. */
  const known = new Map<object, (Place | undefined)[]>();
  let of: MetricsState | undefined;

  function addEach<Series extends { firstMs: number }>(
    points: Points,
    map: Map<string, Series>,
    shown: readonly Shown<Series>[],
  ): void {
    const fresh: [string, Series][] = [];
    for (const entry of map) {
      const own = known.get(entry[1]);
      if (own === undefined) fresh.push(entry);
      else addOne(points, entry[1], own, shown);
    }
    // In the order of their first facts, equal ones by key: a restart, to which all are new, names the same ones.
    fresh.sort(([a, x], [b, y]) => x.firstMs - y.firstMs || (a < b ? -1 : 1));
    for (const [, series] of fresh) {
      const own: (Place | undefined)[] = [];
      known.set(series, own);
      addOne(points, series, own, shown);
    }
  }

  function addOne<Series>(
    points: Points,
    series: Series,
    own: (Place | undefined)[],
    shown: readonly Shown<Series>[],
  ): void {
    for (let at = 0; at < shown.length; at += 1) {
      const { metric, labels, value } = shown[at] as Shown<Series>;
      const now = value(series);
      if (now !== undefined) points.put((own[at] ??= places.of(metric, labels(series))), now);
    }
  }

  return {
    add(points, state) {
      if (state !== of) known.clear();
      of = state;
      addEach(points, state.requests, REQUESTS);
      addEach(points, state.failovers, FAILOVERS);
      addEach(points, state.tools, TOOLS);
      addEach(points, state.messages, MESSAGES);
      addEach(points, state.errors, ERRORS);
    },
  };
}

function callAnd(type: string): (series: RequestSeries) => RawLabels {
  return (series) => [...callLabels(series), type];
}

/** @returns epoch ms of the earliest fact; undefined where there is none. */
export function firstFactMs(state: MetricsState): number | undefined {
  // A failover is a request.
  const maps = [state.requests, state.tools, state.messages, state.errors];
  let first = Infinity;
  for (const map of maps) for (const { firstMs } of map.values()) first = Math.min(first, firstMs);
  return first === Infinity ? undefined : first;
}
