import type { FactBase, FactKind } from "../../contract/fact.ts";

/** Where a fact lies: what it takes to read and to write it again. */
export interface Place extends Pick<FactBase, "timeMs" | "timeNs" | "key"> {
  kind: FactKind;
  shard: number;
  /** This instance took the fact. */
  own: boolean;
}

/** Places of the facts that joins may write again, by the row numbers of this start. */
export interface Places {
  /** @returns the first of the next row numbers; they are the numbers of what this start writes, too */
  take(count: number): number;
  put(row: number, place: Place): void;
  get(row: number): Place | undefined;
}

/** Of each of two generations, some 200 bytes each. */
const LIMIT = 125_000;

export function createPlaces(): Places {
  let [younger, older] = [new Map<number, Place>(), new Map<number, Place>()];
  let last = 0;

  return {
    take(count) {
      last += count;
      return last - count + 1;
    },
    put(row, place) {
      if (younger.size >= LIMIT) [younger, older] = [new Map(), younger];
      younger.set(row, place);
    },
    get: (row) => younger.get(row) ?? older.get(row),
  };
}
