import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "./config/settings.ts";
import type { Forgotten, Whom } from "./contract/thread.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { privacyOf } from "./privacy.ts";
import { renameOwner } from "./rollups/rename.ts";
import { forgetInCluster } from "./store/clickhouse/forget.ts";
import { createRollups } from "./store/clickhouse/rollups.ts";
import { openShards } from "./store/clickhouse/servers.ts";
import { CLUSTER_DAYS } from "./store/files.ts";

/** No instance has it. */
const WRITER = 0;

/**
 * `botel forget` of a cluster whose instances are stopped.
 *
 * @throws {BotelError} UNAVAILABLE where one runs, or a server is away
 */
export async function forgetOfCluster(settings: Settings, { owner, id }: Whom): Promise<Forgotten> {
  const { clickhouse } = settings.store;
  const shards = openShards(clickhouse);
  const all: Forgotten = { facts: 0, texts: 0, names: 0, days: 0, file: "clean" };
  try {
    const { database } = clickhouse;
    const rollups = createRollups(shards, database, WRITER);
    const newTombstone = (): string => `forgotten-${randomBytes(8).toString("hex")}`;
    const parts = { shards, database, rollups, renameOwner, newTombstone, now: clock.now };
    const pseudonym = privacyOf(settings, settings.dataDir).pseudonymOf?.(owner, id);
    for (const each of pseudonym === undefined ? [id] : [id, pseudonym]) {
      const { days, ...counts } = await forgetInCluster(parts, { owner, id: each });
      for (const what of ["facts", "texts", "names"] as const) all[what] += counts[what];
      all.days = Math.max(all.days, days);
    }
    // What an instance holds of the days is made anew at its start.
    for (const ending of ["", "-wal", "-shm"]) rmSync(join(settings.dataDir, CLUSTER_DAYS + ending), { force: true });
    return all;
  } finally {
    await Promise.all(shards.map((shard) => shard.close()));
  }
}
