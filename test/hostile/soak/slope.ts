export interface Point {
  x: number;
  y: number;
}

/**
 * How fast y grows with x: the median of the slopes between all pairs (Theil and Sen), which single outliers do not move.
 *
 * @param points at least two, of different x
 */
export function slope(points: readonly Point[]): number {
  const slopes = points.flatMap((a, i) => points.slice(i + 1).map((b) => (b.y - a.y) / (b.x - a.x)));
  return median(slopes);
}

/** @param values at least one */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest of the values that a share `q` of them does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
}

/** The last three quarters of what was measured: without what a program does when it has just started. */
export function warm<T>(values: readonly T[]): T[] {
  return values.slice(Math.floor(values.length / 4));
}
