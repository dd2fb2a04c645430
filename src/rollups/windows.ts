import { ownerOf } from "../contract/fact.ts";
import type { Change } from "../contract/fact.ts";
import { EVERYTHING } from "../contract/fold.ts";
import type { Fold, Json } from "../contract/fold.ts";
import type { DayBlob } from "../store/reader.ts";
import { isDue } from "./due.ts";
import { createOpenDays } from "./open-days.ts";
import { createShelf, createWindow } from "./shelf.ts";
import type { Window } from "./shelf.ts";
import type { Days, WindowSource, Windows } from "./window.ts";

/** Mark of a missing day that only the store can fold. */
const TO_FOLD = 0;

interface WindowsOptions {
  /** A small one is about 2 KB. */
  maxWindows?: number;
  /** Of all states together; an entry is about 100 bytes. */
  maxEntries?: number;
  /** Open days held. */
  maxDays?: number;
}

/**
 * The database runs ahead of us: what it says at once reaches us as changes only later. So a state is of the last commit
 * that was applied, and takes a day from a blob only if that is of no later commit; a day that changed since has no blob,
 * and the store folds it. Ports keep order: whatever names a commit comes after all changes up to it.
 */
export function createWindows(source: WindowSource, options: WindowsOptions = {}): Windows {
  const { maxWindows = 10_000, maxEntries = 400_000, maxDays = 64 } = options;
  const waiting = new Set<Window>();
  const shelf = createShelf(maxWindows, maxEntries, (dropped) => waiting.delete(dropped));
  const openDays = createOpenDays((day) => source.requestDay(day), maxDays);
  let applied = 0;

  function state<State>(fold: Fold<State>, selection: string, days: Days): State | Promise<State> {
    if (fold.wholeOnly && selection !== EVERYTHING) throw new RangeError(`fold ${fold.name} has no groups`);
    const [from, to] = [days.from ?? -Infinity, days.to ?? Infinity];
    const held = from === to ? openDays.get(from) : undefined;
    if (held !== undefined) return held.state(fold, selection) ?? fold.zero();
    const window = shelf.find(fold.name, selection, from, to) ?? build(fold, selection, from, to);
    if (window.missing.size === 0) return window.state as State;
    return window.ready.then(() => state(fold, selection, days));
  }

  function build(fold: Fold<unknown>, selection: string, from: number, to: number): Window {
    const earlier = from === -Infinity && to !== Infinity ? takeEarlier(fold, selection, to) : undefined;
    const window = createWindow(fold, selection, from, to, earlier?.state ?? fold.zero());
    shelf.put(window);
    load(window, earlier === undefined ? from : earlier.to + 1, to);
    return window;
  }

  /** When the day changes, the window of all days goes on from that of yesterday. */
  function takeEarlier(fold: Fold<unknown>, selection: string, to: number): Window | undefined {
    let latest: Window | undefined;
    for (const range of shelf.ranges(selection)) {
      if (range.from !== -Infinity || range.to >= to || range.to < (latest?.to ?? -Infinity)) continue;
      for (const window of range.windows) if (window.fold === fold && window.missing.size === 0) latest = window;
    }
    if (latest !== undefined) shelf.drop(latest);
    return latest;
  }

  /** Merges the days `from…to` into the window, as far as they are at hand. */
  function load(window: Window, from: number, to: number): void {
    const { fold, selection, missing } = window;
    const { stored, blobs } = source.snapshot(() => {
      const stored = source.days().filter(({ day }) => day >= from && day <= to);
      const [first, last] = [stored.at(0), stored.at(-1)];
      const blobs = first && last ? source.blobs(fold.name, selection, first.day, last.day) : [];
      return { stored, blobs: new Map(blobs.map((blob) => [blob.day, blob])) };
    });
    for (const { day, closed, commit } of stored) {
      const states = openDays.get(day);
      const blob = blobs.get(day);
      if (states !== undefined) mergeHeld(window, states.state(fold, selection));
      else if (!closed) missing.set(day, TO_FOLD);
      // Also where it has no blob: by a later commit this selection may have lost what it had.
      else if (commit > applied) missing.set(day, commit);
      else if (blob !== undefined) mergeBlob(window, blob);
    }
    settle(window);
    for (const [day, commit] of missing) if (commit === TO_FOLD) openDays.request(day, applied);
  }

  function mergeHeld({ fold, state }: Window, held: unknown): void {
    if (held !== undefined) fold.merge(state, held);
  }

  function mergeBlob({ fold, state, missing }: Window, blob: DayBlob): void {
    if (blob.version !== fold.version) missing.set(blob.day, TO_FOLD);
    else absorb(fold, state, blob.state);
  }

  function settle(window: Window): void {
    if (window.missing.size > 0) {
      waiting.add(window);
      return;
    }
    waiting.delete(window);
    shelf.weigh(window);
    window.settle();
  }

  /** Tries again to get those missing days that may be at hand now. */
  function retry(isAtHand: (day: number, commit: number) => boolean): void {
    for (const window of waiting) {
      const atHand = [...window.missing].filter(([day, commit]) => isAtHand(day, commit));
      for (const [day] of atHand) {
        window.missing.delete(day);
        load(window, day, day);
      }
    }
  }

  function advance(commit: number): void {
    if (commit <= applied) return;
    applied = commit;
    retry((_, needed) => needed !== TO_FOLD && needed <= applied);
  }

  function feed(change: Change, commit: number): void {
    const { fact } = change;
    const day = source.dayOf(fact.timeMs);
    openDays.change(day, commit, change);
    const owner = ownerOf(fact);
    feedSelection(EVERYTHING, change, day, owner);
    if (fact.groupId !== undefined) feedSelection(fact.groupId, change, day, owner);
  }

  function feedSelection(selection: string, { fact, before }: Change, day: number, owner: number): void {
    for (const range of shelf.ranges(selection)) {
      if (day < range.from || day > range.to) continue;
      for (const { fold, state, missing, needed } of range.windows) {
        if (isDue(needed, before, owner) && !missing.has(day)) fold.add(state, fact, day);
      }
    }
  }

  return {
    state,
    apply(commit, changes) {
      if (commit <= applied) return;
      for (const change of changes) if (change.fact.counted) feed(change, commit);
      advance(commit);
    },
    install(day, commit, slices) {
      advance(commit);
      if (openDays.install(day, commit, slices)) retry((missing) => missing === day);
    },
    closed(day, commit) {
      advance(commit);
      openDays.close(day);
      retry((missing) => missing === day);
    },
    voided(day, commit) {
      openDays.void(day, commit);
      for (const window of shelf.all()) if (day >= window.from && day <= window.to) shelf.drop(window);
    },
    reset(commit) {
      applied = commit;
      openDays.clear();
      for (const window of shelf.all()) shelf.drop(window);
    },
  };
}

function absorb<State>(fold: Fold<State>, state: State, json: Json): void {
  if (fold.absorb === undefined) fold.merge(state, fold.decode(json));
  else fold.absorb(state, json);
}
