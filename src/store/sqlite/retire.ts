import type { DatabaseSync } from "node:sqlite";
import type { Calendar } from "../../lib/calendar.ts";
import type { Days } from "./days.ts";
import type { Meta } from "./schema.ts";
import { RECENT_MS } from "./spans.ts";
import type { Spans } from "./spans.ts";
import { LEVELS } from "./schema.ts";
import type { Transact } from "./transact.ts";

const DAY_MS = 86_400_000;

/** Rows of one step: a commit never waits longer than for one of them. */
const STEP = 500;
const VACUUM_PAGES = 256;
/** After every time that nanoseconds in 64 bits can say. */
const EVER_MS = 9_223_372_036_854;

/** How long things are kept, in days of 24 h, and how much disk they may take. */
export interface Retention {
  /** Raw facts; their days' statistics stay for ever. */
  facts: number;
  debugLogs: number;
  /** Arguments and results of tool calls. */
  toolBodies: number;
  /** Spans that are no facts; absent: as long as facts. */
  spans?: number;
}

/** What was removed for want of room, not of age. */
export interface Shed {
  debugLogs: number;
  spans: number;
  logs: number;
  toolBodies: number;
  facts: number;
}

export interface Retirement {
  /** Epoch ms; facts before it are refused. */
  keptFrom(nowMs: number): number;
  /** False where a tool call of that time may keep neither arguments nor result. */
  keepsContent(timeMs: number): boolean;
  /** One bounded piece of work. @returns whether there is more. */
  step(nowMs: number): boolean;
  /** Bytes of the database and its log. */
  bytes(): number;
  readonly shed: Shed;
}

interface Parts {
  db: DatabaseSync;
  meta: Meta;
  days: Days;
  calendar: Calendar;
  spans: Spans;
  transact: Transact;
  retention: Retention;
  /** 0: no bound. */
  maxBytes: number;
  /** Bytes of the write-ahead log. */
  walBytes: () => number;
  lastRow: () => number;
}

