import { CONTENT_ATTRIBUTE } from "../contract/attributes.ts";
import type { Measured, MeasuredHistogram, MeasuredPoint } from "../contract/measured.ts";
import type { Instant } from "../contract/span.ts";
import type { Clock } from "../lib/clock.ts";

/** One series of a bot's own metrics: its total, or its last value. */
export interface Series extends Omit<Measured, "delta" | "points">, MeasuredPoint {
  /** ms, monotonic: when its last point came. */
  heardMs: number;
}

/** The series that bots sent, as they are now: deltas summed, old ones gone. */
export interface SeriesStore {
  take(metrics: readonly Measured[]): void;
  /** Those of the last 5 minutes, in the order in which they came first. */
  now(): Series[];
  /** Points that are not shown, since the start, by the reason. */
  refused(): Readonly<Record<SeriesRefusal, number>>;
}

/** `private`: an attribute names a user, a group or a trace, or holds a prompt or a reply; `overflow`: too many series. */
export type SeriesRefusal = "private" | "overflow";

/** A series that no point came for in this time is gone, in ms. */
const STALE_MS = 5 * 60_000;
const MAX_SERIES = 2_000;
/** Each makes a line for every bucket. */
const MAX_HISTOGRAMS = 200;

/** No label has a user, a group, a trace or free text (contract §8): a point with such an attribute is not shown. */
const PRIVATE =
  /^(?:user|enduser|bot\.group)\.|^client\.address$|(?:^|[._-])(?:user|member|sender|group|chat|conversation|session|trace|span|message)[._-]?id$/i;

export function createSeriesStore(clock: Clock): SeriesStore {
  const series = new Map<string, Series>();
  const refused: Record<SeriesRefusal, number> = { private: 0, overflow: 0 };
  let histograms = 0;

  function prune(): void {
    const now = clock.mono();
    for (const [key, each] of series) if (isStale(each, now)) remove(key, each);
  }

  function remove(key: string, { kind }: Series): void {
    series.delete(key);
    if (isWide(kind)) histograms -= 1;
  }

  function add(metric: Measured, point: MeasuredPoint): void {
    if (Object.keys(point.attributes).some((name) => PRIVATE.test(name) || CONTENT_ATTRIBUTE.test(name))) {
      refused.private += 1;
      return;
    }
    const key = keyOf(metric, point);
    const known = series.get(key);
    if (known !== undefined) update(known, metric, point, clock.mono());
    else if (series.size >= MAX_SERIES || (isWide(metric.kind) && histograms >= MAX_HISTOGRAMS)) refused.overflow += 1;
    else {
      const { service, instance, scope, name, description, unit, kind } = metric;
      series.set(key, { service, instance, scope, name, description, unit, kind, ...point, heardMs: clock.mono() });
      if (isWide(kind)) histograms += 1;
    }
  }

  return {
    take(metrics) {
      prune();
      for (const metric of metrics) for (const point of metric.points) add(metric, point);
    },
    now() {
      const now = clock.mono();
      return [...series.values()].filter((each) => !isStale(each, now));
    },
    refused: () => ({ ...refused }),
  };
}

function isStale({ heardMs }: Series, now: number): boolean {
  return now - heardMs > STALE_MS;
}

function isWide(kind: Series["kind"]): boolean {
  return kind === "histogram" || kind === "summary";
}

function keyOf({ service, instance, scope, name, unit, kind }: Measured, { attributes }: MeasuredPoint): string {
  const labels = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([service, instance, scope, name, unit, kind, labels]);
}

/** A point that is not newer than the last was sent again, or overtaken: it changes nothing. */
function update(known: Series, metric: Measured, { time, value }: MeasuredPoint, nowMs: number): void {
  known.heardMs = nowMs;
  if (!isAfter(time, known.time)) return;
  known.time = time;
  known.description = metric.description;
  known.value = metric.delta ? sum(known.value, value) : value;
}

function isAfter(a: Instant, b: Instant): boolean {
  return a.ms > b.ms || (a.ms === b.ms && a.ns > b.ns);
}

function sum(total: Series["value"], delta: Series["value"]): Series["value"] {
  if (typeof total === "number" && typeof delta === "number") return total + delta;
  if (!isHistogram(total) || !isHistogram(delta)) return delta;
  const alike = total.bounds.length === delta.bounds.length && total.bounds.every((b, at) => b === delta.bounds[at]);
  const all = { sum: total.sum + delta.sum, count: total.count + delta.count };
  if (!alike) return { bounds: [], counts: [all.count], ...all };
  return { bounds: total.bounds, counts: total.counts.map((count, at) => count + (delta.counts[at] ?? 0)), ...all };
}

function isHistogram(value: Series["value"]): value is MeasuredHistogram {
  return typeof value === "object" && "bounds" in value;
}
