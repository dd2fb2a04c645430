import type { DatabaseSync } from "node:sqlite";
import type { Fact } from "../../contract/fact.ts";
import { TIME } from "./rows.ts";

/** "Exactly once" (contract §2): a fact is known by its time and its key. */
export interface Duplicates {
  /** @returns for one append: whether a fact is stored, or was asked about before. */
  look(): (fact: Fact) => boolean;
  /** The fact is stored. */
  passed(fact: Fact): void;
}

export function openDuplicates(db: DatabaseSync): Duplicates {
  const find = db.prepare(`SELECT 1 FROM facts INDEXED BY facts_once WHERE time = ${TIME} AND key = unhex(?)`);
  const newest = db.prepare("SELECT max(time) / 1000000 AS ms FROM facts").get() as { ms: number | null };
  // What is newer than all that is stored needs no look: nearly all facts of a bot that runs.
  let newestMs = newest.ms ?? -1;

  return {
    look() {
      const seen = new Map<string, Fact>();
      return (fact) => {
        const { timeMs, timeNs } = fact;
        let { key } = fact;
        // One key at two times is two facts.
        while (seen.has(key)) {
          const other = seen.get(key);
          if (other?.timeMs === timeMs && other.timeNs === timeNs) return true;
          key += "+";
        }
        seen.set(key, fact);
        return timeMs <= newestMs && find.get(timeMs, timeNs, fact.key) !== undefined;
      };
    },
    passed({ timeMs }) {
      if (timeMs > newestMs) newestMs = timeMs;
    },
  };
}
