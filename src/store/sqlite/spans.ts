import type { DatabaseSync } from "node:sqlite";
import type { Link } from "../../contract/fact.ts";
import { AHEAD_MS } from "../refuse.ts";
import { TIME } from "./rows.ts";

/** Spans that are no facts, of traces that have one: for the waterfall of the trace. */
export interface Spans {
  /** Inside a transaction. One that was kept before, is too old, or is dated too far ahead, changes nothing. */
  keep(links: readonly Link[], nowMs: number): void;
  /** Inside a transaction: removes up to `limit` of those that ended before. @returns how many */
  remove(beforeMs: number, limit: number): number;
}

const DAY_MS = 86_400_000;

/** @param days that they are kept */
export function openSpans(db: DatabaseSync, days: number): Spans {
  const insert = db.prepare(`INSERT INTO spans (time, key, parent, name, duration, failed, service, attributes)
    VALUES (${TIME}, unhex(?), unhex(?), ?, ?, ?, ?, ?) ON CONFLICT (time, key) DO NOTHING`);
  const remove = db.prepare(`DELETE FROM spans WHERE (time, key) IN
    (SELECT time, key FROM spans WHERE time < cast(? AS INTEGER) * 1000000 ORDER BY time LIMIT ?)`);

  return {
    keep(links, nowMs) {
      const [from, until] = [nowMs - days * DAY_MS, nowMs + AHEAD_MS];
      for (const { traceId, spanId, parentId, step } of links) {
        if (step === undefined || !(step.timeMs >= from && step.timeMs <= until)) continue;
        const { timeMs, timeNs, name, durationNs, failed, service, attributes } = step;
        insert.run(
          timeMs,
          timeNs,
          traceId + spanId,
          parentId ?? null,
          name,
          durationNs,
          failed ? 1 : 0,
          service ?? null,
          attributes ?? null,
        );
      }
    },
    remove: (beforeMs, limit) => Number(remove.run(beforeMs, limit).changes),
  };
}
