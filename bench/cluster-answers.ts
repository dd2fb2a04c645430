/** How long answers take of facts that lie on 89 days. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../test/cluster/clickhouse.ts";
import { shared, startInstances, type Shared } from "../test/cluster/instances.ts";
import type { Started } from "../test/started/started.ts";
import { columnsOf, send } from "./cluster-servers.ts";
import { payload, SPANS } from "./ingest-payload.ts";
import { anyLogs, anyStats, anyTrace, measure, show, STATS } from "./questions.ts";

const DAY_MS = 86_400_000;
const DAYS = 89;

/** One day's facts by OTLP, then the same on each of the 88 days before, by the servers themselves. */
async function fill(cluster: Cluster, settings: Shared, facts: number): Promise<void> {
  const requests = Math.ceil(facts / DAYS / SPANS);
  const [instance] = (await startInstances(1, settings)) as [Started];
  const from = Date.now() - DAY_MS;
  const bodies = Array.from({ length: requests }, (_, n) =>
    Buffer.from(payload(n, from + Math.floor(((n + 1) * (DAY_MS - 60_000)) / requests)).protobuf),
  );
  for (const body of bodies) await send(instance.url, body);
  await instance.stop();
  for (const server of cluster.servers) {
    for (const table of ["facts", "bodies", "contents"]) {
      const place = `${settings.database}.${table}`;
      const columns = await columnsOf(server, settings.database, table);
      for (let day = 1; day < DAYS; day += 1) {
        const shifted = columns.replace(/\btime\b/, `time - ${day * DAY_MS}000000`);
        await server.run(
          `INSERT INTO ${place} (${columns}) SELECT ${shifted} FROM ${place} WHERE time >= ${from}000000`,
        );
      }
    }
  }
}

export async function answers(cluster: Cluster, facts: number, questions: number): Promise<void> {
  const settings = shared(cluster);
  let began = performance.now();
  await fill(cluster, settings, facts);
  const bytes = await Promise.all(
    cluster.servers.map(({ run }) =>
      run(`SELECT sum(bytes), sum(rows) FROM system.parts WHERE active AND database = '${settings.database}'
        AND table IN ('facts', 'bodies', 'contents') FORMAT TabSeparated`),
    ),
  );
  const size = bytes.reduce((sum, line) => sum + Number(line.split("\t")[0]), 0);
  const total = await Promise.all(
    cluster.servers.map(({ run }) => run(`SELECT count() FROM ${settings.database}.facts`)),
  );
  const count = total.reduce((sum, line) => sum + Number(line), 0);
  console.log(`${count} facts in ${seconds(began)} s, ${(size / count).toFixed(0)} bytes each on disk`);

  for (const what of ["with no day closed yet", "with every day closed by another instance"]) {
    began = performance.now();
    const [instance] = (await startInstances(1, settings)) as [Started];
    await answered(`${instance.url}/readyz`);
    console.log(`${what}: ready after ${seconds(began)} s`);
    // Who asks before the days are folded is told to come again.
    for (const path of STATS) await answered(`${instance.url}/api/${path}?period=all`);
    console.log(`all of it answered after ${seconds(began)} s`);
    if (what.includes("no day")) await closed(cluster, settings);
    else {
      console.log("any period, no group or one of 300 (p50 ≤ 100 ms, p99 ≤ 500 ms; logs ≤ 200 ms):");
      show(await measure(instance.url, questions, anyStats));
      show(await measure(instance.url, questions, anyLogs));
      show(await measure(instance.url, questions, await anyTrace(instance.url)));
    }
    await instance.stop();
  }
}

/** Waits until the instance has noted nearly every day: a past day is closed when it was quiet for a while. */
async function closed(cluster: Cluster, { database }: Shared): Promise<void> {
  for (;;) {
    const counts = await Promise.all(
      cluster.servers.map(({ run }) => run(`SELECT count() FROM ${database}.days FINAL`)),
    );
    if (counts.reduce((sum, count) => sum + Number(count), 0) >= DAYS - 1) return;
    await sleep(500);
  }
}

async function answered(url: string): Promise<void> {
  for (;;) {
    const { status } = await fetch(url);
    if (status === 200) return;
    if (status !== 503) throw new Error(`${url}: ${status}`);
    await sleep(200);
  }
}

function seconds(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}
