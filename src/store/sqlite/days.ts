import type { DatabaseSync } from "node:sqlite";
import type { StoredFact } from "../../contract/fact.ts";
import type { Json } from "../../contract/fold.ts";
import type { EncodedSlice } from "../../contract/thread.ts";
import type { Calendar } from "../../lib/calendar.ts";
import type { Journal } from "../journal.ts";
import { factOf, prepareRead, READ_RANGE } from "./rows.ts";
import { DAY, openReadOnly } from "./schema.ts";
import type { Meta } from "./schema.ts";

/** Adds the facts of one day to every fold of every selection; made by `rollups/`. */
export interface DayFolder {
  add(fact: StoredFact): void;
  encode(): EncodedSlice[];
}

/** Days with facts: open, closed (blobs equal the facts) or sealed (blobs only). */
export interface Days {
  /** Facts before it (epoch ms) are of sealed days. */
  readonly sealedUntilMs: number;
  /** @returns the day that a fact of that time counts on. */
  dayOf(timeMs: number): number;
  open(): number[];
  /** All, in no order. */
  all(): number[];
  isSealed(day: number): boolean;
  /** The oldest day that is not sealed. */
  oldest(): { day: number; closed: boolean } | undefined;
  /** Inside a transaction: the day has facts. */
  know(day: number): void;
  /** Inside the transaction of commit number `commit`, which changes what is folded of the day: its blobs go. */
  change(day: number, commit: number): void;
  fold(day: number, folder: DayFolder): Generator<void, EncodedSlice[]>;
  /** Inside a transaction. @returns false where the day changed since `commit`, or is not open. */
  close(day: number, commit: number, run: number, slices: readonly EncodedSlice[]): boolean;
  /** Inside a transaction; the day is closed and the oldest. */
  seal(day: number): void;
}

interface DayEntry {
  state: number;
  /** Number of the commit that changed it last. */
  changed: number;
}

/** Facts folded between two chances for a commit. */
const STEP = 2000;

export function openDays(db: DatabaseSync, file: string, meta: Meta, calendar: Calendar, journal: Journal): Days {
  const entries = new Map<number, DayEntry>();
  for (const { day, state } of db.prepare("SELECT day, state FROM days").all() as { day: number; state: number }[]) {
    entries.set(day, { state, changed: 0 });
  }
  const sealed = {
    untilMs: Number(meta.get("sealed_until") ?? 0),
    day: Number(meta.get("sealed_day") ?? Number.NEGATIVE_INFINITY),
  };
  const insertDay = db.prepare("INSERT INTO days (day, state) VALUES (?, 0)");
  const setState = db.prepare("UPDATE days SET state = ? WHERE day = ?");
  const closeAt = db.prepare("UPDATE days SET run = ?, at_commit = ? WHERE day = ?");
  const dropBlobs = db.prepare("DELETE FROM day_folds WHERE day = ?");
  const insertBlob = db.prepare(
    "INSERT INTO day_folds (fold, selection, day, version, run, at_commit, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const readBlobs = db.prepare("SELECT fold, version, selection, state FROM day_folds WHERE day = ?");

  function dayOf(timeMs: number): number {
    // After a change of zone the first day that is not sealed may begin a little after the sealed ones end.
    return Math.max(calendar.dayOf(timeMs), sealed.day + 1);
  }

  function know(day: number): DayEntry {
    let entry = entries.get(day);
    if (entry === undefined) {
      entry = { state: DAY.open, changed: 0 };
      insertDay.run(day);
      journal.put(entries, day, entry);
    }
    return entry;
  }

  function move(entry: DayEntry, day: number, state: number): void {
    setState.run(state, day);
    journal.set(entry, "state", state);
  }

  function* fold(day: number, folder: DayFolder): Generator<void, EncodedSlice[]> {
    if (entries.get(day)?.state === DAY.sealed) return storedSlices(day);
    // A connection of its own reads one state of the data to the end, while the writer goes on.
    const reader = openReadOnly(file);
    try {
      const from = day === sealed.day + 1 ? sealed.untilMs : calendar.startOf(day);
      let count = 0;
      for (const row of prepareRead(reader, READ_RANGE).iterate(from, 0, calendar.startOf(day + 1), 0)) {
        folder.add(factOf(row).fact);
        count += 1;
        if (count % STEP === 0) yield;
      }
    } finally {
      reader.close();
    }
    return folder.encode();
  }

  function storedSlices(day: number): EncodedSlice[] {
    const rows = readBlobs.all(day) as { fold: string; version: number; selection: string; state: string }[];
    return rows.map((row) => ({ ...row, state: JSON.parse(row.state) as Json }));
  }

  return {
    get sealedUntilMs() {
      return sealed.untilMs;
    },
    dayOf,
    open: () =>
      [...entries]
        .filter(([, { state }]) => state === DAY.open)
        .map(([day]) => day)
        .sort((a, b) => a - b),
    all: () => [...entries.keys()],
    isSealed: (day) => entries.get(day)?.state === DAY.sealed,
    oldest() {
      let oldest: { day: number; closed: boolean } | undefined;
      for (const [day, { state }] of entries) {
        if (state !== DAY.sealed && (oldest === undefined || day < oldest.day))
          oldest = { day, closed: state === DAY.closed };
      }
      return oldest;
    },
    know,
    change(day, commit) {
      const entry = know(day);
      if (entry.state === DAY.closed) {
        dropBlobs.run(day);
        move(entry, day, DAY.open);
      }
      if (entry.changed !== commit) journal.set(entry, "changed", commit);
    },
    fold,
    close(day, commit, run, slices) {
      const entry = entries.get(day);
      if (entry === undefined || entry.state !== DAY.open || entry.changed > commit) return false;
      closeAt.run(run, commit, day);
      for (const { fold, selection, version, state } of slices) {
        insertBlob.run(fold, selection, day, version, run, commit, JSON.stringify(state));
      }
      move(entry, day, DAY.closed);
      return true;
    },
    seal(day) {
      const entry = entries.get(day);
      if (entry === undefined) return;
      const untilMs = calendar.startOf(day + 1);
      meta.set("sealed_until", untilMs);
      meta.set("sealed_day", day);
      move(entry, day, DAY.sealed);
      journal.set(sealed, "untilMs", untilMs);
      journal.set(sealed, "day", day);
    },
  };
}

/**
 * Days of another zone, or blobs of other folds, are void: every day that is not sealed is open again, under its number
 * in the zone of `calendar`. Inside a transaction, before {@link openDays}.
 */
export function reopenDays(db: DatabaseSync, meta: Meta, calendar: Calendar): void {
  const sealedDay = Number(meta.get("sealed_day") ?? Number.NEGATIVE_INFINITY);
  db.exec(`DELETE FROM day_folds WHERE day IN (SELECT day FROM days WHERE state <> ${DAY.sealed})`);
  db.exec(`DELETE FROM days WHERE state <> ${DAY.sealed}`);
  const insert = db.prepare("INSERT OR IGNORE INTO days (day, state) VALUES (?, 0)");
  const next = db.prepare("SELECT min(time) / 1000000 AS ms FROM facts WHERE time >= cast(? AS INTEGER) * 1000000");
  let fromMs = Number(meta.get("sealed_until") ?? 0);
  for (;;) {
    const { ms } = next.get(fromMs) as { ms: number | null };
    if (ms === null) return;
    const day = calendar.dayOf(ms);
    insert.run(Math.max(day, sealedDay + 1));
    fromMs = calendar.startOf(day + 1);
  }
}
