import { systemClock as clock } from "../lib/clock.ts";
import { report } from "../lib/report.ts";
import type { Command } from "./command.ts";

export const migrate: Command = {
  name: "migrate",
  summary:
    "brings the tables of the ClickHouse servers to this version; botel's own file is brought there by every start",
  help: `botel migrate [--ddl]

  --ddl  prints the statements that make the tables, for whoever makes them by hand; nothing is asked or changed

Forward only, and again changes nothing. Instances do it at their start, too, and so does every start with botel.db.

Exit codes: 0, 1 where a server is away or was written by a newer botel, 2 where no server is configured.`,
  options: { ddl: { type: "boolean" } },
  async run({ options, settings, print }) {
    const { clickhouse } = settings.store;
    if (options["ddl"] === true) {
      const { ddl } = await import("../store/clickhouse/schema.ts");
      for (const sql of ddl(clickhouse)) print(`${sql};\n`);
      return 0;
    }
    if (clickhouse.urls.length === 0) {
      report("store.clickhouse.urls is empty: there is nothing to migrate");
      return 2;
    }
    const { openShards } = await import("../store/clickhouse/servers.ts");
    const { migrate: migrateServers } = await import("../store/clickhouse/migrations.ts");
    const shards = openShards(clickhouse);
    try {
      const replicas = shards.flatMap((shard) => shard.replicas);
      for (const { url, from, to } of await migrateServers(replicas, clickhouse, clock.now())) {
        print(from === to ? `${url}: version ${to}, as it was` : `${url}: from version ${from} to ${to}`);
      }
      return 0;
    } finally {
      await Promise.all(shards.map((shard) => shard.close()));
    }
  },
};
