import type { Clock } from "../lib/clock.ts";

/** When what was published is written to all clients. */
export interface Rounds {
  /** @param facts that many were taken in */
  came(facts: number): void;
  /** Something was published: writes it now, or, where ingest needs this thread more, a little later. */
  ask(): void;
  /** Writes now what waits. */
  now(): void;
}

/** After a round there is a rest of this many times what it took: a quarter of this thread at the most writes. */
const REST = 3;
/** … but no longer than this, in ms: a round may have been long because others use the machine. */
const LONGEST_REST_MS = 100;
/** Beside much ingest rounds are rarer: 50 facts since the last one count as much as it took. */
const PER_FACT = 0.02;
const LONGEST_WAIT_MS = 250;

export function createRounds(clock: Pick<Clock, "mono">, write: () => void): Rounds {
  let [endedAt, tookMs, facts] = [-Infinity, 0, 0];
  let timer: NodeJS.Timeout | undefined;

  function now(): void {
    clearTimeout(timer);
    timer = undefined;
    const began = clock.mono();
    write();
    endedAt = clock.mono();
    tookMs = endedAt - began;
    facts = 0;
  }

  return {
    came(more) {
      facts += more;
    },
    ask() {
      if (timer !== undefined) return;
      const rest = Math.min(LONGEST_REST_MS, tookMs * REST);
      const forIngest = Math.min(LONGEST_WAIT_MS, tookMs * facts * PER_FACT);
      const wait = endedAt + Math.max(rest, forIngest) - clock.mono();
      if (wait <= 0) now();
      else timer = setTimeout(now, wait);
    },
    now,
  };
}
