import type { EventType } from "../contract/wire/events.ts";

/** One event as every client gets it: rendered once, shared by all. */
export interface Entry {
  /** From 1, without a gap. */
  n: number;
  type: EventType;
  chunk: Uint8Array;
}

/** The newest events, as many as fit into so many bytes, and always the newest one. */
export interface Ring {
  /** Number of the newest event; 0 where there was none. */
  readonly last: number;
  /** Number of the oldest event that is held; `last + 1` where none is. */
  readonly first: number;
  /** @returns what had to go for it, oldest first. */
  push(entry: Entry): Entry[];
  at(n: number): Entry | undefined;
  /** Drops all. @returns what had to go, oldest first */
  clear(): Entry[];
}

export function createRing(limitBytes: number): Ring {
  const entries = new Map<number, Entry>();
  let [first, last, bytes] = [1, 0, 0];

  function dropOldest(): Entry | undefined {
    const entry = entries.get(first);
    if (entry === undefined) return undefined;
    entries.delete(first);
    first += 1;
    bytes -= entry.chunk.byteLength;
    return entry;
  }

  return {
    get last() {
      return last;
    },
    get first() {
      return first;
    },
    push(entry) {
      entries.set(entry.n, entry);
      last = entry.n;
      bytes += entry.chunk.byteLength;
      const gone: Entry[] = [];
      while (bytes > limitBytes && first < last) {
        const entry = dropOldest();
        if (entry) gone.push(entry);
      }
      return gone;
    },
    at: (n) => entries.get(n),
    clear() {
      const gone = [...entries.values()];
      entries.clear();
      [first, bytes] = [last + 1, 0];
      return gone;
    },
  };
}
