// Ingest and answers with ClickHouse (Debian's, two servers as two shards on this machine): facts a second through one and
// three instances beside a bare insert of the same rows, then answers at five million facts.
// `node bench/cluster.ts [--requests 150] [--pairs 3] [--facts 5000000] [--questions 300] [--only ingest|answers]`
import { readFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ddl } from "../src/store/clickhouse/schema.ts";
import { startCluster, type Cluster, type Server } from "../test/cluster/clickhouse.ts";
import { shared, startInstances, type Shared } from "../test/cluster/instances.ts";
import { cleanUp, type Started } from "../test/started/started.ts";
import { payload, SPANS, template, type Template } from "./ingest-payload.ts";
import { anyLogs, anyStats, anyTrace, get, measure, show, STATS } from "./questions.ts";

const DAY_MS = 86_400_000;
/** Requests under way: what arrives while an insert is under way goes into the next one. */
const CONNECTIONS = 48;
const INSERT_ROWS = 10_000;
const templates = Array.from({ length: 8 }, (_, n) => template(n));
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
let turn = 0;

function fresh(): Buffer {
  const next = templates[turn++ % templates.length] as Template;
  next.renew(Date.now());
  return Buffer.from(next.protobuf);
}

function send(url: string, body: Buffer): Promise<number> {
  const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(new URL("/v1/traces", url), { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", reject);
    sent.end(body);
  });
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

async function columnsOf(server: Server, database: string, table: string): Promise<string> {
  const sql = `SELECT name FROM system.columns WHERE database = '${database}' AND table = '${table}'`;
  return (await server.run(sql)).trim().split("\n").join(", ");
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

async function ingest(cluster: Cluster, requests: number, pairs: number): Promise<void> {
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

/** One day's facts by OTLP, then the same on each of the 88 days before, by the servers themselves. */
async function fill(cluster: Cluster, settings: Shared, facts: number): Promise<void> {
  const days = 89;
  const requests = Math.ceil(facts / days / SPANS);
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
      for (let day = 1; day < days; day += 1) {
        const shifted = columns.replace(/\btime\b/, `time - ${day * DAY_MS}000000`);
        await server.run(
          `INSERT INTO ${place} (${columns}) SELECT ${shifted} FROM ${place} WHERE time >= ${from}000000`,
        );
      }
    }
  }
}

async function answers(cluster: Cluster, facts: number, questions: number): Promise<void> {
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
    await get(`${instance.url}/readyz`);
    console.log(`${what}: ready after ${seconds(began)} s`);
    for (const path of STATS) show(new Map([[path, [await get(`${instance.url}/api/${path}?period=all`)]]]));
    console.log(`all of it answered after ${seconds(began)} s`);
    if (what.includes("another")) {
      console.log("any period, no group or one of 300 (p50 ≤ 100 ms, p99 ≤ 500 ms; logs ≤ 200 ms):");
      show(await measure(instance.url, questions, anyStats));
      show(await measure(instance.url, questions, anyLogs));
      show(await measure(instance.url, questions, await anyTrace(instance.url)));
    }
    await instance.stop();
  }
}

function seconds(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      requests: { type: "string", default: "150" },
      pairs: { type: "string", default: "3" },
      facts: { type: "string", default: "5000000" },
      questions: { type: "string", default: "300" },
      only: { type: "string" },
    },
  });
  const cluster = await startCluster(2);
  try {
    if (values.only !== "answers") await ingest(cluster, Number(values.requests), Number(values.pairs));
    if (values.only !== "ingest") await answers(cluster, Number(values.facts), Number(values.questions));
  } finally {
    await cleanUp();
    await cluster.stop();
  }
}

if (import.meta.main) await run(process.argv.slice(2));
