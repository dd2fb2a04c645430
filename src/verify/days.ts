import type { EncodedSlice } from "../contract/thread.ts";
import { createDayFolder, createDayStates, type DayStates } from "../rollups/day.ts";
import { FOLDS_SIGNATURE } from "../rollups/folds.ts";
import type { DayFolder } from "../store/sqlite/days.ts";
import type { InspectedDay } from "../store/sqlite/inspect.ts";

/** A store as it is, whichever it is. */
export interface Inspected {
  readonly zone: string;
  readonly folds: string;
  days(): number[];
  day(day: number, folder: DayFolder): InspectedDay | undefined | Promise<InspectedDay | undefined>;
}

/** What became of one day. */
export interface CheckedDay {
  day: number;
  state: InspectedDay["state"];
  facts: number;
  /** Folds of selections that were compared. */
  compared: number;
  /** What the blobs have otherwise than the facts say; as `fold`, or `fold of group`. */
  differences: string[];
  /** The truth of the day: out of its facts, or of its blobs where it is sealed. */
  states: Pick<DayStates, "state">;
}

/** Folds every day anew, and compares what the blobs of the closed ones hold. */
export async function* checkDays(store: Inspected): AsyncGenerator<CheckedDay, void, void> {
  for (const day of store.days()) {
    const folder = createDayFolder(day);
    const inspected = await store.day(day, folder);
    if (inspected === undefined) continue;
    const { state, facts, blobs } = inspected;
    const folded = state === "sealed" ? blobs : folder.encode();
    const comparable = state === "closed" && isOfTheseFolds(store);
    const differences = comparable ? differencesOf(folded, blobs) : [];
    const compared = comparable ? folded.length : 0;
    yield { day, state, facts, compared, differences, states: createDayStates(day, folded) };
  }
}

/** @returns whether the blobs are of the folds that this botel has; else a start of botel folds the days anew */
export function isOfTheseFolds({ folds }: Pick<Inspected, "folds">): boolean {
  return folds === FOLDS_SIGNATURE;
}

function differencesOf(folded: readonly EncodedSlice[], blobs: readonly EncodedSlice[]): string[] {
  const [truth, stored] = [byName(folded), byName(blobs)];
  const names = new Set([...truth.keys(), ...stored.keys()]);
  return [...names].filter((name) => truth.get(name) !== stored.get(name)).sort();
}

function byName(slices: readonly EncodedSlice[]): Map<string, string> {
  return new Map(
    slices.map(({ fold, selection, version, state }) => [
      selection === "" ? fold : `${fold} of ${selection}`,
      JSON.stringify([version, state]),
    ]),
  );
}
