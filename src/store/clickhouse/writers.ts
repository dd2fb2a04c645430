import { BotelError } from "../../contract/errors.ts";
import { integer, name } from "./literal.ts";
import type { Shard } from "./servers.ts";

/**
 * Who writes to the cluster. Each start of an instance has a number of its own, noted on every shard before its first row;
 * its rows count up from 1, and reach `recent` of a shard in that order. So what an instance has read is one number for each
 * writer and shard.
 */
export interface Writers {
  /** The number of this start. */
  readonly own: number;
  /** Says that we are there, and learns who else is. */
  beat(nowMs: number): Promise<void>;
  /** Those that wrote lately, this one too. */
  readonly alive: ReadonlySet<number>;
}

/** Silent for longer, a writer is gone for good: it has written nothing that was not read. In ms. */
const GONE_MS = 15 * 60_000;
const TRIES = 10;

/** @param id unlike that of any other start */
export async function registerWriter(
  shards: readonly Shard[],
  database: string,
  id: string,
  nowMs: number,
): Promise<Writers> {
  const table = `${name(database)}.instances`;
  const alive = new Set<number>();
  const own = await takeNumber();

  async function note(writer: number, at: number): Promise<void> {
    const line = `${integer(writer)}\t${id}\t${integer(at)}\n`;
    await Promise.all(shards.map((shard) => shard.insert("instances", ["writer", "id", "beat"], line)));
  }

  async function takeNumber(): Promise<number> {
    for (let n = 0; n < TRIES; n += 1) {
      const newest = await Promise.all(shards.map((shard) => shard.all(`SELECT max(writer) FROM ${table}`, 1)));
      const writer = 1 + Math.max(...newest.map((rows) => Number(rows[0]?.[0] ?? 0)));
      await note(writer, nowMs);
      const same = await Promise.all(
        shards.map((shard) => shard.all(`SELECT DISTINCT id FROM ${table} WHERE writer = ${integer(writer)}`, 1)),
      );
      // Of two that took a number at the same moment, both take another one.
      if (same.every((rows) => rows.every(([other]) => other === id))) return writer;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
    }
    throw new BotelError("UNAVAILABLE", "Too many instances start at the same time: it is tried again.");
  }

  return {
    own,
    alive,
    async beat(now) {
      await note(own, now);
      const sql = `SELECT DISTINCT writer FROM ${table} WHERE beat > ${integer(now - GONE_MS)}`;
      const found = await Promise.all(shards.map((shard) => shard.all(sql, 1)));
      alive.clear();
      for (const [writer] of found.flat()) alive.add(Number(writer));
    },
  };
}
