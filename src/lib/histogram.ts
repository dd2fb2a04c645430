/** Counts by bucket, and the exact sum of what was observed. */
export interface Histogram {
  /** One more than there are bounds; the last is of what lies above them all. Not cumulative. */
  counts: number[];
  /** The sum is `millions * 1e6 + rest`, 0 ≤ rest < 1e6: nanoseconds pass 2^53 within months. */
  millions: number;
  rest: number;
}

/** What is left of a histogram in JSON: `[millions, rest, first filled bucket, counts from it to the last filled]`. */
export type PackedHistogram = number[];

export function createHistogram(bounds: readonly number[]): Histogram {
  return { counts: Array.from({ length: bounds.length + 1 }, () => 0), millions: 0, rest: 0 };
}

/** @param value whole, 0…2^53−1; @param bounds ascending, inclusive upper bounds, those it was created with */
export function observe(into: Histogram, bounds: readonly number[], value: number): void {
  const bucket = bucketOf(bounds, value);
  into.counts[bucket] = (into.counts[bucket] ?? 0) + 1;
  const rest = value % 1e6;
  addSum(into, (value - rest) / 1e6, rest);
}

/** @returns place of the bucket that the value is counted in; see {@link observe}. */
export function bucketOf(bounds: readonly number[], value: number): number {
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
  return bucket;
}

/** Adds counts and sum of `from`, which has the same bounds. */
export function mergeHistogram(into: Histogram, from: Histogram): void {
  for (let bucket = 0; bucket < into.counts.length; bucket += 1) {
    into.counts[bucket] = (into.counts[bucket] ?? 0) + (from.counts[bucket] ?? 0);
  }
  addSum(into, from.millions, from.rest);
}

/** @returns how many values were observed. */
export function countOf(histogram: Histogram): number {
  let count = 0;
  for (const n of histogram.counts) count += n;
  return count;
}

export function packHistogram({ counts, millions, rest }: Histogram): PackedHistogram {
  const first = counts.findIndex((n) => n > 0);
  return first < 0 ? [] : [millions, rest, first, ...counts.slice(first, counts.findLastIndex((n) => n > 0) + 1)];
}

export function unpackHistogram(packed: PackedHistogram, bounds: readonly number[]): Histogram {
  const [millions = 0, rest = 0, first = 0, ...filled] = packed;
  const histogram = createHistogram(bounds);
  for (const [index, n] of filled.entries()) histogram.counts[first + index] = n;
  return { counts: histogram.counts, millions, rest };
}

function addSum(into: Histogram, millions: number, rest: number): void {
  into.millions += millions;
  into.rest += rest;
  if (into.rest >= 1e6) {
    into.rest -= 1e6;
    into.millions += 1;
  }
}
