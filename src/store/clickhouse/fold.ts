import { GROUP, NEW, USER, type StoredFact } from "../../contract/fact.ts";
import type { EncodedSlice } from "../../contract/thread.ts";
import { integer, name } from "./literal.ts";
import type { Positions } from "./positions.ts";
import { FACT_FIELDS, FACT_NAMES, factRow, REPLACED, startNanoseconds, type FactRow } from "./rows.ts";
import type { Seen } from "./seen.ts";
import type { Shard } from "./servers.ts";

/** Adds the facts of one day to every fold of every selection; made by `rollups/`. */
export interface DayFolder {
  add(fact: StoredFact): void;
  encode(): EncodedSlice[];
}

/** How many facts a day has, and the sum of their versions: a fact that was written again changes the latter. */
export interface Signature {
  facts: number;
  versions: number;
}

export interface Folded {
  slices: EncodedSlice[];
  /** Of what was folded. */
  signature: Signature;
  /** False where there were rows that were not told yet: they are not in it. */
  whole: boolean;
}

export interface FoldOptions {
  shards: readonly Shard[];
  database: string;
  /** Epoch ms. */
  fromMs: number;
  untilMs: number;
  folder: DayFolder;
  seen: Seen;
  positions: Positions;
  /** The last commit that was told. */
  commit: number;
  /** A writer that is not followed: true where it wrote before we came. */
  isOld(writer: number): Promise<boolean>;
}

/**
 * Folds a day as of the last commit that was told: rows that were written since are left out, or taken as they were before,
 * whatever the servers hold by now. So what is told later is added to it, and nothing twice.
 */
export async function foldDay(options: FoldOptions): Promise<Folded> {
  const { shards, database, fromMs, untilMs, folder, seen, commit, isOld } = options;
  const positions = options.positions.copy();
  const signature: Signature = { facts: 0, versions: 0 };
  let whole = true;

  async function isTold(shard: number, row: FactRow): Promise<boolean> {
    if (!positions.follows(row.writer)) return isOld(row.writer);
    if (positions.covers(shard, row.writer, row.seq)) return true;
    // Another instance wrote the same.
    const toldBy = seen.commitOf(row);
    return toldBy !== undefined && toldBy <= commit;
  }

  /** Joins come within minutes of their facts, which are remembered for so long. */
  function isToldAsNew(row: FactRow): boolean {
    const toldBy = seen.commitOf({ ...row, before: NEW });
    return toldBy !== undefined && toldBy <= commit;
  }

  async function add(shard: number, row: FactRow): Promise<void> {
    let { fact, version } = row;
    if (!(await isTold(shard, row))) {
      whole = false;
      // Neither was the fact itself, perhaps: then it is told as a new one.
      if (row.before === NEW || !isToldAsNew(row)) return;
      [fact, version] = [asBefore(row), version - 1];
    }
    folder.add(fact);
    signature.facts += 1;
    signature.versions += version;
  }

  await Promise.all(
    shards.map(async (shard, n) => {
      for (const sql of selects(database, fromMs, untilMs)) {
        for await (const rows of shard.select(sql, FACT_FIELDS)) {
          // Most rows of a handful are of one writer, and told.
          for (const values of rows) {
            const row = factRow(values);
            if (positions.follows(row.writer) && positions.covers(n, row.writer, row.seq)) {
              folder.add(row.fact);
              signature.facts += 1;
              signature.versions += row.version;
            } else await add(n, row);
          }
        }
      }
    }),
  );
  return { slices: folder.encode(), signature, whole };
}

/** The fact without what the join gave that was not told yet. */
function asBefore({ fact, before }: FactRow): StoredFact {
  const known = before & ~REPLACED;
  return {
    ...fact,
    userId: known & USER ? fact.userId : undefined,
    groupId: known & GROUP ? fact.groupId : undefined,
  };
}

/**
 * The facts that a statistic may read, the newest row of each. Whether a fact counts, and whether a record is an error item,
 * is the same in all its rows; so of records few are looked at.
 */
function selects(database: string, fromMs: number, untilMs: number): string[] {
  const from = `SELECT ${FACT_NAMES.join(", ")} FROM ${name(database)}.facts`;
  const range = rangeOf(fromMs, untilMs);
  return [
    `${from} FINAL WHERE kind IN (1, 2, 3) AND ${range} AND counted = 1`,
    `${from} WHERE kind = 4 AND ${range} AND counted = 1 AND item = 1
      ORDER BY time, key, version DESC LIMIT 1 BY time, key`,
  ];
}

export function rangeOf(fromMs: number, untilMs: number): string {
  return `time >= ${startNanoseconds(fromMs)} AND time < ${startNanoseconds(untilMs)}`;
}

/** What is counted of facts in a quarter of an hour: calendar days of every zone begin and end with one. */
export const QUARTER_MS = 900_000;

/** Of every quarter of an hour that has facts, between two times. @param exact each fact once, as its newest row */
export async function signatures(
  shards: readonly Shard[],
  database: string,
  exact: boolean,
  fromMs: number,
  untilMs: number,
): Promise<Map<number, Signature>> {
  const quarter = `intDiv(time, ${integer(QUARTER_MS)}000000)`;
  const where = `${rangeOf(fromMs, untilMs)} AND counted = 1 AND (kind < 4 OR item = 1)`;
  const facts = `${name(database)}.facts`;
  const sql = exact
    ? `SELECT quarter, count(), sum(newest) FROM (SELECT kind, time, key, ${quarter} AS quarter, max(version) AS newest
        FROM ${facts} WHERE ${where} GROUP BY kind, time, key) GROUP BY quarter`
    : `SELECT ${quarter} AS quarter, count(), sum(version) FROM ${facts} WHERE ${where} GROUP BY quarter`;
  const found = await Promise.all(shards.map((shard) => shard.all(sql, 3)));
  const all = new Map<number, Signature>();
  for (const [start, count, versions] of found.flat()) {
    const ms = Number(start) * QUARTER_MS;
    const known = all.get(ms) ?? { facts: 0, versions: 0 };
    all.set(ms, { facts: known.facts + Number(count), versions: known.versions + Number(versions) });
  }
  return all;
}
