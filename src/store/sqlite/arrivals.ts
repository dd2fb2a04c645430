import type { DatabaseSync } from "node:sqlite";
import type { StoredFact } from "../../contract/fact.ts";
import type { Journal } from "../journal.ts";
import { JOIN_MS } from "../traces.ts";
import { factOf, prepareRead, READ_FROM_ROW } from "./rows.ts";
import type { Meta } from "./schema.ts";

/** When facts arrived, by the minute: rows are numbered in that order. */
export interface Arrivals {
  /** The last row number that was ever given. */
  readonly lastRow: number;
  /** Inside a transaction: facts from `row` on arrive now. */
  mark(row: number, nowMs: number): void;
  /** All facts that arrived within the time of joins before `nowMs`, in their order, at most the newest `limit`. */
  recent(nowMs: number, limit: number): Generator<{ fact: StoredFact; joined: number }>;
}

const MARK_MS = 60_000;

export function openArrivals(db: DatabaseSync, meta: Meta, journal: Journal): Arrivals {
  const { row: newestRow } = db.prepare("SELECT max(row) AS row FROM facts").get() as { row: number | null };
  const lastRow = Math.max(newestRow ?? 0, Number(meta.get("last_row") ?? 0));
  const marks = db.prepare("SELECT row, at FROM arrivals ORDER BY row").all() as { row: number; at: number }[];
  const insert = db.prepare("INSERT INTO arrivals (row, at) VALUES (?, ?) ON CONFLICT (row) DO NOTHING");
  const forget = db.prepare("DELETE FROM arrivals WHERE at < ?");
  const marked = { ms: marks.at(-1)?.at ?? 0 };

  return {
    lastRow,
    mark(row, nowMs) {
      // A clock that was set back marks anew, too.
      if (Math.abs(nowMs - marked.ms) < MARK_MS) return;
      forget.run(nowMs - 2 * JOIN_MS);
      insert.run(row, nowMs);
      journal.set(marked, "ms", nowMs);
    },
    *recent(nowMs, limit) {
      // What follows a mark came within a minute of it, else there would be another one.
      const from = marks.find(({ at }) => at + MARK_MS > nowMs - JOIN_MS);
      if (from === undefined) return;
      const firstRow = Math.max(from.row, lastRow - limit + 1);
      for (const row of prepareRead(db, READ_FROM_ROW).iterate(firstRow)) yield factOf(row);
    },
  };
}
