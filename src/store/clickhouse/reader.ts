import type { Level } from "../../contract/fact.ts";
import { AHEAD_MS } from "../refuse.ts";
import type { Before, ErrorItem, LogLine, Page, PageQuery, RemoteReader, ToolLine } from "../reader.ts";
import { NAMED } from "./blocks.ts";
import { hashOf } from "./hash.ts";
import { integer, list, name, text } from "./literal.ts";
import { idOf, newestRows, readFacts, type Identity } from "./lookup.ts";
import { instantOf, LEVELS, nanoseconds, startNanoseconds, type FactRow } from "./rows.ts";
import { KIND } from "./schema.ts";
import { openShards, type ClusterSettings, type Shard } from "./servers.ts";
import { readTrace } from "./trace.ts";
import type { Value } from "./tsv.ts";

/** Single facts in the cluster. @throws {BotelError} UNAVAILABLE, each of its methods, where a shard is away */
export interface ClusterReader extends RemoteReader {
  close(): Promise<void>;
}

/** What is looked for in a list; conditions on columns of `facts`. */
interface Wanted {
  kinds: readonly (keyof typeof KIND)[];
  /** Of what is the same in all rows of a fact. */
  always: readonly string[];
  /** Of what a join may change: it is asked of the newest row. */
  newest: readonly string[];
}

/** A line's place in its list. */
interface Found extends Identity {
  shard: number;
  place: number;
}

/** The first look goes so far back, in ms, and each further one this many times as far. */
const FIRST_LOOK_MS = 60_000;
const WIDER = 12;
/** Looks that go farther than this go all the way. */
const ALL_MS = 200 * 86_400_000;

/** @param now epoch ms */
export function openClusterReader(settings: ClusterSettings, now: () => number): ClusterReader {
  const shards = openShards(settings);
  const { database } = settings;
  const facts = `${name(database)}.facts`;

  /** The newest so many; it looks back step by step, since the servers sort all that they look at. */
  async function find(wanted: Wanted, { limit, before }: PageQuery): Promise<Found[]> {
    const end = before ?? { timeMs: now() + AHEAD_MS, timeNs: 0 };
    for (let reachMs = FIRST_LOOK_MS; ; reachMs *= WIDER) {
      const fromMs = reachMs > ALL_MS ? 0 : Math.max(0, end.timeMs - reachMs);
      const found = await findFrom(wanted, fromMs, end, limit);
      if (found.length >= limit || fromMs === 0) return found;
    }
  }

  async function findFrom(wanted: Wanted, fromMs: number, end: Before, limit: number): Promise<Found[]> {
    const sql = findSql(facts, wanted, fromMs, end, limit);
    const each = await Promise.all(
      shards.map(async (shard, n) => (await shard.all(sql, 4)).map((values) => foundOf(values, n))),
    );
    return each.flat().sort(newestFirst).slice(0, limit);
  }

  /** A page's lines, each made of its fact and of what other tables have of it. */
  async function page<Line>(
    wanted: Wanted,
    query: PageQuery,
    texts: readonly (readonly [table: string, columns: readonly string[]])[],
    lineOf: (row: FactRow, found: Found, texts: Value[][]) => Line,
  ): Promise<Page<Line>> {
    const found = await find(wanted, { ...query, limit: query.limit + 1 });
    const shown = found.slice(0, query.limit);
    const rows = new Map<string, FactRow>();
    const more = texts.map(() => new Map<string, Value[]>());
    await Promise.all(
      [...Map.groupBy(shown, ({ shard }) => shard)].map(async ([n, some]) => {
        const shard = shards[n] as Shard;
        const reads = texts.map(([table, columns]) => readTexts(shard, table, columns, some));
        for (const [id, row] of await readFacts(shard, database, some)) rows.set(id, row);
        for (const [at, read] of (await Promise.all(reads)).entries())
          for (const [id, values] of read) more[at]?.set(id, values);
      }),
    );
    const lines = shown.flatMap((one) => {
      const row = rows.get(idOf(one));
      return row === undefined
        ? []
        : [
            lineOf(
              row,
              one,
              more.map((read) => read.get(idOf(one)) ?? []),
            ),
          ];
    });
    const last = shown.at(-1);
    if (found.length <= query.limit || last === undefined) return { lines };
    return { lines, next: { timeMs: last.timeMs, timeNs: last.timeNs, row: last.place } };
  }

  /** Of each fact that has them the newest. */
  async function readTexts(
    shard: Shard,
    table: string,
    columns: readonly string[],
    wanted: readonly Identity[],
  ): Promise<Map<string, Value[]>> {
    const rows = await newestRows(shard, `${name(database)}.${name(table)}`, ["time", "key", ...columns], wanted);
    return new Map(rows.map(([time = "", key = "", ...values]) => [idOf({ ...instantOf(time), key }), values]));
  }

  async function names(kind: number, ids: readonly string[]): Promise<Map<string, string>> {
    const byShard = Map.groupBy(ids, (id) => hashOf(id) % shards.length);
    const found = await Promise.all(
      [...byShard].map(([n, some]) => {
        const sql = `SELECT id, name, max(time) AS newest FROM ${name(database)}.names
          WHERE kind = ${integer(kind)} AND id IN ${list(some.map(text))}
          GROUP BY id, name ORDER BY newest DESC, name LIMIT 1 BY id`;
        return (shards[n] as Shard).all(sql, 3);
      }),
    );
    return new Map(found.flat().map(([id = "", named = ""]) => [id, named]));
  }

  return {
    userNames: (ids) => names(NAMED.user, ids),
    groupNames: (ids) => names(NAMED.group, ids),
    logs(query) {
      const always = query.level === undefined ? [] : [`level = ${LEVELS.indexOf(query.level)}`];
      return page({ kinds: ["log"], always, newest: [] }, query, [["bodies", ["message", "meta"]]], logLine);
    },
    toolLogs(query) {
      const { tool, userId, failed } = query;
      const always = ["counted = 1"];
      if (tool !== undefined) always.push(`tool = ${text(tool)}`);
      if (failed !== undefined) always.push(`failed = ${failed ? 1 : 0}`);
      const newest = userId === undefined ? [] : [`user = ${text(userId)}`];
      return page({ kinds: ["tool"], always, newest }, query, [["contents", ["args", "result"]]], toolLine);
    },
    errors: (query) =>
      page(
        { kinds: ["request", "tool", "log"], always: ["item = 1"], newest: [] },
        query,
        [
          ["bodies", ["message", "stack"]],
          ["fills", ["stack", "channel", "model"]],
        ],
        errorItem,
      ),
    trace: (traceId, atMs) => readTrace(shards, database, traceId, atMs),
    close: async () => void (await Promise.all(shards.map((shard) => shard.close()))),
  };
}

