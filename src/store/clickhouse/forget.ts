import { setTimeout as sleep } from "node:timers/promises";
import { BotelError } from "../../contract/errors.ts";
import type { OwnerKind } from "../../contract/fact.ts";
import type { EncodedSlice, Forgotten, Whom } from "../../contract/thread.ts";
import { NAMED } from "./blocks.ts";
import { integer, list, name, text } from "./literal.ts";
import { META_COLUMNS } from "./schema.ts";
import type { Rollups, StoredDay } from "./rollups.ts";
import type { Shard } from "./servers.ts";
import { field } from "./tsv.ts";

interface Parts {
  shards: readonly Shard[];
  database: string;
  rollups: Rollups;
  /** Puts another id into a slice; undefined: nobody can read it. */
  renameOwner(slice: EncodedSlice, owner: OwnerKind, from: string, to: string): EncodedSlice | undefined;
  /** For one that is forgotten for the first time. */
  newTombstone(): string;
  /** Epoch ms. */
  now(): number;
}

const COLUMN = { user: "user", group: "grp" } as const;
/** An instance that beat within this time may still write, in ms. */
const ALIVE_MS = 30_000;
/** A shorter id is a part of too many texts to be looked for in them. */
const SHORTEST = 5;
const LOOK_MS = 100;
const META = Object.keys(META_COLUMNS);

/**
 * Erases somebody from a cluster that no instance uses: what an instance holds in memory would come back. One that was
 * stopped halfway is done again, under the same tombstone.
 *
 * @throws {BotelError} UNAVAILABLE where an instance runs, or a server is away
 */
export async function forgetInCluster(parts: Parts, whom: Whom): Promise<Omit<Forgotten, "file">> {
  const { shards, database, newTombstone, now } = parts;
  await refuseRunning(shards, database, now());
  const noted = `forgetting ${whom.owner} ${Buffer.from(whom.id).toString("hex")}`;
  const [first] = shards as [Shard];
  const tombstone = (await readNote(first, database, noted)) ?? newTombstone();
  await first.insert("meta", META, `${field(noted)}\t${now()}\t${field(tombstone)}\n`);
  const counts = { facts: 0, texts: 0, names: 0 };
  for (const shard of shards) {
    const found = await eraseShard(shard, database, whom, tombstone);
    for (const what of ["facts", "texts", "names"] as const) counts[what] += found[what];
  }
  const days = await eraseDays(parts, whom, tombstone);
  await mutate(first, database, "meta", `DELETE WHERE name = ${text(noted)}`);
  return { ...counts, days };
}

async function refuseRunning(shards: readonly Shard[], database: string, nowMs: number): Promise<void> {
  const sql = `SELECT max(beat) FROM ${name(database)}.instances`;
  const beats = await Promise.all(shards.map((shard) => shard.all(sql, 1)));
  const newest = Math.max(...beats.flat().map(([beat]) => Number(beat)));
  if (nowMs - newest > ALIVE_MS) return;
  throw new BotelError(
    "UNAVAILABLE",
    `An instance was heard of ${Math.round((nowMs - newest) / 1000)} s ago: stop all that use the cluster, and ask again ${ALIVE_MS / 1000} s later.`,
  );
}

async function readNote(first: Shard, database: string, noted: string): Promise<string | undefined> {
  const [row] = await first.all(`SELECT value FROM ${name(database)}.meta FINAL WHERE name = ${text(noted)}`, 1);
  return row?.[0] ?? undefined;
}

