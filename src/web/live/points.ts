import type { MetricEventData } from "../../contract/wire/events.ts";

export const COUNTS = ["messages", "responses", "requests", "toolCalls", "tokens", "errors"] as const;
export type Count = (typeof COUNTS)[number];

/** What one `metric` event counted. */
export type Point = { /** Epoch s, when its window ended. */ at: number } & Record<Count, number>;

/** A stretch of which nothing is known; epoch s. */
export interface Gap {
  from: number;
  to: number;
}

/** The newest points, at most as many as are kept: a page that is open for a day holds no more than after an hour. */
export interface Points {
  add(point: Point): void;
  /** Puts points in front of those that are there. */
  addOlder(points: readonly Point[]): void;
  addGap(gap: Gap): void;
  all(): readonly Point[];
  gaps(): readonly Gap[];
}

/** An hour of a busy bot, one a second. */
export const KEPT_POINTS = 3600;
const KEPT_GAPS = 20;

export function createPoints(limit = KEPT_POINTS): Points {
  let points: Point[] = [];
  let gaps: Gap[] = [];
  return {
    add(point) {
      points.push(point);
      // Not one by one: that would move all of them each second.
      if (points.length > limit * 1.1) points = points.slice(-limit);
    },
    addOlder(older) {
      points = [...older, ...points].slice(-limit);
    },
    addGap(gap) {
      gaps = [...gaps, gap].slice(-KEPT_GAPS);
    },
    all: () => points,
    gaps: () => gaps,
  };
}

export function pointOf({ timestamp, ...metric }: MetricEventData): Point {
  const counts = Object.fromEntries(COUNTS.map((count) => [count, metric[count]])) as Record<Count, number>;
  return { at: Date.parse(timestamp) / 1000, ...counts };
}

/** Points summed up in steps of equal length. */
export interface Steps {
  /** Epoch s, where each step begins; ascending. */
  times: number[];
  /** What each counted. */
  sums: Record<Count, number[]>;
}

/**
 * Sums points up in whole steps, the last of which holds `now`: each point falls into exactly one.
 *
 * @param now epoch s
 * @param width of a step, s
 */
export function steps(
  points: readonly Point[],
  { now, width, count }: { now: number; width: number; count: number },
): Steps {
  const first = (Math.floor(now / width) - count + 1) * width;
  const times = Array.from({ length: count }, (_, place) => first + place * width);
  const sums = Object.fromEntries(COUNTS.map((name) => [name, times.map(() => 0)])) as Record<Count, number[]>;
  for (let i = points.length - 1; i >= 0; i -= 1) {
    const point = points[i] as Point;
    const place = Math.floor((point.at - first) / width);
    if (place < 0) break;
    if (place >= count) continue;
    for (const name of COUNTS) (sums[name][place] as number) += point[name];
  }
  return { times, sums };
}
