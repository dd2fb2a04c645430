import type { Link } from "../../contract/fact.ts";
import type { StateEvent } from "../../contract/state.ts";
import { integer, name } from "./literal.ts";
import type { Positions } from "./positions.ts";
import { FACT_FIELDS, FACT_NAMES, factFields, factRow, type FactRow } from "./rows.ts";
import { RECENT_COLUMNS } from "./schema.ts";
import type { Shard } from "./servers.ts";
import { field, nullable, type Value } from "./tsv.ts";

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
const LINK = "0";
const STATE = "5";

/** @param atMs by the writer's clock */
export function recentFact(row: FactRow, atMs: number): string {
  const { fact } = row;
  const names = `${field(fact.userName ?? "")}\t${field(fact.groupName ?? "")}`;
  return `${seconds(atMs)}\t${factFields(row)}\t${names}\t${textsOf(fact)}\n`;
}

/** Texts go only with error items, which are told as they come. */
function textsOf(fact: FactRow["fact"]): string {
  if (!fact.errorItem || fact.kind === "message") return "\\N\t\\N";
  const message = fact.kind === "log" ? fact.message : fact.errorMessage;
  return `${nullable(message)}\t${nullable(fact.stack)}`;
}

export function recentLink({ traceId, spanId, parentId, agent }: Link, by: Numbered, atMs: number): string {
  return otherLine(by, atMs, { kind: LINK, key: traceId + spanId, parent: parentId ?? "", counted: agent ? "1" : "0" });
}

export function recentState(state: StateEvent, by: Numbered, atMs: number): string {
  return otherLine(by, atMs, { kind: STATE, message: field(JSON.stringify(state)) });
}

function otherLine({ writer, seq }: Numbered, atMs: number, given: Record<string, string>): string {
  const values: Record<string, string> = { ...given, at: seconds(atMs), writer: String(writer), seq: String(seq) };
  return `${RECENT_NAMES.map((column) => values[column] ?? NONE.get(column) ?? "").join("\t")}\n`;
}

const NONE = new Map(
  Object.entries(RECENT_COLUMNS).map(([column, type]) => [
    column,
    type === "String" ? "" : type === "Nullable(String)" ? "\\N" : "0",
  ]),
);

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}

/** What was written since the positions, the oldest of each writer first; up to {@link RECENT_LIMIT}. */
export async function readRecent(
  shard: Shard,
  database: string,
  at: number,
  positions: Pick<Positions, "entries">,
): Promise<Recent[]> {
  const after = [...positions.entries(at)].map(
    ([writer, seq]) => `(writer = ${integer(writer)} AND seq > ${integer(seq)})`,
  );
  if (after.length === 0) return [];
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

const AT = Object.fromEntries(RECENT_NAMES.map((column, place) => [column, place])) as Record<
  keyof typeof RECENT_COLUMNS,
  number
>;
const FIRST_FACT = RECENT_NAMES.indexOf(FACT_NAMES[0] ?? "");
const FIRST_OTHER = FIRST_FACT + FACT_FIELDS;

function recentOf(v: readonly Value[]): Recent {
  const by = { writer: Number(v[AT.writer]), seq: Number(v[AT.seq]) };
  const kind = v[AT.kind];
  if (kind === STATE) return { ...by, state: JSON.parse(v[AT.message] ?? "{}") as StateEvent };
  if (kind === LINK) {
    const key = v[AT.key] ?? "";
    const [traceId, spanId] = [key.slice(0, 32), key.slice(32)];
    return { ...by, link: { traceId, spanId, parentId: v[AT.parent] || undefined, agent: v[AT.counted] === "1" } };
  }
  const row = factRow(v, FIRST_FACT);
  const { fact } = row;
  const [userName, groupName, message, stack] = v.slice(FIRST_OTHER);
  fact.userName = userName || undefined;
  fact.groupName = groupName || undefined;
  if (fact.kind === "log") fact.message = message ?? "";
  else if (message !== undefined) fact.errorMessage = message;
  if (fact.kind !== "message" && stack !== undefined) fact.stack = stack;
  return { ...by, what: row };
}
