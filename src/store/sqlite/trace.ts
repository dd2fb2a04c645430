import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Link, StoredFact } from "../../contract/fact.ts";
import type { TraceFound } from "../reader.ts";
import { factOf, prepareRead, READ_ROWS, TIME } from "./rows.ts";
import { KIND, LEVELS } from "./schema.ts";

/** A trace is looked for this far before and after the time that is given, in ms. */
const REACH_MS = 15 * 60_000;
/** A log record of the trace is looked for this far before its first span and after its last, in ms. */
const MARGIN_MS = 1000;
/** Of each source, rows that are taken on either side of the time, at the most: more than an answer shows. */
const FOUND = 2001;

/** Rows in the order of their time, each with the ids that say its trace. */
interface Source {
  from: string;
  columns: string;
  where: string;
  ids: string;
  /** JSON value of a row that is found. */
  value: string;
  /** Rows that are looked at on either side of the time, at the most. */
  limit: number;
}

const FACTS: Source = {
  from: "facts INDEXED BY facts_once",
  columns: "row, time, key",
  where: "",
  ids: "key",
  value: "row",
  limit: 20_000,
};

const SPANS: Source = {
  from: "spans",
  columns: "time, key, parent, name, duration, failed, service, attributes",
  where: "",
  ids: "key",
  value: `json_array(lower(hex(key)), lower(hex(parent)), name, time / 1000000, time % 1000000, duration, failed,
    service, attributes)`,
  limit: 10_000,
};

/** A log record's key says nothing of its trace: each is looked up in the table. */
const LOGS: readonly Source[] = LEVELS.map((_, level) => ({
  from: "facts INDEXED BY logs_by_level",
  columns: "row, time, origin",
  where: `kind = ${KIND.log} AND level = ${level} AND`,
  ids: "origin",
  value: "row",
  limit: 1000,
}));

/** One pass over a source, away from a time: what it found, how many rows it saw, and where it ended. */
function passSql({ from, columns, where, ids, value }: Source, back: boolean): string {
  const range = back ? `time <= ${TIME} AND time >= ${TIME}` : `time > ${TIME} AND time <= ${TIME}`;
  return `SELECT count(*) AS seen, ${back ? "min" : "max"}(time) / 1000000 AS lastMs,
      json_group_array(${value}) FILTER (WHERE ${ids} BETWEEN ? AND ?) AS found
    FROM (SELECT ${columns} FROM ${from} WHERE ${where} ${range} ORDER BY time ${back ? "DESC" : "ASC"} LIMIT ?)`;
}

/** Epoch ms, both included. */
interface Reach {
  fromMs: number;
  untilMs: number;
}

interface Scanned extends Reach {
  found: unknown[];
}

/** Looks through a source from `atMs` on, in both directions, for what has ids between the two. */
type Scan = (ids: readonly [Buffer, Buffer], atMs: number, reach: Reach) => Scanned;

function prepareScan(db: DatabaseSync, source: Source): Scan {
  const back = db.prepare(passSql(source, true));
  const forth = db.prepare(passSql(source, false));

  function pass(
    statement: StatementSync,
    values: (Buffer | number)[],
    endMs: number,
  ): { found: unknown[]; endMs: number } {
    const row = statement.get(...values, source.limit) as { seen: number; lastMs: number | null; found: string };
    const found = (JSON.parse(row.found) as unknown[]).slice(0, FOUND);
    return { found, endMs: row.seen < source.limit ? endMs : (row.lastMs ?? endMs) };
  }

  return (ids, atMs, { fromMs, untilMs }) => {
    const before = pass(back, [...ids, atMs, 999_999, fromMs, 0], fromMs);
    const after = pass(forth, [...ids, atMs, 999_999, untilMs, 999_999], untilMs);
    return { found: [...before.found, ...after.found], fromMs: before.endMs, untilMs: after.endMs };
  };
}

/**
 * Reads a trace by its time: there is no index on the trace id. Spans first; then the log records of the time that the
 * spans took, or of the whole reach where there are none.
 */
export function openTraceReader(db: DatabaseSync): (traceId: string, atMs: number) => TraceFound {
  const [facts, spans] = [prepareScan(db, FACTS), prepareScan(db, SPANS)];
  const logs = LOGS.map((source) => prepareScan(db, source));
  const read = prepareRead(db, READ_ROWS);

  function factsOf(rows: readonly unknown[]): StoredFact[] {
    return rows.length === 0 ? [] : read.all(JSON.stringify(rows)).map((row) => factOf(row).fact);
  }

  return (traceId, atMs) => {
    const ids = [Buffer.from(traceId, "hex"), Buffer.from(traceId + "ff".repeat(9), "hex")] as const;
    const reach = { fromMs: Math.max(0, atMs - REACH_MS), untilMs: atMs + REACH_MS };
    const scanned = [facts(ids, atMs, reach), spans(ids, atMs, reach)] as const;
    const calls = factsOf(scanned[0].found);
    const links = scanned[1].found.map((row) => linkOf(row as SpanRow));
    const took = timeTaken([...calls, ...links.map(({ step }) => step)]);
    const near = took === undefined ? reach : around(took, atMs, reach);
    const lines = logs.map((level) => level(ids, atMs, near));
    return {
      facts: [...calls, ...factsOf(lines.flatMap(({ found }) => found))],
      spans: links,
      cut: took !== undefined && [...scanned, ...lines].some((part) => !covers(part, took)),
    };
  };
}

type SpanRow = [string, string, string, number, number, number, number, string | null, string | null];

function linkOf([key, parent, name, timeMs, timeNs, durationNs, failed, service, attributes]: SpanRow): Link {
  return {
    traceId: key.slice(0, 32),
    spanId: key.slice(32),
    parentId: parent || undefined,
    agent: false,
    step: {
      name,
      timeMs,
      timeNs,
      durationNs,
      failed: failed === 1,
      service: service ?? undefined,
      attributes: attributes ?? undefined,
    },
  };
}

/** From the first start to the last end; undefined where there is no span. */
function timeTaken(spans: readonly ({ timeMs: number; durationNs?: number } | undefined)[]): Reach | undefined {
  let took: Reach | undefined;
  for (const span of spans) {
    if (span === undefined) continue;
    const startMs = span.timeMs - Math.ceil((span.durationNs ?? 0) / 1e6);
    took ??= { fromMs: startMs, untilMs: span.timeMs };
    took = { fromMs: Math.min(took.fromMs, startMs), untilMs: Math.max(took.untilMs, span.timeMs) };
  }
  return took;
}

function around({ fromMs, untilMs }: Reach, atMs: number, reach: Reach): Reach {
  return {
    fromMs: Math.max(reach.fromMs, Math.min(fromMs, atMs) - MARGIN_MS),
    untilMs: Math.min(reach.untilMs, Math.max(untilMs, atMs) + MARGIN_MS),
  };
}

function covers({ fromMs, untilMs }: Reach, took: Reach): boolean {
  return fromMs <= took.fromMs && untilMs >= took.untilMs;
}
