import { BotelError } from "../contract/errors.ts";
import type { Fold } from "../contract/fold.ts";
import { neededBits } from "./due.ts";

/** The state of one fold and selection over the days `from…to`. */
export interface Window {
  readonly fold: Fold<unknown>;
  readonly selection: string;
  readonly from: number;
  readonly to: number;
  /** Owner's bits of the facts that are added. */
  readonly needed: number;
  readonly state: unknown;
  /** Days that are not in the state yet, each with the commit that must be applied first; 0: the store folds it. */
  readonly missing: Map<number, number>;
  /** Settles when no day is missing any more, or the window was dropped: ask again then. */
  readonly ready: Promise<void>;
  readonly settle: () => void;
  readonly fail: (error: BotelError) => void;
  /** Entries of the state when it was last weighed. */
  size: number;
}

/** Windows of the same days and selection. */
interface Range {
  from: number;
  to: number;
  windows: Set<Window>;
}

/** Windows, bounded: the one that was not asked for the longest time is dropped first, which costs only its rebuilding. */
export interface Shelf {
  /** Marks it as asked for. */
  find(fold: string, selection: string, from: number, to: number): Window | undefined;
  put(window: Window): void;
  /** Counts a state's entries again, after days were merged into it. */
  weigh(window: Window): void;
  drop(window: Window): void;
  /** The windows of a selection, by their days. */
  ranges(selection: string): Iterable<Range>;
  all(): Iterable<Window>;
}

export function createWindow(fold: Fold<unknown>, selection: string, from: number, to: number, state: unknown): Window {
  const { promise: ready, resolve: settle, reject: fail } = Promise.withResolvers<void>();
  const needed = neededBits(fold, selection);
  return { fold, selection, from, to, needed, state, missing: new Map(), ready, settle, fail, size: 0 };
}

/**
 * @param maxEntries of all states together, as the folds count them
 * @param onDrop told of each window that leaves, for whatever reason
 */
export function createShelf(maxWindows: number, maxEntries: number, onDrop: (window: Window) => void): Shelf {
  /** In the order of use. */
  const windows = new Map<string, Window>();
  const bySelection = new Map<string, Map<string, Range>>();
  let entries = 0;

  function find(fold: string, selection: string, from: number, to: number): Window | undefined {
    const key = keyOf(fold, selection, from, to);
    const window = windows.get(key);
    if (window === undefined) return undefined;
    windows.delete(key);
    windows.set(key, window);
    return window;
  }

  function put(window: Window): void {
    windows.set(keyOf(window.fold.name, window.selection, window.from, window.to), window);
    rangeOf(window).windows.add(window);
    shed();
  }

  function weigh(window: Window): void {
    const size = window.fold.size?.(window.state) ?? 1;
    entries += size - window.size;
    window.size = size;
    shed();
  }

  function drop(window: Window): void {
    if (!windows.delete(keyOf(window.fold.name, window.selection, window.from, window.to))) return;
    entries -= window.size;
    const ranges = bySelection.get(window.selection);
    const name = rangeName(window);
    const range = ranges?.get(name);
    range?.windows.delete(window);
    if (range?.windows.size === 0) ranges?.delete(name);
    if (ranges?.size === 0) bySelection.delete(window.selection);
    onDrop(window);
    window.settle();
  }

  function shed(): void {
    for (const window of windows.values()) {
      if (windows.size > maxWindows) refuse(window);
      else if (entries <= maxEntries || windows.size === 1) return;
      drop(window);
    }
  }

  function rangeOf(window: Window): Range {
    let ranges = bySelection.get(window.selection);
    if (ranges === undefined) bySelection.set(window.selection, (ranges = new Map()));
    let range = ranges.get(rangeName(window));
    if (range === undefined) {
      range = { from: window.from, to: window.to, windows: new Set() };
      ranges.set(rangeName(window), range);
    }
    return range;
  }

  return {
    find,
    put,
    weigh,
    drop,
    ranges: (selection) => bySelection.get(selection)?.values() ?? [],
    all: () => windows.values(),
  };
}

/** Those who wait for a window that has no room get no answer: to build it anew would only push out the next. */
function refuse(window: Window): void {
  if (window.missing.size === 0) return;
  window.fail(new BotelError("UNAVAILABLE", "Too many answers wait for the store: try again in a moment."));
}

function keyOf(fold: string, selection: string, from: number, to: number): string {
  return `${from} ${to} ${fold} ${selection}`;
}

function rangeName({ from, to }: Window): string {
  return `${from} ${to}`;
}
