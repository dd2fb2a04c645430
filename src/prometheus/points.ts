import type { Histogram } from "../lib/histogram.ts";
import { mergeHistogram } from "../lib/histogram.ts";
import type { Declaration, MetricId } from "./declarations.ts";
import { METRICS } from "./declarations.ts";
import type { Exemplars } from "./exemplars.ts";
import { newestOf } from "./exemplars.ts";
import type { RawLabels } from "./fact-labels.ts";
import type { Labels } from "./labels.ts";
import { OTHER } from "./labels.ts";

/** A value of one series; `labels` in the order of the declaration, undefined where a series has none of that label. */
export interface Point {
  labels: readonly (string | undefined)[];
  value: number | Histogram;
  /** Of a histogram, by bucket. */
  exemplars?: Exemplars;
}

/**
 * Collects the points of one scrape. Points of equal labels become one: counters and histograms are summed, of gauges
 * the worst counts (of `other` channels one that is down shows).
 *
 * The series that are named are the first so many, for as long as the process lives; the rest is in series whose labels
 * are all `other`, but for labels whose values are closed.
 */
export interface Points {
  /** @param labels as the facts have them, in the order of the declaration */
  add(metric: MetricId, labels: RawLabels, value: number | Histogram, exemplars?: Exemplars): void;
  of(metric: MetricId): readonly Point[];
  /** By metric, how many keys of this scrape are in its `other` series. */
  others(): ReadonlyMap<MetricId, number>;
}

/** Which series have a name: remembered from scrape to scrape. */
export type NamedSeries = Map<MetricId, Set<string>>;

/** Labels with few values, all of our own making: they are not bounded, and an `other` series keeps them. */
export const CLOSED: ReadonlySet<string> = new Set([
  "gen_ai.token.type",
  "bot.token.part",
  "bot.error.source",
  "bot.channel.status",
  "bot.channel.breaker",
  "window",
]);
/** An `other` series for each value of a closed label, of failed and of succeeded ones. */
const OTHERS_RESERVED = 6;

export function createPoints(labels: Labels, named: NamedSeries): Points {
  const points = new Map<MetricId, Map<string, Point>>();
  const others = new Map<MetricId, Set<string>>();

  /** @returns whether the key is one of the metric's named series, or becomes one. */
  function isNamed(metric: MetricId, key: string, { series, labels }: Declaration): boolean {
    const names = entry(named, metric, () => new Set<string>());
    if (names.has(key)) return true;
    if (!labels.every((label) => CLOSED.has(label)) && names.size >= series - OTHERS_RESERVED) return false;
    names.add(key);
    return true;
  }

  function put(metric: MetricId, key: string, { labels, value, exemplars }: Point): void {
    const series = entry(points, metric, () => new Map<string, Point>());
    const point = series.get(key);
    if (point === undefined) {
      series.set(key, { labels, value: typeof value === "number" ? value : copy(value), exemplars });
    } else {
      point.value = combined(METRICS[metric], point.value, value);
      point.exemplars = newestOf(point.exemplars, exemplars);
    }
  }

  return {
    add(metric, raw, value, exemplars) {
      const declaration: Declaration = METRICS[metric];
      const values = declaration.labels.map((label, at) => {
        const given = raw[at];
        return given === undefined || CLOSED.has(label) ? given : labels.named(label, given);
      });
      const key = JSON.stringify(values);
      if (isNamed(metric, key, declaration)) return put(metric, key, { labels: values, value, exemplars });
      entry(others, metric, () => new Set<string>()).add(key);
      const rest = declaration.labels.map((label, at) => (CLOSED.has(label) ? values[at] : values[at] && OTHER));
      put(metric, JSON.stringify(rest), { labels: rest, value, exemplars });
    },
    of: (metric) => [...(points.get(metric)?.values() ?? [])],
    others: () => new Map([...others].map(([metric, keys]) => [metric, keys.size])),
  };
}

function copy({ counts, millions, rest }: Histogram): Histogram {
  return { counts: [...counts], millions, rest };
}

function combined({ type, worst }: Declaration, a: number | Histogram, b: number | Histogram): number | Histogram {
  if (typeof a === "number" && typeof b === "number") {
    if (type === "counter") return a + b;
    return worst === "max" ? Math.max(a, b) : Math.min(a, b);
  }
  if (typeof a === "object" && typeof b === "object") mergeHistogram(a, b);
  return a;
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
