/** Facts a second through one instance and through three, beside a bare insert of the same rows. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ddl } from "../src/store/clickhouse/schema.ts";
import type { Cluster, Server } from "../test/cluster/clickhouse.ts";
import { shared, startInstances, type Shared } from "../test/cluster/instances.ts";
import type { Started } from "../test/started/started.ts";
import { columnsOf, send } from "./cluster-servers.ts";
import { SPANS, template, type Template } from "./ingest-payload.ts";

/** Requests under way: what arrives while an insert is under way goes into the next one. */
const CONNECTIONS = 48;
const INSERT_ROWS = 10_000;
const templates = Array.from({ length: 8 }, (_, n) => template(n));
let turn = 0;

function fresh(): Buffer {
  const next = templates[turn++ % templates.length] as Template;
  next.renew(Date.now());
  return Buffer.from(next.protobuf);
}

/** What a way of writing costs: a shared machine is noisy, CPU time is less so. */
interface Cost {
  factsPerS: number;
  /** µs of CPU a fact, all instances together. */
  botelUs: number;
  clickhouseUs: number;
}

/** ms of CPU that processes have had. */
function cpuMs(pids: readonly (number | undefined)[]): number {
  return pids.reduce<number>((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    // Ticks of 10 ms: of the process, in user and in kernel mode.
    return sum + (Number(fields[11]) + Number(fields[12])) * 10;
  }, 0);
}

/** @param work writes as many facts as it says */
async function costOf(cluster: Cluster, instances: readonly Started[], work: () => Promise<number>): Promise<Cost> {
  const pids = [instances.map(({ pid }) => pid), cluster.servers.map(({ pid }) => pid)] as const;
  const before = pids.map(cpuMs);
  const began = performance.now();
  const facts = await work();
  const tookMs = performance.now() - began;
  const [botel = 0, clickhouse = 0] = pids.map((of, n) => ((cpuMs(of) - (before[n] ?? 0)) * 1000) / facts);
  return { factsPerS: (facts * 1000) / tookMs, botelUs: botel, clickhouseUs: clickhouse };
}

function costText({ factsPerS, botelUs, clickhouseUs }: Cost): string {
  return `${Math.round(factsPerS)}/s (CPU a fact: botel ${botelUs.toFixed(0)} µs, ClickHouse ${clickhouseUs.toFixed(0)} µs)`;
}

/** As fast as it is answered, to the instances in turn. @returns how many facts */
async function saturate(instances: readonly Started[], requests: number): Promise<number> {
  const bodies = Array.from({ length: requests }, fresh).entries();
  async function connection(): Promise<void> {
    for (const [n, body] of bodies) {
      for (;;) {
        const status = await send((instances[n % instances.length] as Started).url, body);
        if (status === 200) break;
        if (status !== 503) throw new Error(`answered ${status}`);
        await sleep(20);
      }
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return requests * SPANS;
}

/** What every table holds, as lines. */
async function linesOf(server: Server, database: string, table: string, columns: string): Promise<string[]> {
  const lines = await server.run(`SELECT ${columns} FROM ${database}.${table} FORMAT TabSeparated`);
  return lines.split("\n").slice(0, -1);
}

/** The rows that botel wrote, written again into the same tables of another database. */
async function bare(cluster: Cluster, database: string, tables: readonly string[]): Promise<Cost> {
  const target = `${database}_bare`;
  const loads = await Promise.all(
    cluster.servers.map(async (server) => {
      for (const sql of ddl({ database: target, replicated: false })) await server.run(sql);
      const inserts: string[] = [];
      let facts = 0;
      for (const table of tables) {
        const columns = await columnsOf(server, database, table);
        const lines = await linesOf(server, database, table, columns);
        if (table === "facts") facts = lines.length;
        for (let at = 0; at < lines.length; at += INSERT_ROWS) {
          const body = `${lines.slice(at, at + INSERT_ROWS).join("\n")}\n`;
          inserts.push(`INSERT INTO ${target}.${table} (${columns}) FORMAT TabSeparated\n${body}`);
        }
      }
      return { server, inserts, facts };
    }),
  );
  const cost = await costOf(cluster, [], async () => {
    await Promise.all(
      loads.map(async ({ server, inserts }) => {
        for (const insert of inserts) await server.run(insert);
      }),
    );
    return loads.reduce((sum, { facts }) => sum + facts, 0);
  });
  for (const { server } of loads) await server.run(`DROP DATABASE ${target}`);
  return cost;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export async function ingest(cluster: Cluster, requests: number, pairs: number): Promise<void> {
  const ratios: Record<"toBare" | "toBareCpu" | "threeToOne", number[]> = { toBare: [], toBareCpu: [], threeToOne: [] };
  const rates: number[] = [];
  for (let pair = 0; pair <= pairs; pair += 1) {
    const [alone, together] = [shared(cluster), shared(cluster)];
    const one = await costWith(cluster, 1, alone, requests);
    const ceiling = await bare(cluster, alone.database, ["facts", "bodies", "contents"]);
    const three = await costWith(cluster, 3, together, requests);
    for (const { database } of [alone, together]) await drop(cluster, database);
    console.log(
      `pair ${pair}: bare  ${costText(ceiling)}\n        one   ${costText(one)}\n        three ${costText(three)}`,
    );
    if (pair === 0) continue; // warms up
    rates.push(one.factsPerS);
    ratios.toBare.push(one.factsPerS / ceiling.factsPerS);
    ratios.toBareCpu.push((one.botelUs + one.clickhouseUs) / ceiling.clickhouseUs);
    ratios.threeToOne.push(three.factsPerS / one.factsPerS);
  }
  console.log(
    `median: one ${Math.round(median(rates))} facts/s (≥ 15000), ${median(ratios.toBare).toFixed(2)} of the bare insert (≥ 0.50), ` +
      `${median(ratios.toBareCpu).toFixed(1)} times its CPU; three instances ${median(ratios.threeToOne).toFixed(2)} × one (≥ 1.5)`,
  );
}

async function costWith(cluster: Cluster, count: number, settings: Shared, requests: number): Promise<Cost> {
  const instances = await startInstances(count, settings);
  await saturate(instances, 40);
  const cost = await costOf(cluster, instances, () => saturate(instances, requests));
  await showFreshness(instances);
  await Promise.all(instances.map((instance) => instance.stop()));
  return cost;
}

/** How long after its acknowledgement a fact is in the answers of the instance that took it least recently. */
async function showFreshness(instances: readonly Started[]): Promise<void> {
  if (instances.length === 1) return;
  const [first, last] = [instances[0] as Started, instances.at(-1) as Started];
  const took: number[] = [];
  for (let n = 0; n < 10; n += 1) {
    const before = await messagesOf(last);
    await send(first.url, fresh());
    const acknowledged = performance.now();
    while ((await messagesOf(last)) === before) await sleep(10);
    took.push(performance.now() - acknowledged);
  }
  console.log(
    `seen on another instance after ${median(took).toFixed(0)} ms, at most ${Math.max(...took).toFixed(0)} ms (≤ 2000 ms)`,
  );
}

async function messagesOf({ url }: Started): Promise<number> {
  const answer = await fetch(`${url}/api/stats`);
  return ((await answer.json()) as { data: { summary: { totalMessages: number } } }).data.summary.totalMessages;
}

async function drop(cluster: Cluster, database: string): Promise<void> {
  for (const server of cluster.servers) await server.run(`DROP DATABASE IF EXISTS ${database}`);
}
