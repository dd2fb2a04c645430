import type { DatabaseSync } from "node:sqlite";
import type { MessageFact } from "../../contract/fact.ts";
import type { Turn } from "../owners.ts";
import { JOIN_MS } from "../traces.ts";
import { TIME } from "./rows.ts";

/**
 * Which turns are excluded, for as long as facts of them may still come: the message itself is not kept, only its ids and
 * times. Without them a restart would take what comes after it.
 */
export interface ExcludedTurns {
  /** Inside a transaction. */
  keep(message: MessageFact, nowMs: number): void;
  /** Those that arrived within the time of joins before `nowMs`. */
  recent(nowMs: number): (Turn & { traceId: string })[];
}

interface Row {
  traceId: string;
  spanId: string;
  timeMs: number;
  timeNs: number;
  durationNs: number;
}

const MARGIN_MS = 60_000;

export function openExcludedTurns(db: DatabaseSync): ExcludedTurns {
  const insert = db.prepare(`INSERT INTO excluded_turns (at, trace, span, time, duration)
    VALUES (?, unhex(?), unhex(?), ${TIME}, ?) ON CONFLICT (at, trace, span) DO NOTHING`);
  const forget = db.prepare("DELETE FROM excluded_turns WHERE at < ?");
  let forgotMs = 0;

  return {
    keep({ traceId, spanId, timeMs, timeNs, durationNs }, nowMs) {
      if (Math.abs(nowMs - forgotMs) > MARGIN_MS) {
        forget.run(nowMs - JOIN_MS - MARGIN_MS);
        forgotMs = nowMs;
      }
      insert.run(nowMs, traceId, spanId, timeMs, timeNs, durationNs);
    },
    recent(nowMs) {
      const read =
        db.prepare(`SELECT lower(hex(trace)) AS traceId, lower(hex(span)) AS spanId, time / 1000000 AS timeMs,
        time % 1000000 AS timeNs, duration AS durationNs FROM excluded_turns WHERE at >= ?`);
      return read.all(nowMs - JOIN_MS) as unknown as Row[];
    },
  };
}
