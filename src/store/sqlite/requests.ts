import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { RequestLine, RequestQuery, RequestTotals } from "../reader.ts";
import { KIND } from "./schema.ts";

/** No index has requests alone, as each would cost every insert: so many of the newest facts are looked through. */
const LOOKED_AT = 10_000;

const NEWEST = `SELECT f.row, f.time / 1000000 AS timeMs, f.time % 1000000 AS timeNs, lower(hex(f.key)) AS key, f.channel,
    f.previous_channel AS previousChannel, f.model, f.operation, f.input, f.output, f.duration, f.failed,
    f.first_chunk AS firstChunk, f.user, f.grp, f.error_type AS errorType, b.message
  FROM (SELECT row FROM facts INDEXED BY facts_once ORDER BY time DESC, key DESC LIMIT ${LOOKED_AT}) AS newest
  JOIN facts f USING (row) LEFT JOIN bodies b USING (row)
  WHERE f.kind = ${KIND.request} AND f.counted = 1 AND (? IS NULL OR f.failed = ?) AND (? IS NULL OR f.operation = ?)
  ORDER BY f.time DESC, f.key DESC LIMIT ?`;

/** The sum stays whole: ms and the rest apart. */
const TOTALS = `SELECT count(*) AS requests, coalesce(sum(failed), 0) AS failed,
    coalesce(sum(input + output), 0) AS tokens,
    coalesce(sum(CASE WHEN failed = 0 THEN duration / 1000000 ELSE 0 END), 0) AS latencyMs,
    coalesce(sum(CASE WHEN failed = 0 THEN duration % 1000000 ELSE 0 END), 0) AS latencyNs
  FROM facts INDEXED BY facts_once
  WHERE time >= cast(? AS INTEGER) * 1000000 AND time <= cast(? AS INTEGER) * 1000000
    AND kind = ${KIND.request} AND counted = 1`;

interface Row {
  row: number;
  timeMs: number;
  timeNs: number;
  key: string;
  channel: string;
  previousChannel: string | null;
  model: string;
  operation: string;
  input: number;
  output: number;
  duration: number;
  failed: number;
  firstChunk: number | null;
  user: string | null;
  grp: string | null;
  errorType: string | null;
  message: string | null;
}

/** Counted requests, newest first, of the newest {@link LOOKED_AT} facts. */
export function readRequests(db: DatabaseSync, { limit, failed, operation }: RequestQuery): RequestLine[] {
  const outcome = failed === undefined ? null : Number(failed);
  const named = operation ?? null;
  const values: SQLInputValue[] = [outcome, outcome, named, named, limit];
  return (db.prepare(NEWEST).all(...values) as unknown as Row[]).map(lineOf);
}

export function readRequestTotals(db: DatabaseSync, fromMs: number, toMs: number): RequestTotals {
  return db.prepare(TOTALS).get(fromMs, toMs) as unknown as RequestTotals;
}

function lineOf(row: Row): RequestLine {
  const { timeMs, timeNs, key, channel, model, operation, message, errorType } = row;
  const failed = row.failed === 1;
  return {
    row: row.row,
    timeMs,
    timeNs,
    key,
    traceId: key.slice(0, 32),
    spanId: key.slice(32),
    userId: row.user ?? undefined,
    groupId: row.grp ?? undefined,
    channel,
    previousChannel: row.previousChannel ?? undefined,
    model,
    operation,
    inputTokens: row.input,
    outputTokens: row.output,
    durationNs: row.duration,
    failed,
    error: failed ? (message ?? errorType ?? "_OTHER") : undefined,
    isStream: row.firstChunk !== null,
  };
}
