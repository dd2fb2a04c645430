import type { Json } from "../../contract/fold.ts";
import type { EncodedSlice } from "../../contract/thread.ts";
import type { Signature } from "./fold.ts";
import { integer, name } from "./literal.ts";
import { DAY_COLUMNS, ROLLUP_COLUMNS } from "./schema.ts";
import type { Shard } from "./servers.ts";
import { field } from "./tsv.ts";

/** A closed day as some instance wrote it. */
export interface StoredDay extends Signature {
  day: number;
  written: number;
  slices: number;
  zone: string;
  folds: string;
  /** Its facts are gone: the rollups are the truth. */
  sealed: boolean;
}

/** The rollups of closed days, for starts and for the days whose facts are gone; any instance writes them, to the same end. */
export interface Rollups {
  /** The newest of each day. */
  days(): Promise<Map<number, StoredDay>>;
  /** @returns undefined where they are not whole any more: somebody is writing newer ones */
  read(day: StoredDay): Promise<EncodedSlice[] | undefined>;
  write(
    day: Omit<StoredDay, "written" | "slices" | "sealed">,
    slices: readonly EncodedSlice[],
    nowMs: number,
  ): Promise<void>;
  seal(day: StoredDay, nowMs: number): Promise<void>;
}

const ROLLUPS = Object.keys(ROLLUP_COLUMNS);
const DAYS = Object.keys(DAY_COLUMNS);
/** Two instances that write in the same ms have numbers of their own. */
const WRITERS = 1024;

export function createRollups(shards: readonly Shard[], database: string, writer: number): Rollups {
  const shardOf = (day: number): Shard => shards[((day % shards.length) + shards.length) % shards.length] as Shard;
  const number = (nowMs: number): number => nowMs * WRITERS + (writer % WRITERS);

  async function note(day: StoredDay, noted: number): Promise<void> {
    const { written, slices, zone, folds, facts, versions, sealed } = day;
    const values = [day.day, noted, written, slices, field(zone), field(folds), facts, versions, sealed ? 1 : 0];
    await shardOf(day.day).insert("days", DAYS, `${values.join("\t")}\n`);
  }

  return {
    async days() {
      const sql = `SELECT day, written, slices, zone, folds, facts, versions, sealed FROM ${name(database)}.days FINAL`;
      const rows = (await Promise.all(shards.map((shard) => shard.all(sql, 8)))).flat();
      return new Map(
        rows.map(([day, written, slices, zone, folds, facts, versions, sealed]) => [
          Number(day),
          {
            day: Number(day),
            written: Number(written),
            slices: Number(slices),
            zone: zone ?? "",
            folds: folds ?? "",
            facts: Number(facts),
            versions: Number(versions),
            sealed: sealed === "1",
          },
        ]),
      );
    },
    async read({ day, written, slices: count }) {
      const sql = `SELECT fold, selection, version, state FROM ${name(database)}.rollups
        WHERE day = ${integer(day)} AND written = ${integer(written)} ORDER BY fold, selection LIMIT 1 BY fold, selection`;
      const rows = await shardOf(day).all(sql, 4);
      if (rows.length !== count) return undefined;
      return rows.map(([fold = "", selection = "", version, state = "null"]) => ({
        fold,
        selection,
        version: Number(version),
        state: JSON.parse(state) as Json,
      }));
    },
    async write(day, slices, nowMs) {
      const written = number(nowMs);
      const lines = slices.map(({ fold, selection, version, state }) => {
        const values = [day.day, field(fold), field(selection), version, written, field(JSON.stringify(state))];
        return `${values.join("\t")}\n`;
      });
      if (lines.length > 0) await shardOf(day.day).insert("rollups", ROLLUPS, lines.join(""));
      await note({ ...day, written, slices: slices.length, sealed: false }, written);
    },
    seal: (day, nowMs) => note({ ...day, sealed: true }, number(nowMs)),
  };
}
