import type { DatabaseSync } from "node:sqlite";
import type { Fact } from "../../contract/fact.ts";
import { TIME } from "./rows.ts";

/** "Exactly once" (contract §2): a fact is known by its time and its key. */
export interface Duplicates {
  /** @returns for one append: whether a fact is stored, or was asked about before. */
  look(): (fact: Fact) => boolean;
}

export function openDuplicates(db: DatabaseSync): Duplicates {
  const find = db.prepare(`SELECT 1 FROM facts INDEXED BY facts_once WHERE time = ${TIME} AND key = unhex(?)`);
  const newest = db.prepare("SELECT max(time) / 1000000 AS ms FROM facts").get() as { ms: number | null };
  const recent = createRecent((newest.ms ?? -1) + 1);

  return {
    look() {
      const asked = createAsked();
      return (fact) => {
        // Should the append fail, what was met is looked for in vain the next time.
        if (recent.meet(fact)) {
          const { timeMs, timeNs, key } = fact;
          if (asked.has(fact) || find.get(timeMs, timeNs, key) !== undefined) return true;
        }
        asked.add(fact);
        return false;
      };
    },
  };
}

/** The facts of one append so far; most appends never look into it. */
function createAsked() {
  const facts: Fact[] = [];
  let byKey: Map<string, Fact[]> | undefined;

  return {
    add(fact: Fact): void {
      facts.push(fact);
      const same = byKey?.get(fact.key);
      if (same !== undefined) same.push(fact);
      else byKey?.set(fact.key, [fact]);
    },
    has({ key, timeMs, timeNs }: Fact): boolean {
      byKey ??= Map.groupBy(facts, (fact) => fact.key);
      return byKey.get(key)?.some((other) => other.timeMs === timeMs && other.timeNs === timeNs) ?? false;
    },
  };
}

/** Spares nearly all facts of bots that run the look into the database, which costs as much as their insert. */
interface Recent {
  /** @returns false where the fact is surely not stored, and was not met before. */
  meet(fact: Fact): boolean;
}

/** How far back it reaches, in ms … */
const RECENT_MS = 30_000;
/** … and how many facts it holds, some 100 bytes each. */
const MAX_RECENT = 100_000;
const MIN_RECENT = 2_000;

/** @param fromMs no fact of this time (epoch ms) or later is stored */
function createRecent(fromMs: number): Recent {
  // The keys of all stored facts from `fromMs` on, each with the last time (ms) that it was met with.
  const times = new Map<string, number>();
  let room = MIN_RECENT;

  function forget(): void {
    // Not the newest: one sender whose clock is ahead would have all others looked up.
    const median = aboutMedian(times);
    forgetBefore(median - RECENT_MS);
    if (times.size > MAX_RECENT / 2) forgetBefore(median + 1);
    room = Math.min(MAX_RECENT, Math.max(MIN_RECENT, times.size * 2));
  }

  function forgetBefore(ms: number): void {
    if (ms <= fromMs) return;
    fromMs = ms;
    for (const [key, timeMs] of times) if (timeMs < ms) times.delete(key);
  }

  return {
    meet({ key, timeMs }) {
      if (timeMs < fromMs) return true;
      const known = times.get(key);
      if (known === undefined || known < timeMs) times.set(key, timeMs);
      if (times.size > room) forget();
      return known !== undefined;
    },
  };
}

function aboutMedian(times: ReadonlyMap<string, number>): number {
  const sample = [...times.values()].filter((_, n) => n % 97 === 0).sort((a, b) => a - b);
  return sample[sample.length >> 1] ?? 0;
}
