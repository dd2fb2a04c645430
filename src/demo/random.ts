/** A seeded source of chance: the same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next: () => number;
  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number;
  chance(probability: number): boolean;
  /** @param items not empty */
  pick<T>(items: readonly T[]): T;
  /** @param weights one for each item */
  weighted<T>(items: readonly T[], weights: readonly number[]): T;
  /** Log-normal, as latencies are. @param sigma of the logarithm */
  spread(median: number, sigma: number): number;
  /** Exponential: between the events of a Poisson process. */
  gap(mean: number): number;
  /** @returns a source of its own, so that more draws here change nothing there */
  fork(name: string): Random;
}

export function createRandom(seed: number): Random {
  const next = mulberry32(seed);

  function weighted<T>(items: readonly T[], weights: readonly number[]): T {
    let rest = next() * weights.reduce((sum, weight) => sum + weight, 0);
    const index = weights.findIndex((weight) => (rest -= weight) < 0);
    return items[index === -1 ? items.length - 1 : index] as T;
  }

  return {
    next,
    whole: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
    weighted,
    spread: (median, sigma) => median * Math.exp(sigma * normal(next)),
    gap: (mean) => -Math.log(1 - next()) * mean,
    fork: (name) => createRandom(hash(`${seed} ${name}`)),
  };
}

/** Tommy Ettinger's mulberry32. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Box and Muller's. */
function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return value;
}