/** Rows of one shard: facts first, by which the others are found. */
async function eraseShard(shard: Shard, database: string, { owner, id }: Whom, tombstone: string) {
  const [column, now] = [COLUMN[owner], text(tombstone)];
  const is = (value: string): string => `${column} = ${value}`;
  const from = (table: string): string => `${name(database)}.${name(table)}`;
  const count = async (table: string, where: string, what = "kind, time, key"): Promise<number> => {
    // Not FINAL: of a fact that was written twice either row may say it.
    const [row] = await shard.all(`SELECT uniqExact(${what}) FROM ${from(table)} WHERE ${where}`, 1);
    return Number(row?.[0] ?? 0);
  };
  const run = (table: string, action: string): Promise<void> => mutate(shard, database, table, action);
  const theirs = `(kind, time, key) IN (SELECT kind, time, key FROM ${from("facts")} WHERE ${is(now)})`;
  const word = id.length < SHORTEST ? undefined : text(`(^|\\W)${RegExp.escape(id)}(\\W|$)`);
  const names = (...columns: string[]): string =>
    [theirs, ...(word === undefined ? [] : columns.map((each) => `match(ifNull(${each}, ''), ${word})`))].join(" OR ");

  const facts = await count("facts", is(text(id)));
  const named = `kind = ${NAMED[owner]} AND id = ${text(id)}`;
  const nicknames = await count("names", named, "id");
  await run("facts", `UPDATE ${column} = ${now} WHERE ${is(text(id))}`);
  const lines = names("message", "stack", "meta");
  const calls = names("args", "result");
  const texts = (await count("bodies", lines)) + (await count("contents", calls));
  await run("bodies", `UPDATE message = if(kind = 4, '[erased]', NULL), stack = NULL, meta = NULL WHERE ${lines}`);
  await run("contents", `DELETE WHERE ${calls}`);
  await run("fills", `UPDATE stack = '' WHERE ${names("stack")}`);
  if (word !== undefined) {
    const step = `match(name, ${word}) OR match(ifNull(attributes, ''), ${word})`;
    await run("spans", `UPDATE name = '[erased]', attributes = NULL WHERE ${step}`);
  }
  const known = await shard.all(`SELECT DISTINCT name FROM ${from("names")} WHERE ${named}`, 1);
  // A row of what instances told each other is one text; that it is there is what others count by.
  const told = [[id, tombstone], ...known.map(([each]) => [each ?? "", "-"])].reduce(
    (line, [old = "", by = ""]) => (old === "" ? line : `replaceAll(${line}, ${text(field(old))}, ${text(by)})`),
    "line",
  );
  await run("recent", `UPDATE line = ${told} WHERE position(line, ${text(field(id))}) > 0`);
  await run("names", `DELETE WHERE ${named}`);
  return { facts, texts, names: nicknames };
}

/** Days that have their facts are counted anew by the next start; of sealed ones the rollups are renamed. @returns how many */
async function eraseDays(parts: Parts, { owner, id }: Whom, tombstone: string): Promise<number> {
  const { shards, database, rollups, renameOwner, now } = parts;
  const days = [...(await rollups.days()).values()];
  let changed = 0;
  for (const day of days) {
    if (!day.sealed) continue;
    const slices = await rollups.read(day);
    if (slices === undefined) continue;
    const renamed = slices.flatMap((slice) => renameOwner(slice, owner, id, tombstone) ?? []);
    if (JSON.stringify(renamed) === JSON.stringify(slices)) continue;
    await rollups.write(day, renamed, now());
    const written = (await rollups.days()).get(day.day) as StoredDay;
    await rollups.seal(written, now() + 1);
    changed += 1;
  }
  const kept = [...(await rollups.days()).values()].filter(({ sealed }) => sealed);
  const newest = list(kept.map(({ day, written }) => `(${integer(day)}, ${integer(written)})`));
  const [old, open] = [`(day, written) IN ${newest}`, `day IN ${list(kept.map(({ day }) => integer(day)))}`];
  for (const shard of shards) {
    await mutate(shard, database, "rollups", `DELETE WHERE ${kept.length === 0 ? "1" : `NOT (${old})`}`);
    await mutate(shard, database, "days", `DELETE WHERE ${kept.length === 0 ? "1" : `NOT (${open})`}`);
  }
  return changed + days.filter(({ sealed }) => !sealed).length;
}

/** Changes rows, and waits until the server has done it: it answers at once, and works in the background. */
async function mutate(shard: Shard, database: string, table: string, action: string): Promise<void> {
  await shard.command(`ALTER TABLE ${name(database)}.${name(table)} ${action}`);
  const waiting = `SELECT count() FROM system.mutations WHERE database = ${text(database)} AND table = ${text(table)} AND is_done = 0`;
  for (;;) {
    const [row] = await shard.all(waiting, 1);
    if (Number(row?.[0]) === 0) return;
    await sleep(LOOK_MS);
  }
}
