import type { EncodedSlice } from "../../contract/thread.ts";
import type { Calendar } from "../../lib/calendar.ts";
import { createJournal } from "../journal.ts";
import { openDays, type Days } from "./days.ts";
import { openDatabase, openMeta } from "./schema.ts";
import { createTransact } from "./transact.ts";

/**
 * Which days there are, and the blobs of the closed ones, where the facts themselves are in a cluster: for the observer of
 * this instance, who reads the file as if it were that of one machine. The cluster tells it all at every start.
 */
export interface DayCache {
  /** The zone of the last start, an IANA name. */
  readonly zone: string | undefined;
  /** Forgets all days, those of a calendar begin. */
  begin(calendar: Calendar): void;
  /** The days have facts, and those that had blobs have none any more. */
  change(days: Iterable<number>, commit: number): void;
  /** @returns false where the day changed since `commit` */
  closeDay(day: number, commit: number, slices: readonly EncodedSlice[]): boolean;
  /** Days without blobs, ascending. */
  open(): number[];
  close(): void;
}

/** @param file absolute path; its folder exists @throws {BotelError} UNAVAILABLE where it cannot be opened */
export function openDayCache(file: string): DayCache {
  const db = openDatabase(file);
  // All of it is in the cluster, too.
  db.exec("PRAGMA synchronous = OFF");
  const meta = openMeta(db);
  const journal = createJournal();
  const transact = createTransact(db, file, journal);
  const run = Number(meta.get("run") ?? 0) + 1;
  let days: Days | undefined;

  function known(): Days {
    if (days === undefined) throw new Error("the cache has no calendar yet");
    return days;
  }

  return {
    get zone() {
      const zone = meta.get("zone");
      return zone === undefined ? undefined : String(zone);
    },
    begin(calendar) {
      transact(() => {
        db.exec("DELETE FROM day_folds; DELETE FROM days;");
        meta.set("zone", calendar.zone);
        meta.set("run", run);
      });
      days = openDays(db, file, meta, calendar, journal);
    },
    change(changed, commit) {
      transact(() => {
        for (const day of changed) known().change(day, commit);
      });
    },
    closeDay: (day, commit, slices) => transact(() => known().close(day, commit, run, slices)),
    open: () => known().open(),
    close: () => db.close(),
  };
}
