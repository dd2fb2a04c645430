import type { DatabaseSync } from "node:sqlite";
import type { Link } from "../../contract/fact.ts";
import type { Journal } from "../journal.ts";
import { JOIN_MS } from "../traces.ts";

/**
 * Spans that are no facts, for as long as a call that is nested over them may still come: without them a restart would
 * count it a second time. Most are in `spans.ts`, for longer, and not here.
 */
export interface Links {
  /** Inside a transaction. Only one with a parent can lie between two facts. */
  keep(links: readonly Link[], nowMs: number): void;
  /** Those that arrived within the time of joins before `nowMs`. */
  recent(nowMs: number): Link[];
}

/** In front of each key, so that old links lie together and what comes dirties few pages. */
const BUCKET_MS = 60_000;

/** @param limit links that are kept at the most; past it a nesting over a restart may go unseen */
export function openLinks(db: DatabaseSync, journal: Journal, limit: number): Links {
  db.exec(`CREATE TABLE IF NOT EXISTS links (
    at INTEGER NOT NULL, trace BLOB NOT NULL, span BLOB NOT NULL, parent BLOB NOT NULL, agent INTEGER NOT NULL,
    PRIMARY KEY (at, trace, span)
  ) STRICT, WITHOUT ROWID`);
  const insert = db.prepare(
    "INSERT INTO links VALUES (?, unhex(?), unhex(?), unhex(?), ?) ON CONFLICT (at, trace, span) DO NOTHING",
  );
  const forget = db.prepare("DELETE FROM links WHERE at < ?");
  const held = db.prepare("SELECT count(*) AS count FROM links").get() as { count: number };
  let bucket = 0;

  function turn(now: number): void {
    bucket = now;
    const gone = Number(forget.run(Math.floor((now * BUCKET_MS - JOIN_MS) / BUCKET_MS)).changes);
    journal.set(held, "count", held.count - gone);
  }

  return {
    keep(links, nowMs) {
      const now = Math.floor(nowMs / BUCKET_MS);
      if (now !== bucket) turn(now);
      for (const { traceId, spanId, parentId, agent } of links) {
        if (parentId === undefined || held.count >= limit) continue;
        const added = Number(insert.run(now, traceId, spanId, parentId, agent ? 1 : 0).changes);
        journal.set(held, "count", held.count + added);
      }
    },
    recent(nowMs) {
      const from = Math.floor((nowMs - JOIN_MS) / BUCKET_MS);
      const read = db.prepare(`SELECT lower(hex(trace)) AS traceId, lower(hex(span)) AS spanId,
        lower(hex(parent)) AS parentId, agent FROM links WHERE at >= ?`);
      const rows = read.all(from) as { traceId: string; spanId: string; parentId: string; agent: number }[];
      return rows.map((row) => ({ ...row, agent: row.agent === 1 }));
    },
  };
}
