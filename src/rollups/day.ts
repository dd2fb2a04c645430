import { NEW, ownerOf } from "../contract/fact.ts";
import type { Change, StoredFact } from "../contract/fact.ts";
import { EVERYTHING } from "../contract/fold.ts";
import type { Fold, Json } from "../contract/fold.ts";
import type { EncodedSlice } from "../contract/thread.ts";
import { isDue, neededBits } from "./due.ts";
import { FOLDS } from "./folds.ts";

/** Every fold of one day, for everything and for each group. */
export interface DayStates {
  /** Takes a fact as it is now; each once. Facts that are not counted are left out. */
  add(fact: StoredFact): void;
  /** Takes a new fact, or one whose owner became known. */
  change(change: Change): void;
  /** @returns undefined where the day has nothing of the fold and selection; never keep or change it */
  state<State>(fold: Fold<State>, selection: string): State | undefined;
  encode(): EncodedSlice[];
}

/** States of one selection, each at its fold's place in FOLDS; a state that nothing touched is still encoded. */
interface Selected {
  needed: number[];
  states: unknown[];
  encoded: (Json | undefined)[];
}

const PLACES = new Map(FOLDS.map((fold, place) => [fold.name, place]));

/** Folds one day's facts, for the store. */
export function createDayFolder(day: number): Pick<DayStates, "add" | "encode"> {
  return createDayStates(day, []);
}

/** @param slices the day as it is so far; those of a fold or version that is none of ours are left out */
export function createDayStates(day: number, slices: readonly EncodedSlice[]): DayStates {
  const selections = new Map<string, Selected>();
  for (const { fold, version, selection, state } of slices) {
    const place = PLACES.get(fold);
    if (place !== undefined && FOLDS[place]?.version === version) select(selections, selection).encoded[place] = state;
  }

  function change({ fact, before }: Change): void {
    if (!fact.counted) return;
    const owner = ownerOf(fact);
    feed(select(selections, EVERYTHING), fact, before, owner, EVERYTHING);
    if (fact.groupId !== undefined) feed(select(selections, fact.groupId), fact, before, owner, fact.groupId);
  }

  function feed(selected: Selected, fact: StoredFact, before: number, owner: number, selection: string): void {
    for (let place = 0; place < FOLDS.length; place += 1) {
      const fold = FOLDS[place] as Fold<unknown>;
      if (fold.wholeOnly && selection !== EVERYTHING) continue;
      if (isDue(selected.needed[place] as number, before, owner)) fold.add(stateAt(selected, place), fact, day);
    }
  }

  function state<State>(fold: Fold<State>, selection: string): State | undefined {
    const place = PLACES.get(fold.name);
    const selected = selections.get(selection);
    if (place === undefined || selected === undefined) return undefined;
    if (selected.states[place] === undefined && selected.encoded[place] === undefined) return undefined;
    return stateAt(selected, place) as State;
  }

  function encode(): EncodedSlice[] {
    const all: EncodedSlice[] = [];
    for (const [selection, selected] of selections) {
      for (const [place, fold] of FOLDS.entries()) {
        const touched = selected.states[place];
        const json = touched === undefined ? selected.encoded[place] : fold.encode(touched);
        if (json !== undefined) all.push({ fold: fold.name, version: fold.version, selection, state: json });
      }
    }
    return all;
  }

  return { add: (fact) => change({ fact, before: NEW }), change, state, encode };
}

function select(selections: Map<string, Selected>, selection: string): Selected {
  let selected = selections.get(selection);
  if (selected === undefined) {
    selected = { needed: FOLDS.map((fold) => neededBits(fold, selection)), states: [], encoded: [] };
    selections.set(selection, selected);
  }
  return selected;
}

/** Decodes the state that is asked for the first time; makes the one that is not there. */
function stateAt(selected: Selected, place: number): unknown {
  const known = selected.states[place];
  if (known !== undefined) return known;
  const fold = FOLDS[place] as Fold<unknown>;
  const json = selected.encoded[place];
  const state = json === undefined ? fold.zero() : fold.decode(json);
  selected.states[place] = state;
  selected.encoded[place] = undefined;
  return state;
}
