import type { Clock } from "../lib/clock.ts";

/** When what was published is written to all clients. */
export interface Rounds {
  /** Something was published: writes it now, or, where writing would take too much of this thread, a little later. */
  ask(): void;
  /** Writes now what waits. */
  now(): void;
}

/** Between two rounds there is this many times what the last one took: a sixth of this thread at the most writes. */
const REST = 5;
/** A round that once took long (the machine was busy) holds up the next one no longer than this, in ms. */
const LONGEST_REST_MS = 250;

export function createRounds(clock: Pick<Clock, "mono">, write: () => void): Rounds {
  let nextAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  function now(): void {
    clearTimeout(timer);
    timer = undefined;
    const began = clock.mono();
    write();
    const ended = clock.mono();
    nextAt = ended + Math.min(LONGEST_REST_MS, (ended - began) * REST);
  }

  return {
    ask() {
      if (timer !== undefined) return;
      const wait = nextAt - clock.mono();
      if (wait <= 0) now();
      else timer = setTimeout(now, wait);
    },
    now,
  };
}
