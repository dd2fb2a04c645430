import { NEW } from "../../contract/fact.ts";
import { hashOf } from "./hash.ts";
import { nanoseconds, type FactRow } from "./rows.ts";

/**
 * What was told lately, and with which commit: two instances may write the same fact, or the same join, and it counts once.
 * Bounded; what is written twice farther apart is found by the check of the days.
 */
export interface Seen {
  /** @returns the commit that told it; undefined where it was not told lately */
  commitOf(row: FactRow): number | undefined;
  add(row: FactRow, commit: number): void;
}

/** Of each of two generations, some 60 bytes each. */
const LIMIT = 200_000;

export function createSeen(): Seen {
  let [younger, older] = [new Map<number, number>(), new Map<number, number>()];

  return {
    commitOf(row) {
      const name = nameOf(row);
      return younger.get(name) ?? older.get(name);
    },
    add(row, commit) {
      if (younger.size >= LIMIT) [younger, older] = [new Map(), younger];
      younger.set(nameOf(row), commit);
    },
  };
}

/** Of a new fact, whichever instance wrote it; of a join, the version that it makes. */
function nameOf({ fact, before, version }: FactRow): number {
  return hashOf(`${before === NEW ? "" : version}.${nanoseconds(fact)}.${fact.key}`);
}
