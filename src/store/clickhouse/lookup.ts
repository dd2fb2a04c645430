import type { FactBase, FactKind } from "../../contract/fact.ts";
import { integer, list, name, text } from "./literal.ts";
import { FACT_FIELDS, FACT_NAMES, factRow, nanoseconds, type FactRow } from "./rows.ts";
import { KIND } from "./schema.ts";
import type { Shard } from "./servers.ts";
import type { Value } from "./tsv.ts";

/** What tells a fact from all others. */
export interface Identity extends Pick<FactBase, "timeMs" | "timeNs" | "key"> {
  kind: FactKind;
}

/** @returns the identity as one text. */
export function idOf({ timeMs, timeNs, key }: Pick<Identity, "timeMs" | "timeNs" | "key">): string {
  return `${timeMs}.${timeNs}.${key}`;
}

/** Who wrote a fact that is stored. */
export interface Known {
  version: number;
  writer: number;
  seq: number;
}

/** Of one shard: those of the facts that are stored, by {@link idOf}, each as its newest row is. */
export async function findFacts(
  shard: Shard,
  database: string,
  wanted: readonly Identity[],
): Promise<Map<string, Known>> {
  const columns = ["time", "key", "version", "writer", "seq"];
  const rows = await newestRows(shard, `${name(database)}.facts`, columns, wanted);
  const known = new Map<string, Known>();
  for (const [time = "", key = "", version, writer, seq] of rows) {
    const id = `${Number(time.slice(0, -6))}.${Number(time.slice(-6))}.${key}`;
    known.set(id, { version: Number(version), writer: Number(writer), seq: Number(seq) });
  }
  return known;
}

/** Of one shard: those of the facts that are stored, by {@link idOf}, whole but for their texts. */
export async function readFacts(
  shard: Shard,
  database: string,
  wanted: readonly Identity[],
): Promise<Map<string, FactRow>> {
  const rows = await newestRows(shard, `${name(database)}.facts`, FACT_NAMES, wanted);
  if (rows.some((row) => row.length !== FACT_FIELDS)) throw new Error("a fact has other columns");
  return new Map(rows.map((row) => factRow(row)).map((row) => [idOf(row.fact), row]));
}

/**
 * The newest row of each, in no order: keys are looked for only where times say that they may be, which the order of the
 * table finds.
 */
export async function newestRows(
  shard: Shard,
  table: string,
  columns: readonly string[],
  wanted: readonly Identity[],
): Promise<Value[][]> {
  if (wanted.length === 0) return [];
  const sql = `SELECT ${columns.join(", ")} FROM ${table}
    WHERE kind IN ${kindsOf(wanted)} AND (${rangesOf(wanted)}) AND key IN ${list(wanted.map(({ key }) => text(key)))}
    ORDER BY kind, time, key, version DESC LIMIT 1 BY kind, time, key`;
  return shard.all(sql, columns.length);
}

function kindsOf(wanted: readonly Identity[]): string {
  return list([...new Set(wanted.map(({ kind }) => integer(KIND[kind])))]);
}

/** Times in one range as long as they lie within this of each other, in ms. */
const GAP_MS = 60_000;
const MOST_RANGES = 200;

function rangesOf(wanted: readonly Identity[]): string {
  const sorted = wanted.toSorted((a, b) => a.timeMs - b.timeMs || a.timeNs - b.timeNs);
  const gap = Math.max(GAP_MS, ((sorted.at(-1)?.timeMs ?? 0) - (sorted[0]?.timeMs ?? 0)) / MOST_RANGES);
  const ranges: [from: Identity, to: Identity][] = [];
  for (const one of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && one.timeMs - last[1].timeMs <= gap) last[1] = one;
    else ranges.push([one, one]);
  }
  return ranges.map(([from, to]) => `time >= ${nanoseconds(from)} AND time <= ${nanoseconds(to)}`).join(" OR ");
}
