import type { Change } from "../contract/fact.ts";
import type { EncodedSlice } from "../contract/thread.ts";
import { createDayStates } from "./day.ts";
import type { DayStates } from "./day.ts";

/** Changes of one day that are kept while the store folds it; past it, the day is asked for again. */
const MAX_BUFFERED = 20_000;

/** The days without blobs: their states, which the store folds once and changes keep true from then on. */
export interface OpenDays {
  get(day: number): DayStates | undefined;
  /** Asks the store for a day, once however many wait. @param applied the last commit whose changes came */
  request(day: number, applied: number): void;
  change(day: number, commit: number, change: Change): void;
  /** @returns whether the day is held now: it was waited for, and is of a commit that is new enough */
  install(day: number, commit: number, slices: readonly EncodedSlice[]): boolean;
  /** The day has blobs now. */
  close(day: number): void;
  /** What was folded of the day before `commit` is void. */
  void(day: number, commit: number): void;
  clear(): void;
}

/** A day that the store is folding. */
interface Asked {
  /** The answer must hold all up to this commit; what came later is in `later`. */
  since: number;
  later: { commit: number; change: Change }[];
}

/** @param maxDays days held; the one that was not asked for the longest time is dropped first */
export function createOpenDays(requestDay: (day: number) => void, maxDays: number): OpenDays {
  const held = new Map<number, DayStates>();
  const asked = new Map<number, Asked>();

  function get(day: number): DayStates | undefined {
    const states = held.get(day);
    if (states === undefined) return undefined;
    held.delete(day);
    held.set(day, states);
    return states;
  }

  function request(day: number, applied: number): void {
    if (asked.has(day)) return;
    asked.set(day, { since: applied, later: [] });
    requestDay(day);
  }

  function change(day: number, commit: number, change: Change): void {
    held.get(day)?.change(change);
    const waiting = asked.get(day);
    if (waiting === undefined) return;
    if (waiting.later.length < MAX_BUFFERED) waiting.later.push({ commit, change });
    else asked.set(day, { since: commit, later: [] });
  }

  function install(day: number, commit: number, slices: readonly EncodedSlice[]): boolean {
    const waiting = asked.get(day);
    if (waiting === undefined) return false;
    if (commit < waiting.since) {
      requestDay(day);
      return false;
    }
    asked.delete(day);
    const states = createDayStates(day, slices);
    for (const later of waiting.later) if (later.commit > commit) states.change(later.change);
    held.set(day, states);
    for (const oldest of held.keys()) if (held.size > maxDays) held.delete(oldest);
    return true;
  }

  return {
    get,
    request,
    change,
    install,
    close(day) {
      held.delete(day);
      asked.delete(day);
    },
    void(day, commit) {
      held.delete(day);
      const waiting = asked.get(day);
      if (waiting !== undefined) waiting.since = Math.max(waiting.since, commit);
    },
    clear() {
      held.clear();
      asked.clear();
    },
  };
}
