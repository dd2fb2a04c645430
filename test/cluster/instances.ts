import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { post, type Otlp } from "../ingest/requests.ts";
import { startServe, temporary, type Started } from "../started/started.ts";

/** Everything is kept as long as facts are, as in the tests of one machine. */
const RETENTION = { facts: 90, debugLogs: 90, toolBodies: 90, spans: 90 };

let databases = 0;

export interface Shared {
  /** As botel's own file says it; the same for every instance. */
  config: string;
  /** Of this test only. */
  database: string;
}

/** Settings of instances that share a new database on all servers. */
export function shared({ urls }: { urls: (string | string[])[] }, more: object = {}): Shared {
  databases += 1;
  const database = `botel_${process.pid}_${databases}`;
  const store = { kind: "clickhouse", retention: RETENTION, clickhouse: { urls, database, ...more } };
  return { config: stringify({ store }), database };
}

/** `botel serve`, so many times, each with a data folder of its own. */
export function startInstances(count: number, { config }: Shared, zone = "UTC"): Promise<Started[]> {
  return Promise.all(Array.from({ length: count }, () => startServe({ dataDir: temporary(), zone, config })));
}

const PATIENCE_MS = 60_000;

/** Sends it as any client does: again where the answer is 503. */
export async function deliver(url: string, { path, contentType, body }: Otlp): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await post(url, path, body, { "content-type": contentType });
    if (answer.status === 200) return;
    if (answer.status !== 503 || performance.now() > deadline) {
      throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
    }
    await sleep(50);
  }
}
