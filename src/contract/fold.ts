import type { OwnerKind, StoredFact } from "./fact.ts";

/** JSON as it is stored. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * A statistic: a fold over counted facts. Three laws hold for each (tested with generated facts): order does not
 * matter; merging the parts is the whole; zero is neutral.
 *
 * `add` and `merge` change and own `state`; they never keep or change what they are given.
 */
export interface Fold<State> {
  /** Key of the stored blobs; never changes its meaning: a change of the encoding is a new `version`. */
  readonly name: string;
  readonly version: number;
  /**
   * Bits of USER and GROUP that a fact must have to be added. A fact is added exactly once: when it comes, or when a
   * join makes the last needed bit known.
   */
  readonly needs: number;
  /** True where the fold is kept for the selection of everything only, not for each group. */
  readonly wholeOnly: boolean;
  zero(): State;
  /** @param day the calendar day of the fact (see `lib/calendar.ts`) */
  add(state: State, fact: StoredFact, day: number): void;
  merge(state: State, other: State): void;
  /** @returns undefined where the state is as zero: nothing is stored then. Equal states give equal JSON. */
  encode(state: State): Json | undefined;
  decode(json: Json): State;
  /** `merge(state, decode(json))` in one step, where that is faster. */
  absorb?(state: State, json: Json): void;
  /**
   * Puts another id in the place of a user's or a group's, where the state has it; the other one is new to the state.
   * Absent: it has no such ids.
   */
  rename?(state: State, owner: OwnerKind, from: string, to: string): void;
  /** Rough number of entries of the state, for a bound on memory; absent: a few. */
  size?(state: State): number;
}

/** The selection of everything; a group's selection is its id. Group ids are never empty (facts/ drops empty ids). */
export const EVERYTHING = "";
