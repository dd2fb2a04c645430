import type { DatabaseSync } from "node:sqlite";
import type { Json } from "../../contract/fold.ts";
import type { Link } from "../../contract/fact.ts";
import type { EncodedSlice } from "../../contract/thread.ts";
import type { Placed } from "../owners.ts";
import { guarded } from "./failure.ts";
import { prepareRead, READ_WHOLE, wholeFactOf } from "./rows.ts";
import { DAY, openMeta, openReadOnly } from "./schema.ts";

/** A store's file, to be read from its first fact to its last: for whoever copies it. Nothing is written. */
export interface Export {
  /** An IANA name. */
  readonly zone: string;
  /** Names and versions of the folds of its sealed days. */
  readonly folds: string;
  readonly facts: number;
  readonly lastRow: number;
  /** Facts up to this row arrived so long ago that no message of their turn will change them. */
  readonly settledRow: number;
  /** With all their texts, in the order of arrival. */
  after(row: number, limit: number): Placed[];
  /** What is known of error items beside their facts. */
  fills(): ExportedFill[];
  /** Spans that are no facts, by time. */
  spans(): Generator<Link[]>;
  names(): { users: ExportedName[]; groups: ExportedName[] };
  /** Days whose facts are gone: their folds. */
  sealedDays(): number[];
  slices(day: number): EncodedSlice[];
  close(): void;
}

export interface ExportedFill {
  row: number;
  stack?: string;
  channel?: string;
  model?: string;
}

export interface ExportedName {
  id: string;
  name: string;
  /** Nanoseconds, in digits. */
  time: string;
}

const SPANS_AT_ONCE = 5000;

/** @throws {BotelError} UNAVAILABLE where the file cannot be opened or read */
export function exportStore(file: string): Export {
  const db = openReadOnly(file);
  return guarded(file, () => {
    const { get } = openMeta(db);
    const readAfter = prepareRead(db, READ_WHOLE);
    const lastRow = one(db, "SELECT coalesce(max(row), 0) FROM facts");
    const youngRow = one(db, "SELECT coalesce(min(row), 0) FROM arrivals");
    const readSlices = db.prepare("SELECT fold, version, selection, state FROM day_folds WHERE day = ?");
    return {
      zone: String(get("zone") ?? "UTC"),
      folds: String(get("folds") ?? ""),
      facts: one(db, "SELECT count(*) FROM facts"),
      lastRow,
      settledRow: youngRow === 0 ? lastRow : Math.min(lastRow, youngRow - 1),
      after: (row, limit) => readAfter.all(row, limit).map(wholeFactOf),
      fills: () =>
        db
          .prepare("SELECT row, stack, channel, model FROM item_fills ORDER BY row")
          .all()
          .map(({ row, stack, channel, model }) => ({
            row: Number(row),
            stack: given(stack),
            channel: given(channel),
            model: given(model),
          })),
      spans: () => spansOf(db),
      names: () => ({ users: namesOf(db, "user_names", 0), groups: namesOf(db, "group_names", 1) }),
      sealedDays: () =>
        db
          .prepare(`SELECT day FROM days WHERE state = ${DAY.sealed} ORDER BY day`)
          .all()
          .map(({ day }) => Number(day)),
      slices: (day) =>
        readSlices.all(day).map(({ fold, version, selection, state }) => ({
          fold: String(fold),
          version: Number(version),
          selection: String(selection),
          state: JSON.parse(String(state)) as Json,
        })),
      close: () => db.close(),
    };
  });
}

function one(db: DatabaseSync, sql: string): number {
  const statement = prepareRead(db, sql);
  return (statement.get() as unknown as [number])[0];
}

function given(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function* spansOf(db: DatabaseSync): Generator<Link[]> {
  const read = db.prepare(`SELECT time / 1000000 AS timeMs, time % 1000000 AS timeNs, lower(hex(key)) AS key,
    lower(hex(parent)) AS parent, name, duration, failed, service, attributes FROM spans ORDER BY time, key`);
  let links: Link[] = [];
  for (const row of read.iterate()) {
    const key = String(row["key"]);
    links.push({
      traceId: key.slice(0, 32),
      spanId: key.slice(32),
      parentId: given(row["parent"]),
      agent: false,
      step: {
        name: String(row["name"]),
        timeMs: Number(row["timeMs"]),
        timeNs: Number(row["timeNs"]),
        durationNs: Number(row["duration"]),
        failed: row["failed"] === 1,
        service: given(row["service"]),
        attributes: given(row["attributes"]),
      },
    });
    if (links.length < SPANS_AT_ONCE) continue;
    yield links;
    links = [];
  }
  if (links.length > 0) yield links;
}

/** As they are in the table, with the times that are still in the log. */
function namesOf(db: DatabaseSync, table: "user_names" | "group_names", place: number): ExportedName[] {
  const rows = db.prepare(`SELECT id, name, CAST(time AS TEXT) AS time FROM ${table}`).all();
  const names = new Map(
    rows.map(({ id, name, time }) => [String(id), { id: String(id), name: String(name), time: String(time) }]),
  );
  for (const { names: logged } of db.prepare("SELECT names FROM name_log ORDER BY rowid").all()) {
    const confirmed = (JSON.parse(String(logged)) as [id: string, ms: number, ns: number][][])[place] ?? [];
    for (const [id, ms, ns] of confirmed) {
      const known = names.get(id);
      const time = BigInt(ms) * 1_000_000n + BigInt(ns);
      if (known !== undefined && time > BigInt(known.time)) known.time = String(time);
    }
  }
  return [...names.values()];
}
