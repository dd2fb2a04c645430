import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logs, post, traces } from "../ingest/requests.ts";
import { message, record } from "../oracle/makers.ts";
import { ask, data } from "../started/ask.ts";
import { cleanUp, startServe, temporary, type Started } from "../started/started.ts";
import { until } from "../started/until.ts";
import { startCluster, type Cluster, type Server } from "./clickhouse.ts";
import { shared } from "./instances.ts";

/** ClickHouse goes away and comes back. */

let cluster: Cluster;
beforeAll(async () => (cluster = await startCluster(2)), 60_000);
afterAll(async () => {
  await cleanUp();
  await cluster.stop();
});

async function send(url: string, count: number, user: string): Promise<number> {
  const spans = Array.from({ length: count }, () => message({ user }));
  const { path, contentType, body } = traces(spans, true);
  return (await post(url, path, body, { "content-type": contentType })).status;
}

function messages(url: string): Promise<{ summary: { totalMessages: number } }> {
  return data(url, "/api/stats");
}

async function untilMessages(url: string, count: number): Promise<void> {
  await until(
    () => messages(url),
    ({ summary }) => (summary.totalMessages === count ? undefined : JSON.stringify(summary)),
    60_000,
  );
}

async function untilAway({ url }: Started, server: Server): Promise<void> {
  await until(
    () => ask(url, "/api/stats"),
    ({ status, body }) => (status === 503 ? undefined : JSON.stringify(body)),
    60_000,
  );
  expect((await ask(url, "/api/stats")).body).toMatchObject({ success: false, code: "UNAVAILABLE" });
  const health = await ask(url, "/api/system/health");
  expect(health).toMatchObject({ status: 503, body: { data: { checks: { database: { status: "error" } } } } });
  expect(JSON.stringify(health.body)).toContain(server.url);
}

// issue 9: "ClickHouse away: 503 or spool, reads say `UNAVAILABLE`, health says which."
describe("a shard is away", () => {
  test("without a spool facts are answered 503, and nothing is lost or twice when it is back", async () => {
    const botel = await startServe({ dataDir: temporary(), zone: "UTC", config: shared(cluster).config });
    const [server, other] = cluster.servers as [Server, Server];
    expect(await send(botel.url, 20, "before")).toBe(200);
    await untilMessages(botel.url, 20);
    await server.kill();
    await untilAway(botel, server);
    await other.kill();
    expect(await send(botel.url, 20, "meanwhile")).toBe(503);
    expect((await ask(botel.url, "/livez")).status).toBe(200);
    await Promise.all([server.start(), other.start()]);
    await untilMessages(botel.url, await total(botel.url));
    expect(await send(botel.url, 20, "after")).toBe(200);
    await until(
      () => data<{ users: { userId: string; messages: number }[] }>(botel.url, "/api/stats/users"),
      ({ users }) => (users.find(({ userId }) => userId === "after")?.messages === 20 ? undefined : "not yet"),
      30_000,
    );
    await until(
      () => ask(botel.url, "/api/system/health"),
      ({ status, body }) => (status === 200 ? undefined : JSON.stringify(body)),
      30_000,
    );
    await botel.stop();
  }, 180_000);

  /** What was answered 503 may be there all the same: it is what was written when the server came back. */
  async function total(url: string): Promise<number> {
    await until(
      () => ask(url, "/api/stats"),
      ({ status }) => (status === 200 ? undefined : String(status)),
      60_000,
    );
    let last = -1;
    const { summary } = await until(
      () => messages(url),
      ({ summary: { totalMessages } }) => {
        const same = totalMessages === last && (totalMessages === 20 || totalMessages === 40);
        last = totalMessages;
        return same ? undefined : String(totalMessages);
      },
      30_000,
    );
    return summary.totalMessages;
  }

  test("with a spool facts are taken, survive a kill -9, and are sent on when it is back", async () => {
    const dataDir = temporary();
    const config = { dataDir, zone: "UTC", config: shared(cluster, { spool: true }).config };
    const first = await startServe(config);
    const [, server] = cluster.servers as [Server, Server];
    expect(await send(first.url, 5, "before")).toBe(200);
    await untilMessages(first.url, 5);
    await server.kill();
    await untilAway(first, server);
    for (let n = 0; n < 5; n += 1) expect(await send(first.url, 10, `u${n}`)).toBe(200);
    const line = logs([record("in the spool")], true);
    expect((await post(first.url, line.path, line.body, { "content-type": line.contentType })).status).toBe(200);
    await first.kill();
    const second = await startServe(config);
    await untilAway(second, server);
    expect(await send(second.url, 10, "u5")).toBe(200);
    await server.start();
    await untilMessages(second.url, 65);
    expect(await data(second.url, "/api/logs")).toMatchObject({ logs: [{ message: "in the spool" }] });
    await second.stop();
  }, 180_000);

  test("a start waits for it, and is ready when it is there", async () => {
    const [server] = cluster.servers as [Server];
    await server.kill();
    const botel = await startServe({ dataDir: temporary(), zone: "UTC", config: shared(cluster).config });
    expect((await ask(botel.url, "/readyz")).status).toBe(503);
    expect(await ask(botel.url, "/api/stats")).toMatchObject({ status: 503, body: { code: "UNAVAILABLE" } });
    await server.start();
    await until(
      () => ask(botel.url, "/readyz"),
      ({ status }) => (status === 200 ? undefined : `it answers ${status}`),
      60_000,
    );
    expect((await ask(botel.url, "/api/stats")).status).toBe(200);
    await botel.stop();
  }, 180_000);
});
