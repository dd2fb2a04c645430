import type { DatabaseSync } from "node:sqlite";
import type { Fact } from "../../contract/fact.ts";
import { createRecent } from "../recent.ts";
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
