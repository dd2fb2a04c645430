const NS_PER_MS = 1_000_000;

/** Whole milliseconds of a duration, which a sum keeps apart from {@link restNs}: so it is exact far beyond 2^53 ns. */
export function wholeMs(durationNs: number): number {
  return Math.floor(durationNs / NS_PER_MS);
}

/** What is left of a duration below a whole millisecond, 0…999,999 ns. */
export function restNs(durationNs: number): number {
  return durationNs % NS_PER_MS;
}

/**
 * Mean of durations whose whole milliseconds and rests were summed.
 *
 * @returns whole milliseconds, rounded once, half up; 0 where there is none (contract §4)
 */
export function meanMs(sumMs: number, sumNs: number, count: number): number {
  if (count === 0) return 0;
  const ms = sumMs + wholeMs(sumNs);
  const left = ms % count;
  const leftNs = left * NS_PER_MS + restNs(sumNs);
  return (ms - left) / count + (leftNs * 2 >= count * NS_PER_MS ? 1 : 0);
}

/**
 * Share of `part` in `whole`, 0…1, with at most 4 decimals, rounded half up; 1 only where nothing else is in it and 0
 * only where nothing of it is (contract §3).
 *
 * @param whole at least 1
 */
export function rate(part: number, whole: number): number {
  const share = Math.floor((part * 20_000 + whole) / (2 * whole));
  if (part === 0 || part === whole) return part / whole;
  return Math.min(Math.max(share, 1), 9999) / 10_000;
}
