import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logs, post, traces, type Otlp } from "../ingest/requests.ts";
import { message, record } from "../oracle/makers.ts";
import { data, pages } from "../started/ask.ts";
import { cleanUp, startServe, temporary, type Started } from "../started/started.ts";
import { until } from "../started/until.ts";
import { startCluster, type Cluster } from "./clickhouse.ts";
import { shared, startInstances } from "./instances.ts";

const KILLS = Number(process.env["BOTEL_KILLS"] ?? 6);
const CLIENTS = 4;
const SPANS = 25;

let cluster: Cluster;
beforeAll(async () => (cluster = await startCluster(2)), 60_000);
afterAll(async () => {
  await cleanUp();
  await cluster.stop();
});

interface Totals {
  /** Spans, and as many lines, of requests that were answered 200. */
  acknowledged: number;
  stopped: boolean;
}

/** A client behind a balancer: what is not answered 200 by one instance goes to the next, until it is. */
async function client(instances: readonly Started[], name: string, totals: Totals): Promise<void> {
  for (let n = 0; !totals.stopped; n += 1) {
    const json = n % 2 === 0;
    const spans = Array.from({ length: SPANS }, () => message({ user: name }));
    const lines = Array.from({ length: SPANS }, (_, i) => record(`${name} ${n} ${i}`));
    for (const one of [traces(spans, json), logs(lines, json)]) await until200(instances, one);
    totals.acknowledged += SPANS;
  }
}

async function until200(instances: readonly Started[], { path, contentType, body }: Otlp): Promise<void> {
  for (let attempt = Math.floor(Math.random() * instances.length); ; attempt += 1) {
    const { url } = instances[attempt % instances.length]!;
    const status = await post(url, path, body, { "content-type": contentType }).then(
      (response) => response.status,
      () => undefined, // it is dead, and is being started again
    );
    if (status === 200) return;
    if (status !== undefined && status !== 503) throw new Error(`${path} is answered ${status}`);
    await sleep(20);
  }
}

async function messagesOf(url: string): Promise<number> {
  return (await data<{ summary: { totalMessages: number } }>(url, "/api/stats")).summary.totalMessages;
}

// issue 9: "kill -9 of botel instances and of one ClickHouse server during ingest, clients that resend: acknowledged = counted, once."
test(`kill -9 of instances and of a server during ingest, ${KILLS} times: acknowledged = counted, once`, async () => {
  const settings = shared(cluster);
  const instances = await startInstances(3, settings);
  const totals: Totals = { acknowledged: 0, stopped: false };
  const clients = Array.from({ length: CLIENTS }, (_, n) => client(instances, `client-${n}`, totals));
  for (let kill = 0; kill < KILLS; kill += 1) {
    await sleep(Math.random() * 300); // the moment of the kill is any
    if (kill % 3 === 2) {
      const server = cluster.servers[kill % 2]!;
      await server.kill();
      await sleep(Math.random() * 300);
      await server.start();
    } else {
      const n = kill % instances.length;
      await instances[n]!.kill();
      instances[n] = await startServe({ dataDir: temporary(), zone: "UTC", config: settings.config });
    }
    const before = totals.acknowledged;
    await until(
      () => totals.acknowledged,
      (now) => (now > before ? undefined : "nothing is taken in any more"),
      60_000,
    );
  }
  totals.stopped = true;
  await Promise.all(clients);

  for (const { url } of instances) {
    await until(
      () => messagesOf(url),
      (found) => (found === totals.acknowledged ? undefined : `${found} of ${totals.acknowledged}`),
      30_000,
    );
    const { rows } = await pages(url, "/api/logs", "logs", { limit: 1000 });
    expect(rows).toHaveLength(totals.acknowledged);
    expect(new Set(rows.map((row) => (row as { message: string }).message)).size).toBe(totals.acknowledged);
  }
}, 300_000);
