import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { post, requestsOf } from "../ingest/requests.ts";
import { message, record } from "../oracle/makers.ts";
import { ask, data } from "../started/ask.ts";
import { cleanUp, startServe, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";
import { startCluster, type Cluster } from "./clickhouse.ts";
import { shared } from "./instances.ts";

/** ClickHouse is away, and comes back. */

const PATIENCE_MS = 30_000;

let cluster: Cluster;
beforeAll(async () => (cluster = await startCluster(2)), 60_000);
afterAll(() => cluster.stop());
afterEach(cleanUp);

const stopServers = () => Promise.all(cluster.servers.map((server) => server.kill()));
const startServers = () => Promise.all(cluster.servers.map((server) => server.start()));

function facts(count: number) {
  return Array.from({ length: count }, (_, n) => [message({ user: `u${n}` }), record(`line ${n}`)]).flat();
}

/** Statuses of the answers to OTLP. */
async function statuses(url: string, items: ReturnType<typeof facts>): Promise<number[]> {
  const answers = requestsOf(items, true).map(async ({ path, contentType, body }) => {
    const { status, headers } = await post(url, path, body, { "content-type": contentType });
    if (status === 503) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    return status;
  });
  return Promise.all(answers);
}

async function eventually(url: string, path: string, status: number, expected: object): Promise<void> {
  await until(
    () => ask(url, path),
    (answer) => {
      if (answer.status !== status) return `${answer.status} ${JSON.stringify(answer.body)}`;
      try {
        expect(answer.body).toMatchObject(expected);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    },
    PATIENCE_MS,
  );
}

async function counted(url: string, messages: number): Promise<void> {
  await until(
    async () => [
      (await data<{ summary: { totalMessages: number } }>(url, "/api/stats")).summary.totalMessages,
      (await data<{ logs: unknown[] }>(url, "/api/logs?limit=1000")).logs.length,
    ],
    (found) => (found.every((count) => count === messages) ? undefined : `${found.join(", ")} of ${messages}`),
    PATIENCE_MS,
  );
}

// issue 9: "ClickHouse away: 503 or spool, reads say `UNAVAILABLE`, health says which."
describe("without a spool", () => {
  test("facts are answered 503, reads say UNAVAILABLE, health says why; then all goes on", async () => {
    const { url } = await startServe({ dataDir: temporary(), zone: "UTC", config: shared(cluster).config });
    const first = facts(10);
    expect(await statuses(url, first)).toEqual([200, 200]);
    await counted(url, 10);

    await stopServers();
    const second = facts(10);
    await until(
      () => statuses(url, second),
      (found) => (found.includes(200) ? `answered ${found.join(", ")}` : undefined),
      PATIENCE_MS,
    );
    for (const path of ["/api/logs", "/api/logs/tools", "/api/logs/errors"]) {
      await eventually(url, path, 503, { success: false, code: "UNAVAILABLE" });
    }
    await eventually(url, "/api/system/health", 503, { data: { checks: { database: { status: "error" } } } });

    await startServers();
    await until(
      () => statuses(url, second),
      (found) => (found.every((status) => status === 200) ? undefined : `answered ${found.join(", ")}`),
      PATIENCE_MS,
    );
    await counted(url, 20);
    await eventually(url, "/api/system/health", 200, { data: { checks: { database: { status: "ok" } } } });
  }, 120_000);

  test("a start without ClickHouse waits for it", async () => {
    await stopServers();
    const starting = startServe({ dataDir: temporary(), zone: "UTC", config: shared(cluster).config });
    await startServers();
    const { url } = await starting;
    const items = facts(3);
    await until(
      () => statuses(url, items),
      (found) => (found.every((status) => status === 200) ? undefined : `answered ${found.join(", ")}`),
      PATIENCE_MS,
    );
    await counted(url, 3);
  }, 120_000);
});

// issue 9: "with `spool: true` = in the local SQLite spool, sent on in batches of 5–20 k, resumed after a crash"
describe("with a spool", () => {
  beforeEach(startServers);

  test("facts are acknowledged while ClickHouse is away, and sent on when it is back, also after a kill -9", async () => {
    const dataDir = temporary();
    const { config } = shared(cluster, { spool: true });
    const before = await startServe({ dataDir, zone: "UTC", config });
    expect(await statuses(before.url, facts(5))).toEqual([200, 200]);
    await counted(before.url, 5);

    await stopServers();
    const meanwhile = facts(20);
    expect(await statuses(before.url, meanwhile)).toEqual([200, 200]);
    // Sent again, as by a client that saw no answer: one is one.
    expect(await statuses(before.url, meanwhile)).toEqual([200, 200]);
    await before.kill();
    const starting = startServe({ dataDir, zone: "UTC", config });
    await startServers();
    const { url } = await starting;
    await counted(url, 25);
  }, 120_000);
});
