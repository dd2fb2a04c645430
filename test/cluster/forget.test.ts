import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCalendar } from "../../src/lib/calendar.ts";
import { createDayFolder } from "../../src/rollups/day.ts";
import { FOLDS_SIGNATURE } from "../../src/rollups/folds.ts";
import { createRollups } from "../../src/store/clickhouse/rollups.ts";
import { openShards } from "../../src/store/clickhouse/servers.ts";
import { requestsOf } from "../ingest/requests.ts";
import { message, record, request, tool } from "../oracle/makers.ts";
import { ask, data } from "../started/ask.ts";
import { cleanUp, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";
import { message as aMessage } from "../store/world.ts";
import { startCluster, type Cluster, type Server } from "./clickhouse.ts";
import { deliver, shared, startInstances } from "./instances.ts";

const [ANN, BEN] = ["user-ann-4711", "user-ben-0815"];
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster(2);
}, 120_000);
afterAll(async () => {
  await cleanUp();
  await cluster.stop();
});

/** `botel forget` as a command. */
async function forget(config: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const file = join(temporary(), "botel.yaml");
  writeFileSync(file, config);
  const env = { ...process.env, BOTEL_CONFIG: file, BOTEL_PORT: "0", BOTEL_DATA_DIR: temporary() };
  return promisify(execFile)(process.execPath, ["src/start.mjs", "forget", ...args], { env }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, output: stdout + stderr }),
  );
}

/** A day long ago whose facts are gone: its rollups are all there is. */
async function seal(database: string): Promise<void> {
  const shards = openShards({ urls: cluster.urls, database, user: "default", password: "" });
  const rollups = createRollups(shards, database, 1);
  const timeMs = Date.now() - 200 * 86_400_000;
  const day = createCalendar("UTC").dayOf(timeMs);
  const folder = createDayFolder(day);
  folder.add({ ...aMessage({ span: 1, userId: ANN, groupId: "g", timeMs }), row: 1, counted: true, errorItem: false });
  await rollups.write({ day, zone: "UTC", folds: FOLDS_SIGNATURE, facts: 0, versions: 0 }, folder.encode(), timeMs);
  await rollups.seal((await rollups.days()).get(day)!, timeMs + 1);
  await Promise.all(shards.map((shard) => shard.close()));
}

async function holding(server: Server, database: string): Promise<string[]> {
  const tables = (await server.run(`SHOW TABLES FROM ${database}`)).trim().split("\n");
  const rows = await Promise.all(tables.map((table) => server.run(`SELECT * FROM ${database}.${table}`)));
  return tables.filter((_, n) => rows[n]?.includes(ANN));
}

// docs/privacy.md: "Stop all instances of a cluster before"
test("who is forgotten in a cluster is in no table, and every number stays", async () => {
  const setup = shared(cluster);
  const [instance] = await startInstances(1, setup);
  for (const ago of [1, 0]) {
    for (const user of [ANN, BEN]) {
      const at = Date.now() - 1000 - ago * 86_400_000;
      const root = message({ user, group: "g", name: `${user}'s name`, responses: 1, at });
      const own = { parent: root, user, group: "g", at };
      const items = [
        request({ ...own, input: 5, error: true, statusMessage: `about ${user}` }),
        tool({ ...own, name: "dice", args: JSON.stringify({ user }) }),
        record(`about ${user}`, { at, inside: root, attributes: { "user.id": user } }),
        root,
      ];
      for (const one of requestsOf(items, true)) await deliver(instance!.url, one);
    }
  }
  const numbers = async (url: string, period: string) => ({
    stats: await data(url, `/api/stats?period=${period}`),
    models: await data(url, `/api/stats/models?period=${period}`),
    tools: await data(url, `/api/stats/tools?period=${period}`),
    groups: await data(url, `/api/stats/groups?period=${period}`),
  });
  await until(
    () => data<{ summary: { toolCalls: number } }>(instance!.url, "/api/stats"),
    ({ summary }) => (summary.toolCalls === 4 ? undefined : "facts are missing"),
    15_000,
  );
  const before = await numbers(instance!.url, "week");
  const refused = await ask(instance!.url, `/api/users/${ANN}`, { method: "DELETE" });
  expect([refused.status, refused.body]).toMatchObject([503, { error: expect.stringContaining("stop all instances") }]);
  const tooSoon = await forget(setup.config, "--user", ANN);
  expect([tooSoon.code, tooSoon.output]).toEqual([1, expect.stringContaining("stop all that use the cluster")]);
  await instance!.stop();
  // As if it had stopped a minute ago.
  for (const server of cluster.servers) {
    await server.run(`ALTER TABLE ${setup.database}.instances DELETE WHERE 1`);
    await until(
      () => server.run(`SELECT * FROM ${setup.database}.instances`),
      (rows) => rows || undefined,
      30_000,
    );
  }
  await seal(setup.database);

  const { code, output } = await forget(setup.config, "--user", ANN);
  expect(output).toMatch(
    /^forgotten in the cluster: 8 facts of \d days are a tombstone's, 6 texts and 1 names are erased/,
  );
  expect(code).toBe(0);
  for (const server of cluster.servers) expect(await holding(server, setup.database)).toEqual([]);
  const [again] = await startInstances(1, setup);
  await until(
    () => numbers(again!.url, "week"),
    (now) => (JSON.stringify(now) === JSON.stringify(before) ? undefined : JSON.stringify(now)),
    15_000,
  );
  const { users } = await data<{ users: object[] }>(again!.url, "/api/stats/users");
  // With the one of the sealed day.
  const ann = { userId: expect.stringMatching(/^forgotten-[0-9a-f]{16}$/), messages: 3 };
  expect(users).toMatchObject([ann, { userId: BEN, messages: 2 }]);
  const calls = await data<{ logs: { userId: string; args: unknown }[] }>(again!.url, "/api/logs/tools");
  expect(calls.logs.filter(({ userId }) => userId !== BEN).map(({ args }) => args)).toEqual([null, null]);
});