export function openRetirement(parts: Parts): Retirement {
  const { db, meta, days, calendar, spans, transact, retention, maxBytes, walBytes, lastRow } = parts;
  const shed: Shed = { debugLogs: 0, spans: 0, logs: 0, toolBodies: 0, facts: 0 };
  let contentFromMs = Number(meta.get("bodies_from") ?? 0);

  const oldFacts = db.prepare(
    "SELECT row FROM facts INDEXED BY facts_once WHERE time < cast(? AS INTEGER) * 1000000 ORDER BY time LIMIT ?",
  );
  const oldLogs = db.prepare(
    `SELECT row FROM facts INDEXED BY logs_by_level
     WHERE kind = 4 AND level = ? AND time < cast(? AS INTEGER) * 1000000 ORDER BY time LIMIT ?`,
  );
  const oldTools = db.prepare(
    `SELECT row, time / 1000000 AS ms FROM facts INDEXED BY tools_by_time
     WHERE kind = 3 AND counted = 1 AND failed = ? AND time >= cast(? AS INTEGER) * 1000000
       AND time < cast(? AS INTEGER) * 1000000 ORDER BY time LIMIT ?`,
  );
  const deletes = ["facts", "bodies", "item_fills"].map((table) => db.prepare(`DELETE FROM ${table} WHERE row = ?`));
  const dropContent = db.prepare(
    "UPDATE bodies SET args = NULL, result = NULL WHERE row = ? AND (args IS NOT NULL OR result IS NOT NULL)",
  );
  const dropEmpty = db.prepare("DELETE FROM bodies WHERE row = ? AND message IS NULL AND stack IS NULL");

  function remove(rows: { row: number }[]): number {
    if (rows.length === 0) return 0;
    transact(() => {
      // Row numbers are never used twice, also where the newest row goes.
      meta.set("last_row", lastRow());
      for (const { row } of rows) for (const statement of deletes) statement.run(row);
    });
    return rows.length;
  }

  function removeLogs(level: (typeof LEVELS)[number], beforeMs: number): number {
    return remove(oldLogs.all(LEVELS.indexOf(level), beforeMs, STEP) as { row: number }[]);
  }

  /** @returns how many tool calls lost their content; moves the border that {@link Retirement.keepsContent} reads. */
  function removeContent(beforeMs: number): number {
    if (contentFromMs >= beforeMs) return 0;
    const slice = [0, 1].map((failed) => {
      return oldTools.all(failed, contentFromMs, beforeMs, STEP) as { row: number; ms: number }[];
    });
    // A slice that is full ends the step at its last ms; what shares that ms is taken with it, however much it is.
    const ends = slice.map((rows) => (rows.length < STEP ? beforeMs : (rows.at(-1)?.ms ?? 0) + 1));
    const untilMs = Math.min(...ends);
    const rows = [0, 1].flatMap((failed) => {
      return oldTools.all(failed, contentFromMs, untilMs, -1) as { row: number }[];
    });
    const dropped = transact(() => {
      meta.set("bodies_from", untilMs);
      let count = 0;
      for (const { row } of rows) {
        count += Number(dropContent.run(row).changes);
        dropEmpty.run(row);
      }
      return count;
    });
    contentFromMs = untilMs;
    return dropped;
  }

  function sealOldest(beforeMs: number): boolean {
    const oldest = days.oldest();
    if (oldest === undefined || !oldest.closed || calendar.startOf(oldest.day + 1) > beforeMs) return false;
    transact(() => days.seal(oldest.day));
    return true;
  }

  function pages(): { all: number; free: number; size: number } {
    const read = (name: string): number => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
    return { all: read("page_count"), free: read("freelist_count"), size: read("page_size") };
  }

  function isOver(): boolean {
    if (maxBytes === 0) return false;
    const { all, free, size } = pages();
    const live = (all - free) * size;
    if (live + walBytes() <= maxBytes) return false;
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return live + walBytes() > maxBytes;
  }

  /** The cheapest loss first, error items never; messages, requests and tool calls last, and only of days whose statistics are blobs. */
  function shedSome(nowMs: number): boolean {
    const debug = removeLogs("debug", EVER_MS);
    shed.debugLogs += debug;
    if (debug > 0) return true;
    const steps = transact(() => spans.remove(nowMs - RECENT_MS, STEP));
    shed.spans += steps;
    if (steps > 0) return true;
    const logs = removeLogs("info", EVER_MS) || removeLogs("warn", EVER_MS);
    shed.logs += logs;
    if (logs > 0) return true;
    const content = contentFromMs < nowMs;
    if (content) shed.toolBodies += removeContent(nowMs);
    return content || sealOldest(nowMs);
  }

  function vacuum(): boolean {
    const { all, free, size } = pages();
    const room = maxBytes > 0 && all * size + walBytes() > maxBytes ? 0 : Math.max(all / 5, VACUUM_PAGES);
    if (free <= room) return false;
    db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
    return true;
  }

  function expireSome(nowMs: number): boolean {
    const removed = remove(oldFacts.all(days.sealedUntilMs, STEP) as { row: number }[]);
    if (removed > 0) {
      if (days.sealedUntilMs > nowMs - retention.facts * DAY_MS) shed.facts += removed;
      return true;
    }
    if (sealOldest(nowMs - retention.facts * DAY_MS)) return true;
    if (removeLogs("debug", nowMs - retention.debugLogs * DAY_MS) > 0) return true;
    const spansUntilMs = nowMs - (retention.spans ?? retention.facts) * DAY_MS;
    if (transact(() => spans.remove(spansUntilMs, STEP)) > 0) return true;
    const contentUntilMs = nowMs - retention.toolBodies * DAY_MS;
    removeContent(contentUntilMs);
    return contentFromMs < contentUntilMs;
  }

  return {
    keptFrom: (nowMs) => nowMs - retention.facts * DAY_MS,
    keepsContent: (timeMs) => timeMs >= contentFromMs,
    step: (nowMs) => expireSome(nowMs) || (isOver() && shedSome(nowMs)) || vacuum(),
    bytes() {
      const { all, size } = pages();
      return all * size + walBytes();
    },
    shed,
  };
}
