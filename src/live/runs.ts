import type { EventType } from "../contract/wire/events.ts";
import type { Ring } from "./ring.ts";

/** Events in a row, to be written in one piece. */
export interface Run {
  /** Number of the last of them, those of other types among them. */
  to: number;
  /** Those that are wanted; undefined: none is. */
  chunk?: Uint8Array;
}

export interface Runs {
  /** @returns what follows, as much as one write should take; undefined where the ring has no event `next`. */
  from(next: number, types?: ReadonlySet<EventType>): Run | undefined;
}

/** A run ends where it has so many bytes: less than what a socket takes without saying that it is full. */
const RUN_BYTES = 32_768;
/** Runs that are remembered: most clients are at the same place, and want the same. */
const REMEMBERED = 16;

/** Joins events once for all clients that are at the same place and want the same types. */
export function createRuns(ring: Ring): Runs {
  const made = new Map<string, Run>();
  let last = 0;

  function make(next: number, types?: ReadonlySet<EventType>): Run {
    const chunks: Uint8Array[] = [];
    let [to, bytes] = [next - 1, 0];
    for (let entry = ring.at(next); entry !== undefined && bytes < RUN_BYTES; entry = ring.at(to + 1)) {
      to = entry.n;
      if (types !== undefined && !types.has(entry.type)) continue;
      chunks.push(entry.chunk);
      bytes += entry.chunk.byteLength;
    }
    return { to, chunk: chunks.length > 1 ? Buffer.concat(chunks) : chunks[0] };
  }

  return {
    from(next, types) {
      if (next > ring.last) return undefined;
      if (last !== ring.last || made.size >= REMEMBERED) made.clear();
      last = ring.last;
      const key = types === undefined ? `${next}` : `${next} ${[...types].join(" ")}`;
      const known = made.get(key);
      if (known !== undefined) return known;
      const run = make(next, types);
      made.set(key, run);
      return run;
    },
  };
}
