import { BotelError } from "../../contract/errors.ts";
import { integer, name } from "./literal.ts";
import { foundation, STEPS } from "./schema.ts";
import type { Layout, Step } from "./schema.ts";

/** A server, as far as its tables are made and brought up to date. */
export interface Migrated {
  /** How it is called in what is said of it. */
  readonly url: string;
  command(sql: string): Promise<void>;
  /** The rows of a SELECT. */
  rows<Row>(sql: string): Promise<Row[]>;
}

/** `Cannot add column …: column with this name already exists`: another instance, or an attempt before, was faster. */
const ALREADY_THERE = /^Code: 44\b/;

/**
 * Brings the tables of every server to the newest version, forward only. Several instances may do it at the same time,
 * and one that was stopped halfway is done again: every statement may be run twice, and the version is noted last.
 *
 * @param nowMs epoch ms
 * @param steps those of another botel, for tests
 * @returns from which version it went to which, for each server
 * @throws {BotelError} UNAVAILABLE where a server was written by a newer botel
 */
export async function migrate(
  servers: readonly Migrated[],
  layout: Layout,
  nowMs: number,
  steps: readonly Step[] = STEPS,
): Promise<{ url: string; from: number; to: number }[]> {
  const done: { url: string; from: number; to: number }[] = [];
  for (const server of servers) {
    for (const sql of foundation(layout)) await server.command(sql);
    const from = await versionOf(server, layout.database);
    if (from > steps.length) throw newer(server.url, from, steps.length);
    for (let version = from + 1; version <= steps.length; version += 1) {
      for (const sql of (steps[version - 1] as Step)(layout)) await once(server, sql);
      await note(server, layout.database, version, nowMs);
    }
    done.push({ url: server.url, from, to: steps.length });
  }
  return done;
}

/**
 * The same for shards, of which one replica is enough: another that is away is migrated by the next start.
 *
 * @throws {Error} where a shard has no replica that answers, or one that a newer botel made
 */
export async function migrateShards(
  shards: readonly { replicas: readonly Migrated[] }[],
  layout: Layout,
  nowMs: number,
): Promise<void> {
  for (const { replicas } of shards) {
    const outcomes = await Promise.allSettled(replicas.map((replica) => migrate([replica], layout, nowMs)));
    const failed = outcomes.filter((outcome) => outcome.status === "rejected");
    const refused = failed.find(({ reason }) => reason instanceof BotelError);
    if (refused !== undefined || failed.length === replicas.length) throw (refused ?? failed[0])?.reason;
  }
}

/** @returns 0 where there is no table yet. */
export async function versionOf(server: Migrated, database: string): Promise<number> {
  const sql = `SELECT toUInt32(max(version)) AS version FROM ${name(database)}.schema_versions`;
  const [row] = await server.rows<{ version: number }>(sql);
  return row?.version ?? 0;
}

async function once(server: Migrated, sql: string): Promise<void> {
  try {
    await server.command(sql);
  } catch (error) {
    if (!(error instanceof Error) || !ALREADY_THERE.test(error.message)) throw error;
  }
}

function note(server: Migrated, database: string, version: number, nowMs: number): Promise<void> {
  const values = `(${integer(version)}, ${integer(Math.floor(nowMs / 1000))})`;
  return server.command(`INSERT INTO ${name(database)}.schema_versions (version, at) VALUES ${values}`);
}

function newer(url: string, version: number, known: number): BotelError {
  return new BotelError(
    "UNAVAILABLE",
    `The ClickHouse server ${url} has schema version ${version}, this botel knows up to ${known}: ` +
      "start the botel that wrote it, or a newer one.",
  );
}
