import type { Link } from "../../contract/fact.ts";
import type { StateEvent } from "../../contract/state.ts";
import { integer, name } from "./literal.ts";
import type { Positions } from "./positions.ts";
import { FACT_FIELDS, factRow, type FactRow } from "./rows.ts";
import { KIND, RECENT_COLUMNS } from "./schema.ts";
import type { Shard } from "./servers.ts";
import { field, nullable, readInner, writeInner, type Value } from "./tsv.ts";

/** What instances tell each other, in the order in which it was written. */
export type Recent = Numbered & ({ what: FactRow } | { link: Link } | { state: StateEvent });

/** Which instance wrote it, and as its how many-th. */
export interface Numbered {
  writer: number;
  seq: number;
}

export const RECENT_NAMES = Object.keys(RECENT_COLUMNS);
const FIELDS = RECENT_NAMES.length;
/** Rows of one look at the most. */
export const RECENT_LIMIT = 20_000;
/** Kinds beside those of facts. */
const LINK = 0;
const STATE = 5;

/** @param fields those of the fact, as `factFields` gives them @param atMs by the writer's clock */
export function recentFact({ fact, writer, seq }: FactRow, fields: string, atMs: number): string {
  const names = `${field(fact.userName ?? "")}\t${field(fact.groupName ?? "")}`;
  return line({ writer, seq }, atMs, KIND[fact.kind], `${fields}\t${names}\t${textsOf(fact)}`);
}

/** Texts go only with error items, which are told as they come. */
function textsOf(fact: FactRow["fact"]): string {
  if (!fact.errorItem || fact.kind === "message") return "\\N\t\\N";
  const message = fact.kind === "log" ? fact.message : fact.errorMessage;
  return `${nullable(message)}\t${nullable(fact.stack)}`;
}

export function recentLink({ traceId, spanId, parentId, agent }: Link, by: Numbered, atMs: number): string {
  return line(by, atMs, LINK, `${traceId}\t${spanId}\t${parentId ?? ""}\t${agent ? 1 : 0}`);
}

export function recentState(state: StateEvent, by: Numbered, atMs: number): string {
  return line(by, atMs, STATE, field(JSON.stringify(state)));
}

/** @param values as they would stand in a line of their own */
function line({ writer, seq }: Numbered, atMs: number, kind: number, values: string): string {
  return `${Math.floor(atMs / 1000)}\t${writer}\t${seq}\t${kind}\t${writeInner(values)}\n`;
}

/** What was written since the positions, the oldest of each writer first; up to {@link RECENT_LIMIT}. */
export async function readRecent(
  shard: Shard,
  database: string,
  at: number,
  positions: Pick<Positions, "entries" | "newest">,
): Promise<Recent[]> {
  const after = [...positions.entries(at)].map(
    ([writer, seq]) => `(writer = ${integer(writer)} AND seq > ${integer(seq)})`,
  );
  // Whoever began since is heard at once.
  after.push(`writer > ${integer(positions.newest())}`);
  const sql = `SELECT ${RECENT_NAMES.join(", ")} FROM ${name(database)}.recent WHERE ${after.join(" OR ")}
    ORDER BY writer, seq LIMIT ${RECENT_LIMIT}`;
  return (await shard.all(sql, FIELDS)).map(recentOf);
}

/** What arrived from a time on, in about that order; the newest `limit` of it. */
export async function readArrivals(shard: Shard, database: string, fromMs: number, limit: number): Promise<Recent[]> {
  const sql = `SELECT ${RECENT_NAMES.join(", ")} FROM ${name(database)}.recent
    WHERE at >= toDateTime(${integer(Math.floor(fromMs / 1000))}) AND kind != ${STATE}
    ORDER BY at DESC, writer DESC, seq DESC LIMIT ${integer(limit)}`;
  return (await shard.all(sql, FIELDS)).map(recentOf).toReversed();
}

/** The last row of each writer that is given. */
export async function readEnds(
  shard: Shard,
  database: string,
  writers: Iterable<number>,
): Promise<Map<number, number>> {
  const list = [...writers].map(integer).join(", ");
  const sql = `SELECT writer, max(seq) FROM ${name(database)}.recent WHERE writer IN (${list}) GROUP BY writer`;
  return new Map((await shard.all(sql, 2)).map(([writer, seq]) => [Number(writer), Number(seq)]));
}

function recentOf([, writer, seq, kind, inner = ""]: readonly Value[]): Recent {
  const by = { writer: Number(writer), seq: Number(seq) };
  const v = readInner(inner);
  if (kind === String(STATE)) return { ...by, state: JSON.parse(v[0] ?? "{}") as StateEvent };
  if (kind === String(LINK)) {
    const [traceId = "", spanId = "", parentId, agent] = v;
    return { ...by, link: { traceId, spanId, parentId: parentId || undefined, agent: agent === "1" } };
  }
  const row = factRow(v);
  const { fact } = row;
  const [userName, groupName, message, stack] = v.slice(FACT_FIELDS);
  fact.userName = userName || undefined;
  fact.groupName = groupName || undefined;
  if (fact.kind === "log") fact.message = message ?? "";
  else if (message !== undefined) fact.errorMessage = message;
  if (fact.kind !== "message" && stack !== undefined) fact.stack = stack;
  return { ...by, what: row };
}
