import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestsOf } from "../ingest/requests.ts";
import { message, record, request, tool } from "../oracle/makers.ts";
import { ask, data } from "../started/ask.ts";
import { cleanUp } from "../started/started.ts";
import { until } from "../started/until.ts";
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

/** The statements of docs/privacy.md, as a person would run them for one user. */
function statements(database: string): string[] {
  const page = readFileSync(join(import.meta.dirname, "../../docs/privacy.md"), "utf8");
  const [, sql = ""] = /```sql\n([^`]+)```/.exec(page) ?? [];
  return sql
    .split(";\n")
    .filter((statement) => statement !== "")
    .map((statement) => statement.replaceAll(/\b(TABLE|FROM) (\w+)/g, `$1 ${database}.$2`).replaceAll("ID", ANN));
}

/** Runs one, and waits until the server has done it: a mutation goes on in the background. */
async function run(server: Server, database: string, sql: string): Promise<void> {
  await server.run(sql);
  await until(
    () => server.run(`SELECT command FROM system.mutations WHERE database = '${database}' AND is_done = 0`),
    (waiting) => (waiting === "" ? undefined : waiting),
    30_000,
  );
}

async function holding(server: Server, database: string): Promise<string[]> {
  const tables = (await server.run(`SHOW TABLES FROM ${database}`)).trim().split("\n");
  const rows = await Promise.all(tables.map((table) => server.run(`SELECT * FROM ${database}.${table}`)));
  return tables.filter((_, n) => rows[n]?.includes(ANN));
}

// docs/privacy.md: "Stop all instances, run these statements on every server, …, and start the instances again"
test("who is forgotten in a cluster by the statements of the page is in no table, and every number stays", async () => {
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
  const numbers = async (url: string) => ({
    stats: await data(url, "/api/stats"),
    models: await data(url, "/api/stats/models"),
    tools: await data(url, "/api/stats/tools"),
    groups: await data(url, "/api/stats/groups"),
  });
  await until(
    () => data<{ summary: { toolCalls: number } }>(instance!.url, "/api/stats"),
    ({ summary }) => (summary.toolCalls === 4 ? undefined : "facts are missing"),
    15_000,
  );
  const before = await numbers(instance!.url);
  const refused = await ask(instance!.url, `/api/users/${ANN}`, { method: "DELETE" });
  expect([refused.status, refused.body]).toMatchObject([503, { error: expect.stringContaining("docs/privacy.md") }]);
  await instance!.stop();

  for (const server of cluster.servers) {
    for (const sql of statements(setup.database)) await run(server, setup.database, sql);
    expect(await holding(server, setup.database)).toEqual([]);
  }
  const [again] = await startInstances(1, setup);
  await until(
    () => numbers(again!.url),
    (now) => (JSON.stringify(now) === JSON.stringify(before) ? undefined : JSON.stringify(now)),
    15_000,
  );
  const { users } = await data<{ users: { userId: string }[] }>(again!.url, "/api/stats/users");
  expect(users.map(({ userId }) => userId)).toEqual(["forgotten-1", BEN]);
  const calls = await data<{ logs: { userId: string; args: unknown }[] }>(again!.url, "/api/logs/tools");
  expect(calls.logs.filter(({ userId }) => userId === "forgotten-1").map(({ args }) => args)).toEqual([null, null]);
});
