/** The one place that reads the clock; everybody else is given one. */
export interface Clock {
  /** Epoch ms, whole. */
  now(): number;
  /** ms that only ever grow, with fractions; for durations. */
  mono(): number;
}

export const systemClock: Clock = { now: () => Date.now(), mono: () => performance.now() };
