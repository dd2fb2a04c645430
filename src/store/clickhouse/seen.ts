import { NEW, type FactBase } from "../../contract/fact.ts";
import { hashOf } from "./hash.ts";
import { nanoseconds, type FactRow } from "./rows.ts";

/**
 * What was told lately, and with which commit: two instances may write the same fact, or the same join, and it counts once.
 * Bounded; what is written twice farther apart is found by a look into the cluster, or by the check of the days.
 */
export interface Seen {
  /** @returns the commit that told it; undefined where it was not told lately */
  commitOf(row: FactRow): number | undefined;
  add(row: FactRow, commit: number): void;
  /** This instance is about to write the fact. */
  expect(fact: FactBase): void;
  /**
   * False where the fact is surely not stored, but for what another instance writes at the same moment: that is told twice,
   * and counts once. It spares nearly all facts of bots that run a look into the cluster.
   */
  mayBeStored(fact: FactBase): boolean;
  /** All stored facts of that time (epoch ms) or later were given to {@link Seen.add}. */
  reaches(fromMs: number): void;
}

/** Of each of two generations, some 60 bytes each. */
const LIMIT = 200_000;
/** Of what is written here and not told yet. */
const EXPECTED = Infinity;

interface Generation {
  commits: Map<number, number>;
  newestMs: number;
}

export function createSeen(): Seen {
  let fromMs = Infinity;
  let [younger, older] = [begin(), begin()];

  function find(name: number): number | undefined {
    return younger.commits.get(name) ?? older.commits.get(name);
  }

  function put(name: number, commit: number, timeMs: number): void {
    if (younger.commits.size >= LIMIT) {
      fromMs = Math.max(fromMs, older.newestMs + 1);
      [younger, older] = [begin(), younger];
    }
    younger.commits.set(name, commit);
    if (timeMs > younger.newestMs) younger.newestMs = timeMs;
  }

  return {
    commitOf(row) {
      const commit = find(nameOf(row));
      return commit === EXPECTED ? undefined : commit;
    },
    add: (row, commit) => put(nameOf(row), commit, row.fact.timeMs),
    expect: (fact) => put(nameOfNew(fact), EXPECTED, fact.timeMs),
    reaches: (ms) => void (fromMs = ms),
    mayBeStored: (fact) => fact.timeMs < fromMs || find(nameOfNew(fact)) !== undefined,
  };
}

function begin(): Generation {
  return { commits: new Map(), newestMs: 0 };
}

/** Of a new fact, whichever instance wrote it; of a join, the version that it makes. */
function nameOf({ fact, before, version }: FactRow): number {
  return before === NEW ? nameOfNew(fact) : hashOf(`${version}.${nanoseconds(fact)}.${fact.key}`);
}

function nameOfNew(fact: FactBase): number {
  return hashOf(`.${nanoseconds(fact)}.${fact.key}`);
}
