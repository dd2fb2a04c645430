import type { Json } from "../../contract/fold.ts";
import type { EncodedSlice } from "../../contract/thread.ts";
import { createCalendar } from "../../lib/calendar.ts";
import type { DayFolder } from "./days.ts";
import { guarded } from "./failure.ts";
import { factOf, prepareRead, READ_RANGE } from "./rows.ts";
import { DAY, openMeta, openReadOnly } from "./schema.ts";

/** A store's file as it is, for whoever checks it: nothing is written, and a store that runs is not held up. */
export interface Inspection {
  /** An IANA name. */
  readonly zone: string;
  /** Names and versions of the folds that the blobs hold. */
  readonly folds: string;
  /** Ascending. */
  days(): number[];
  /**
   * One day, all of one moment.
   *
   * @param folder gets the day's facts, unless the day is sealed
   * @returns undefined where the day is gone
   */
  day(day: number, folder: DayFolder): InspectedDay | undefined;
  close(): void;
}

export interface InspectedDay {
  state: keyof typeof DAY;
  /** Facts that were folded. */
  facts: number;
  /** What the blobs hold; nothing where the day is open. */
  blobs: EncodedSlice[];
}

/** @throws {BotelError} UNAVAILABLE where the file cannot be opened, as do the methods where it cannot be read */
export function inspectStore(file: string): Inspection {
  const db = openReadOnly(file);
  const meta = guarded(file, () => {
    const { get } = openMeta(db);
    const [zone, folds] = [String(get("zone") ?? "UTC"), String(get("folds") ?? "")];
    return { zone, folds, get };
  });
  const calendar = createCalendar(meta.zone);
  const readState = db.prepare("SELECT state FROM days WHERE day = ?");
  const readBlobs = db.prepare("SELECT fold, version, selection, state FROM day_folds WHERE day = ?");
  const readFacts = prepareRead(db, READ_RANGE);

  function foldFacts(day: number, folder: DayFolder): number {
    const sealedDay = Number(meta.get("sealed_day") ?? Number.NEGATIVE_INFINITY);
    const from = day === sealedDay + 1 ? Number(meta.get("sealed_until")) : calendar.startOf(day);
    let facts = 0;
    for (const row of readFacts.iterate(from, 0, calendar.startOf(day + 1), 0)) {
      folder.add(factOf(row).fact);
      facts += 1;
    }
    return facts;
  }

  function inspect(day: number, folder: DayFolder): InspectedDay | undefined {
    const row = readState.get(day) as { state: number } | undefined;
    const state = (Object.keys(DAY) as (keyof typeof DAY)[]).find((name) => DAY[name] === row?.state);
    if (state === undefined) return undefined;
    const rows = readBlobs.all(day) as (Omit<EncodedSlice, "state"> & { state: string })[];
    const blobs = rows.map((blob) => ({ ...blob, state: JSON.parse(blob.state) as Json }));
    return { state, facts: state === "sealed" ? 0 : foldFacts(day, folder), blobs };
  }

  return {
    zone: meta.zone,
    folds: meta.folds,
    days: () =>
      guarded(file, () => db.prepare("SELECT day FROM days ORDER BY day").all()).map((row) => Number(row["day"])),
    day: (day, folder) =>
      guarded(file, () => {
        db.exec("BEGIN");
        try {
          return inspect(day, folder);
        } finally {
          db.exec("COMMIT");
        }
      }),
    close: () => db.close(),
  };
}
