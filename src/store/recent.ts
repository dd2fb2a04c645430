import type { Fact } from "../contract/fact.ts";

/** Spares nearly all facts of bots that run the look into the database, which costs as much as their insert. */
export interface Recent {
  /** @returns false where the fact is surely not stored, and was not met before. */
  meet(fact: Pick<Fact, "key" | "timeMs">): boolean;
}

/** How far back it reaches, in ms … */
const RECENT_MS = 30_000;
/** … and how many facts it holds, at most 48 bytes each. */
const MAX_RECENT = 175_000;
const MIN_RECENT = 2_000;

/**
 * Knows the facts that were met by a mark of 64 bits, in a table without objects: a map of keys would be a third of what
 * the garbage collector has to look at. Two facts with the same mark cost a look into the database, and nothing else.
 *
 * @param fromMs no fact of this time (epoch ms) or later is stored
 */
export function createRecent(fromMs: number, maxFacts = MAX_RECENT): Recent {
  let room = Math.min(MIN_RECENT, maxFacts);
  let table = createTable(room);

  function forget(): void {
    // Not the newest: one sender whose clock is ahead would have all others looked up.
    const median = table.aboutMedian();
    let keepFrom = median - RECENT_MS;
    if (table.countFrom(keepFrom) > maxFacts / 2) keepFrom = median + 1;
    fromMs = Math.max(fromMs, keepFrom);
    room = Math.min(maxFacts, Math.max(MIN_RECENT, table.countFrom(fromMs) * 2));
    table = table.from(fromMs, room);
  }

  return {
    meet({ key, timeMs }) {
      if (timeMs < fromMs) return true;
      const known = table.put(key, timeMs);
      if (table.size() > room) forget();
      return known;
    },
  };
}

interface Table {
  /** @returns whether the mark was there; it has the latest time that it was put with. */
  put(key: string, timeMs: number): boolean;
  putMark(low: number, high: number, timeMs: number): boolean;
  size(): number;
  /** @returns a time in the middle of all, by a sample. */
  aboutMedian(): number;
  countFrom(ms: number): number;
  /** @returns one with what is of that time or later, with room for so many. */
  from(ms: number, room: number): Table;
}

const EMPTY = -1;
const HEAD = 8;
const TAIL = 16;
/** Others in each process: who knows them could send keys that all have one place. */
const SEEDS = [Math.floor(Math.random() * 2 ** 32), Math.floor(Math.random() * 2 ** 32)] as const;

function createTable(room: number): Table {
  // A third of it stays empty, so that a mark is mostly in its own place.
  const slots = 2 ** Math.ceil(Math.log2(room * 1.5 + 2));
  const marks = new Uint32Array(slots * 2);
  const times = new Float64Array(slots).fill(EMPTY);
  let size = 0;

  function putMark(low: number, high: number, timeMs: number): boolean {
    let slot = low & (slots - 1);
    for (; times[slot] !== EMPTY; slot = (slot + 1) & (slots - 1)) {
      if (marks[slot * 2] !== low || marks[slot * 2 + 1] !== high) continue;
      if (times[slot]! < timeMs) times[slot] = timeMs;
      return true;
    }
    marks[slot * 2] = low;
    marks[slot * 2 + 1] = high;
    times[slot] = timeMs;
    size += 1;
    return false;
  }

  return {
    put(key, timeMs) {
      let [low, high]: [number, number] = [SEEDS[0], SEEDS[1]];
      // The ends of a key are where keys differ most: in the span's id, and in a record's hash.
      for (let at = 0; at < key.length; at += 1) {
        if (at === HEAD) at = Math.max(HEAD, key.length - TAIL);
        const unit = key.charCodeAt(at);
        low = Math.imul(low ^ unit, 0x0100_0193);
        high = Math.imul(high ^ unit, 0x5bd1_e995);
      }
      return putMark((low ^ (low >>> 15)) >>> 0, high >>> 0, timeMs);
    },
    size: () => size,
    aboutMedian() {
      const sample: number[] = [];
      for (let slot = 0; slot < slots; slot += 61) if (times[slot] !== EMPTY) sample.push(times[slot]!);
      return sample.sort((a, b) => a - b)[sample.length >> 1] ?? 0;
    },
    countFrom(ms) {
      let count = 0;
      for (const time of times) if (time !== EMPTY && time >= ms) count += 1;
      return count;
    },
    from(ms, newRoom) {
      const kept = createTable(newRoom);
      for (let slot = 0; slot < slots; slot += 1) {
        if (times[slot] !== EMPTY && times[slot]! >= ms)
          kept.putMark(marks[slot * 2]!, marks[slot * 2 + 1]!, times[slot]!);
      }
      return kept;
    },
    putMark,
  };
}
