import type { Change } from "../contract/fact.ts";
import type { Fold } from "../contract/fold.ts";
import type { EncodedSlice } from "../contract/thread.ts";
import type { FactReader } from "../store/reader.ts";

/** Days `from…to`, both included; an absent bound is open. */
export interface Days {
  from?: number;
  to?: number;
}

/**
 * States of folds over ranges of days, kept true as facts come. A state is built once, out of the blobs of closed days
 * and the held states of open ones, and from then on each change is added to it: a read costs the answer, not the data.
 */
export interface Windows {
  /**
   * State of `fold` over the selection's facts of those days. Read it at once, never keep or change it.
   * A promise only where a day has to be folded by the store first.
   */
  state<State>(fold: Fold<State>, selection: string, days: Days): State | Promise<State>;
  /** All that a commit changed, in the order of commits. */
  apply(commit: number, changes: readonly Change[]): void;
  /** The store's answer to {@link WindowSource.requestDay}; an answer that nobody waits for is ignored. */
  install(day: number, commit: number, slices: readonly EncodedSlice[]): void;
  closed(day: number, commit: number): void;
  /** @param commit the one that made what was folded of the day void: a fold of an earlier one is asked for again */
  voided(day: number, commit: number): void;
  /** Forgets all: the store was started again. */
  reset(commit: number): void;
}

/** What windows are built from. */
export interface WindowSource extends Pick<FactReader, "snapshot" | "days" | "blobs"> {
  /** The calendar day of an instant (epoch ms), see `lib/calendar.ts`. */
  dayOf(ms: number): number;
  /** Asks the store to fold a day; it answers by {@link Windows.install}. */
  requestDay(day: number): void;
}
