import { afterAll, beforeAll, expect, test } from "vitest";
import { requestsOf } from "../ingest/requests.ts";
import type { Item } from "../oracle/items.ts";
import { message, newTrace, request, tool } from "../oracle/makers.ts";
import { data } from "../started/ask.ts";
import { cleanUp, startServe, temporary, type Started } from "../started/started.ts";
import { until } from "../started/until.ts";
import { startReplicas, type Cluster, type Server } from "./clickhouse.ts";
import { deliver, shared, type Shared } from "./instances.ts";
import { startZooKeeper, type ZooKeeper } from "./zookeeper.ts";

let zooKeeper: ZooKeeper;
let cluster: Cluster;
let settings: Shared;

beforeAll(async () => {
  zooKeeper = await startZooKeeper();
  cluster = await startReplicas(2, zooKeeper.port);
  settings = shared({ urls: [cluster.urls] }, { replicated: true });
}, 120_000);
afterAll(async () => {
  await cleanUp();
  await cluster?.stop();
  await zooKeeper?.stop();
});

async function take({ url }: Started, items: Item[]): Promise<void> {
  for (const one of requestsOf(items, true)) {
    await until(
      () => deliver(url, one),
      () => undefined,
      30_000,
    );
  }
}

function turns(count: number): Item[] {
  return Array.from({ length: count }, () => {
    const trace = newTrace();
    return [request({ trace, input: 1 }), tool({ trace }), message({ trace, user: "u", group: "g" })];
  }).flat();
}

async function counted({ url }: Started, messages: number): Promise<void> {
  await until(
    () => data<{ summary: Record<string, number> }>(url, "/api/stats?groupId=g"),
    ({ summary: { totalMessages, toolCalls, tokensUsed } }) =>
      totalMessages === messages && toolCalls === messages && tokensUsed === messages
        ? undefined
        : `${totalMessages}, ${toolCalls}, ${tokensUsed} of ${messages}`,
    30_000,
  );
}

/** Both replicas have the same. */
async function copied(): Promise<void> {
  const { database } = settings;
  const sql = ["facts", "contents", "names", "recent"].map(
    (table) => `(SELECT count() FROM ${database}.${table} ${table === "recent" ? "" : "FINAL"})`,
  );
  await until(
    () => Promise.all(cluster.servers.map(({ run }) => run(`SELECT ${sql.join(", ")}`))),
    ([first, second]) => (first === second ? undefined : `${first} and ${second}`),
    60_000,
  );
}

// issue 9: "Replication: `Replicated*` engines by setting, with the DDL shown; tested with ZooKeeper from Debian"
test("with replicas one may be lost, and then the other", { timeout: 240_000 }, async () => {
  const [first, second] = cluster.servers as [Server, Server];
  const instance = await startServe({ dataDir: temporary(), zone: "UTC", config: settings.config });
  await take(instance, turns(10));
  await counted(instance, 10);
  await copied();

  await first.kill();
  await take(instance, turns(10));
  await counted(instance, 20);

  await first.start();
  await copied();
  await second.kill();
  await take(instance, turns(10));
  await counted(instance, 30);
  // What a new instance reads, it reads of the first alone.
  const another = await startServe({ dataDir: temporary(), zone: "UTC", config: settings.config });
  await counted(another, 30);
  const engines = await first.run(
    `SELECT DISTINCT engine FROM system.tables WHERE database = '${settings.database}' AND name != 'schema_versions'`,
  );
  for (const engine of engines.trim().split("\n")) expect(engine).toMatch(/^Replicated/);
});