function findSql(facts: string, { kinds, always, newest }: Wanted, fromMs: number, end: Before, limit: number): string {
  const time = nanoseconds(end);
  const where = [
    `kind IN ${list(kinds.map((kind) => integer(KIND[kind])))}`,
    `time >= ${startNanoseconds(fromMs)}`,
    end.row === undefined ? `time < ${time}` : `time <= ${time} AND (time < ${time} OR place < ${integer(end.row)})`,
    ...always,
  ];
  // What a join may change is asked of any row first, and then of the newest: few are sorted.
  if (newest.length > 0) where.push(`key IN (SELECT key FROM ${facts} WHERE ${[...where, ...newest].join(" AND ")})`);
  const once = `SELECT kind, time, key, place, user FROM ${facts} WHERE ${where.join(" AND ")}
    ORDER BY time DESC, key, version DESC LIMIT 1 BY kind, time, key`;
  const filter = newest.length === 0 ? "" : `WHERE ${newest.join(" AND ")}`;
  return `SELECT kind, time, key, place FROM (${once}) ${filter} ORDER BY time DESC, place DESC LIMIT ${integer(limit)}`;
}

const KINDS = new Map(Object.entries(KIND).map(([kind, number]) => [String(number), kind as keyof typeof KIND]));

function foundOf([kind = "", time = "", key = "", place]: Value[], shard: number): Found {
  return { kind: KINDS.get(kind) ?? "log", ...instantOf(time), key, place: Number(place), shard };
}

function newestFirst(a: Found, b: Found): number {
  return b.timeMs - a.timeMs || b.timeNs - a.timeNs || b.place - a.place;
}

function baseOf({ fact }: FactRow, { place }: Found) {
  const { timeMs, timeNs, traceId, spanId, userId } = fact;
  return { row: place, timeMs, timeNs, traceId, spanId, userId };
}

function logLine(row: FactRow, found: Found, [body = []]: Value[][]): LogLine {
  const { fact } = row;
  const { level, model } = fact as { level: Level; model?: string };
  return { ...baseOf(row, found), level, message: body[0] ?? "", meta: body[1], model };
}

function toolLine(row: FactRow, found: Found, [content = []]: Value[][]): ToolLine {
  const { fact } = row;
  const { tool, failed, durationNs, truncated } = fact as Extract<FactRow["fact"], { kind: "tool" }>;
  const [args, result] = content;
  return {
    ...baseOf(row, found),
    key: fact.key,
    tool,
    args,
    result,
    truncated: truncated === true,
    failed,
    durationNs,
  };
}

function errorItem(row: FactRow, found: Found, [body = [], fill = []]: Value[][]): ErrorItem {
  const { fact } = row;
  const { errorType, channel, model } = fact as { errorType?: string; channel?: string; model?: string };
  return {
    ...baseOf(row, found),
    error: body[0] ?? errorType ?? "_OTHER",
    stack: body[1] ?? (fill[0] || undefined),
    channel: channel ?? (fill[1] || undefined),
    model: model ?? (fill[2] || undefined),
  };
}
