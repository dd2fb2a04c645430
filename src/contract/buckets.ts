/** The GenAI conventions' histogram buckets: inclusive upper bounds. */

/** For durations, in ns: 10 ms, doubled 13 times (81.92 s). */
export const DURATION_BOUNDS_NS: readonly number[] = Array.from({ length: 14 }, (_, power) => 1e7 * 2 ** power);

/** For token counts: the powers of four from 1 to 4^13. */
export const TOKEN_BOUNDS: readonly number[] = Array.from({ length: 14 }, (_, power) => 4 ** power);
