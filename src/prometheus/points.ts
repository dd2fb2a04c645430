import type { Histogram } from "../lib/histogram.ts";
import { mergeHistogram } from "../lib/histogram.ts";
import type { Declaration, MetricId } from "./declarations.ts";
import { METRICS } from "./declarations.ts";
import { type Exemplars, newestOf } from "./exemplars.ts";
import type { RawLabels } from "./fact-labels.ts";
import type { Place, Places } from "./places.ts";

/** A value of one series. */
export interface Point extends Pick<Place, "labels"> {
  value: number | Histogram;
  /** Of a histogram, by bucket. */
  exemplars?: Exemplars;
}

/**
 * Collects the points of one scrape. Points of one place become one: counters and histograms are summed, of gauges the
 * worst counts (of `other` channels one that is down shows).
 */
export interface Points {
  put(place: Place, value: number | Histogram): void;
  /** @param labels as the facts have them, in the order of the declaration */
  add(metric: MetricId, labels: RawLabels, value: number | Histogram): void;
  /** Examples for a histogram that was put. */
  illustrate(metric: MetricId, labels: RawLabels, exemplars: Exemplars): void;
  of(metric: MetricId): readonly Point[];
  placed(metric: MetricId): Iterable<[Place, Point]>;
  /** Lifts a counter, or each bucket and the sum of a histogram. @returns whether it was lower */
  raise(place: Place, to: number | Histogram): boolean;
}

export function createPoints(places: Pick<Places, "of">): Points {
  const points = new Map<MetricId, Map<Place, Point>>();

  function put(place: Place, value: number | Histogram): void {
    let series = points.get(place.metric);
    if (series === undefined) points.set(place.metric, (series = new Map()));
    const point = series.get(place);
    if (point === undefined) {
      series.set(place, { labels: place.labels, value: typeof value === "number" ? value : copy(value) });
    } else point.value = combined(METRICS[place.metric], point.value, value);
  }

  return {
    put,
    add: (metric, labels, value) => put(places.of(metric, labels), value),
    illustrate(metric, labels, exemplars) {
      const point = points.get(metric)?.get(places.of(metric, labels));
      if (point !== undefined) point.exemplars = newestOf(point.exemplars, exemplars);
    },
    of: (metric) => [...(points.get(metric)?.values() ?? [])],
    placed: (metric) => points.get(metric) ?? [],
    raise(place, to) {
      const point = points.get(place.metric)?.get(place);
      if (point === undefined) put(place, to);
      else if (typeof point.value === "number" && typeof to === "number") {
        if (point.value >= to) return false;
        point.value = to;
      } else if (typeof point.value === "object" && typeof to === "object") return raiseHistogram(point.value, to);
      return true;
    },
  };
}

function copy({ counts, millions, rest }: Histogram): Histogram {
  return { counts: [...counts], millions, rest };
}

function raiseHistogram(histogram: Histogram, to: Histogram): boolean {
  let raised = false;
  for (const [bucket, count] of to.counts.entries()) {
    if ((histogram.counts[bucket] ?? 0) >= count) continue;
    histogram.counts[bucket] = count;
    raised = true;
  }
  const { millions, rest } = histogram;
  if (millions > to.millions || (millions === to.millions && rest >= to.rest)) return raised;
  [histogram.millions, histogram.rest] = [to.millions, to.rest];
  return true;
}

function combined({ type, worst }: Declaration, a: number | Histogram, b: number | Histogram): number | Histogram {
  if (typeof a === "number" && typeof b === "number") {
    if (type === "counter") return a + b;
    return worst === "max" ? Math.max(a, b) : Math.min(a, b);
  }
  if (typeof a === "object" && typeof b === "object") mergeHistogram(a, b);
  return a;
}
