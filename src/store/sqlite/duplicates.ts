import type { DatabaseSync } from "node:sqlite";
import type { Fact } from "../../contract/fact.ts";
import { TIME } from "./rows.ts";

/** "Exactly once" (contract §2): a fact is known by its time and its key. */
export interface Duplicates {
  /** @returns the facts that are neither stored nor twice in the list, in their order. */
  without(facts: readonly Fact[]): Fact[];
  /** The fact is stored. */
  passed(fact: Fact): void;
}

export function openDuplicates(db: DatabaseSync): Duplicates {
  const find = db.prepare(`SELECT 1 FROM facts INDEXED BY facts_once WHERE time = ${TIME} AND key = unhex(?)`);
  // What is newer than all that is stored needs no look: nearly all facts of a bot that runs.
  const newest = (db.prepare("SELECT max(time) / 1000000 AS ms FROM facts").get() as { ms: number | null }).ms ?? -1;
  let newestMs = newest;

  return {
    without(facts) {
      const seen = new Set<string>();
      return facts.filter((fact) => {
        const { timeMs, timeNs, key } = fact;
        const identity = `${key}${timeMs}.${timeNs}`;
        if (seen.has(identity)) return false;
        seen.add(identity);
        return timeMs > newestMs || find.get(timeMs, timeNs, key) === undefined;
      });
    },
    passed(fact) {
      if (fact.timeMs > newestMs) newestMs = fact.timeMs;
    },
  };
}
