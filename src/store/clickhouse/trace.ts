import type { Link, StoredFact } from "../../contract/fact.ts";
import type { TraceFound } from "../reader.ts";
import { shardOf } from "./hash.ts";
import { integer, name, text } from "./literal.ts";
import { idOf, newestRows } from "./lookup.ts";
import { FACT_FIELDS, FACT_NAMES, factRow, instantOf, startNanoseconds } from "./rows.ts";
import type { Shard } from "./servers.ts";
import type { Value } from "./tsv.ts";

/** A trace is looked for this far before and after the time that is given, in ms. */
const REACH_MS = 15 * 60_000;
/** A log record of the trace is looked for this far before its first span and after its last, in ms. */
const MARGIN_MS = 1000;
/** Of each kind, rows at the most: more than an answer shows. */
const FOUND = 2001;

interface Reach {
  fromMs: number;
  untilMs: number;
}

/** Reads a trace by its time, on the one shard that it is on: there is no index on the trace id. */
export async function readTrace(
  shards: readonly Shard[],
  database: string,
  traceId: string,
  atMs: number,
): Promise<TraceFound> {
  const shard = shards[shardOf({ traceId, key: traceId }, shards.length)] as Shard;
  const reach = { fromMs: Math.max(0, atMs - REACH_MS), untilMs: atMs + REACH_MS };
  const [calls, spans] = await Promise.all([
    readFacts(`kind IN (1, 2, 3) AND ${within(reach)} AND ${starts("key", traceId)}`),
    readSpans(`${within(reach)} AND ${starts("key", traceId)}`),
  ]);
  const took = timeTaken([...calls, ...spans.map(({ step }) => step)]);
  const lines = await readFacts(`kind = 4 AND ${within(around(took, atMs, reach))} AND ${starts("origin", traceId)}`);
  const facts = [...calls, ...lines];
  await addTexts(facts);
  const isLonger = took !== undefined && (took.fromMs < reach.fromMs || took.untilMs > reach.untilMs);
  return { facts, spans, cut: isLonger || [calls, spans, lines].some(({ length }) => length === FOUND) };

  async function readFacts(where: string): Promise<StoredFact[]> {
    const sql = `SELECT ${FACT_NAMES.join(", ")} FROM ${name(database)}.facts WHERE ${where}
      ORDER BY time, key, version DESC LIMIT 1 BY kind, time, key LIMIT ${integer(FOUND)}`;
    return (await shard.all(sql, FACT_FIELDS)).map((values) => factRow(values).fact);
  }

  async function readSpans(where: string): Promise<Link[]> {
    const columns = "time, key, parent, name, duration, failed, service, attributes";
    const sql = `SELECT ${columns} FROM ${name(database)}.spans WHERE ${where}
      ORDER BY time, key LIMIT 1 BY time, key LIMIT ${integer(FOUND)}`;
    return (await shard.all(sql, 8)).map(linkOf);
  }

  async function addTexts(all: readonly StoredFact[]): Promise<void> {
    const table = `${name(database)}.bodies`;
    const rows = await newestRows(shard, table, ["time", "key", "message", "stack"], all);
    const texts = new Map(rows.map(([time = "", key = "", ...values]) => [idOf({ ...instantOf(time), key }), values]));
    for (const fact of all) {
      const [message, stack] = texts.get(idOf(fact)) ?? [];
      if (fact.kind === "log") fact.message = message ?? "";
      else fact.errorMessage = message;
      fact.stack = stack;
    }
  }
}

function within({ fromMs, untilMs }: Reach): string {
  return `time >= ${startNanoseconds(fromMs)} AND time < ${startNanoseconds(untilMs + 1)}`;
}

/** No hex digit comes after `g`. */
function starts(column: string, traceId: string): string {
  return `${column} >= ${text(traceId)} AND ${column} < ${text(`${traceId}g`)}`;
}

function linkOf([time = "", key = "", parent, named = "", duration, failed, service, attributes]: Value[]): Link {
  return {
    traceId: key.slice(0, 32),
    spanId: key.slice(32),
    parentId: parent || undefined,
    agent: false,
    step: {
      name: named,
      ...instantOf(time),
      durationNs: Number(duration),
      failed: failed === "1",
      service: service || undefined,
      attributes,
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

/** The time that the spans took, or the whole reach where there are none. */
function around(took: Reach | undefined, atMs: number, reach: Reach): Reach {
  if (took === undefined) return reach;
  return {
    fromMs: Math.max(reach.fromMs, Math.min(took.fromMs, atMs) - MARGIN_MS),
    untilMs: Math.min(reach.untilMs, Math.max(took.untilMs, atMs) + MARGIN_MS),
  };
}
