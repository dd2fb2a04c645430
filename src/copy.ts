import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "./config/settings.ts";
import { BotelError } from "./contract/errors.ts";
import type { StateEvent } from "./contract/state.ts";
import type { Catalog } from "./contract/thread.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { createImport, type Import } from "./store/clickhouse/import.ts";
import { migrateShards } from "./store/clickhouse/migrations.ts";
import { openShards } from "./store/clickhouse/servers.ts";
import { agree } from "./store/clickhouse/start.ts";
import { CATALOG, DATABASE } from "./store/files.ts";
import type { Placed } from "./store/owners.ts";
import { exportStore, type Export } from "./store/sqlite/export.ts";

/** Facts of one step: a block that ClickHouse takes well, and that is lost and sent again where it is stopped. */
const STEP = 10_000;

export interface Copied {
  facts: number;
  /** Facts of the file that are in the cluster, looked up one by one when all was copied. */
  found: number;
  spans: number;
  names: number;
  sealedDays: number;
}

/**
 * `botel copy --from sqlite --to clickhouse`: all that the data folder's store has, into the cluster. It can be stopped and
 * run again, and goes on where it was; what is there twice is one.
 *
 * @param progress how many facts of how many are done, of copying and then of looking them up
 * @throws {BotelError} NOT_FOUND where there is no store, UNAVAILABLE where one of the two cannot be used
 */
export async function copyToCluster(
  settings: Settings,
  progress: (what: string, done: number, of: number) => void,
): Promise<Copied> {
  const file = join(settings.dataDir, DATABASE);
  if (!existsSync(file)) {
    throw new BotelError(
      "NOT_FOUND",
      `there are no data in ${settings.dataDir}: set BOTEL_DATA_DIR to botel.db's folder`,
    );
  }
  const { clickhouse } = settings.store;
  const shards = openShards(clickhouse);
  const from = exportStore(file);
  try {
    await migrateShards(shards, clickhouse, clock.now());
    await agree(shards, clickhouse.database, settings.timeZone, clock.now(), from.zone);
    const into = createImport(shards, clickhouse.database, clock.now);
    await copyFacts(from, into, file, progress);
    const rest = await copyRest(from, into, join(settings.dataDir, CATALOG));
    return { facts: from.facts, found: await countFound(from, into, progress), ...rest };
  } finally {
    from.close();
    await Promise.all(shards.map((shard) => shard.close()));
  }
}

async function copyFacts(
  from: Export,
  into: Import,
  file: string,
  progress: (what: string, done: number, of: number) => void,
): Promise<void> {
  const fills = new Map(from.fills().map((fill) => [fill.row, fill]));
  let row = await into.reached(file);
  for (const placed of stepsOf(from, row)) {
    await into.facts(placed);
    await into.fills(
      placed.flatMap(({ fact }) => {
        const fill = fills.get(fact.row);
        return fill === undefined ? [] : [{ fact, fill }];
      }),
    );
    row = placed.at(-1)?.fact.row ?? row;
    // Of the last minutes a message may still change the owner: the next run copies them again.
    await into.reach(file, Math.min(row, from.settledRow));
    progress("copied", row, from.lastRow);
  }
}

function* stepsOf(from: Export, after: number): Generator<Placed[]> {
  let row = after;
  for (;;) {
    const placed = from.after(row, STEP);
    if (placed.length === 0) return;
    yield placed;
    row = placed.at(-1)?.fact.row ?? row;
  }
}

async function copyRest(
  from: Export,
  into: Import,
  catalogFile: string,
): Promise<Pick<Copied, "spans" | "names" | "sealedDays">> {
  let spans = 0;
  for (const links of from.spans()) {
    await into.spans(links);
    spans += links.length;
  }
  const { users, groups } = from.names();
  await into.names("user", users);
  await into.names("group", groups);
  await into.states(statesOf(catalogFile));
  const days = from.sealedDays();
  for (const day of days) await into.sealed(day, from.zone, from.folds, from.slices(day));
  return { spans, names: users.length + groups.length, sealedDays: days.length };
}

/** What was announced; bots that are known by their messages are known by them again. */
function statesOf(file: string): StateEvent[] {
  if (!existsSync(file)) return [];
  const { bots, channels, inventories } = JSON.parse(readFileSync(file, "utf8")) as Catalog;
  const announced = Object.values(bots).filter(({ byMessages }) => byMessages !== true);
  return [...announced, ...Object.values(channels), ...Object.values(inventories)];
}

async function countFound(
  from: Export,
  into: Import,
  progress: (what: string, done: number, of: number) => void,
): Promise<number> {
  let found = 0;
  for (const placed of stepsOf(from, 0)) {
    const missing = await into.missing(placed.map(({ fact }) => fact));
    found += placed.length - missing.length;
    progress("looked up", placed.at(-1)?.fact.row ?? 0, from.lastRow);
  }
  return found;
}
