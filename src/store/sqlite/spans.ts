import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Link, MessageFact, Step } from "../../contract/fact.ts";
import { AHEAD_MS } from "../refuse.ts";
import { JOIN_MS } from "../traces.ts";
import { TIME } from "./rows.ts";

/** Spans that are no facts, of traces that have one: for the waterfall of the trace. */
export interface Spans {
  /**
   * Inside a transaction. One that was kept before, is too old, or is dated too far ahead, changes nothing.
   *
   * @returns those that {@link Spans.recent} will not give
   */
  keep(links: readonly Link[], nowMs: number): Link[];
  /** Of those with a parent that arrived within the time of joins before `nowMs`, the newest `limit`; others too. */
  recent(nowMs: number, limit: number): Link[];
  /** Inside a transaction: removes those of a turn that ended while its message was under way. */
  removeOf(message: MessageFact): void;
  /** Inside a transaction: removes up to `limit` of those that ended before. @returns how many */
  remove(beforeMs: number, limit: number): number;
}

const DAY_MS = 86_400_000;
/** A span that had ended this long before it arrived (ms) is not among the recent ones. */
const LATE_MS = 5 * 60_000;
/** Spans that ended within this time are needed after a start, in ms. */
export const RECENT_MS = JOIN_MS + LATE_MS;

export const INSERT_SPAN = `INSERT INTO spans (time, key, parent, name, duration, failed, service, attributes)
  VALUES (${TIME}, unhex(?), unhex(?), ?, ?, ?, ?, ?) ON CONFLICT (time, key) DO NOTHING`;

/** Values of {@link INSERT_SPAN}, in its order. */
export function spanValues({ traceId, spanId, parentId }: Link, step: Step): SQLInputValue[] {
  const { timeMs, timeNs, name, durationNs, failed, service, attributes } = step;
  const ids = [traceId + spanId, parentId ?? null];
  return [timeMs, timeNs, ...ids, name, durationNs, failed ? 1 : 0, service ?? null, attributes ?? null];
}

/** @param days that they are kept */
export function openSpans(db: DatabaseSync, days: number): Spans {
  const insert = db.prepare(INSERT_SPAN);
  const remove = db.prepare(`DELETE FROM spans WHERE (time, key) IN
    (SELECT time, key FROM spans WHERE time < cast(? AS INTEGER) * 1000000 ORDER BY time LIMIT ?)`);
  const removeOf = db.prepare(`DELETE FROM spans WHERE time >= cast(? AS INTEGER) * 1000000
    AND time < cast(? AS INTEGER) * 1000000 AND key >= unhex(?) AND key < unhex(?)`);

  return {
    keep(links, nowMs) {
      const [from, until] = [nowMs - days * DAY_MS, nowMs + AHEAD_MS];
      const others: Link[] = [];
      for (const link of links) {
        const { agent, step } = link;
        // Agents are few, and not told apart here.
        if (agent || step === undefined || !(step.timeMs >= nowMs - LATE_MS && step.timeMs <= until)) others.push(link);
        if (step === undefined || !(step.timeMs >= from && step.timeMs <= until)) continue;
        insert.run(...spanValues(link, step));
      }
      return others;
    },
    recent(nowMs, limit) {
      const read = db.prepare(`SELECT lower(hex(substr(key, 1, 16))) AS traceId, lower(hex(substr(key, 17))) AS spanId,
        lower(hex(parent)) AS parentId FROM spans
        WHERE time >= cast(? AS INTEGER) * 1000000 AND parent IS NOT NULL ORDER BY time DESC LIMIT ?`);
      const rows = read.all(nowMs - RECENT_MS, limit) as { traceId: string; spanId: string; parentId: string }[];
      return rows.map((row) => ({ ...row, agent: false }));
    },
    removeOf({ traceId, timeMs, durationNs }) {
      const fromMs = timeMs - Math.ceil(durationNs / 1e6);
      removeOf.run(fromMs, timeMs + 1, traceId, `${traceId}${"ff".repeat(9)}`);
    },
    remove: (beforeMs, limit) => Number(remove.run(beforeMs, limit).changes),
  };
}
