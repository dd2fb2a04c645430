// A thousand clients of the live events, 50 of them stuck, while 500 facts/s come in, of which 5 % fail; and what the
// clients cost ingest at full speed. `node bench/sse.ts [--clients 1000] [--stuck 50] [--seconds 25] [--full 3] [--pairs 4]`
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { ErrorsData } from "../src/contract/wire/logs.ts";
import type { StatsData } from "../src/contract/wire/stats.ts";
import { SPANS, template } from "./ingest-payload.ts";
import { AT_ONCE, small } from "./sse-payload.ts";
import type { Report } from "./sse-clients.ts";

const EVERY_MS = 100;
const CONNECTIONS = 4;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const templates = Array.from({ length: 8 }, (_, n) => template(n));

interface Server {
  url: string;
  child: ChildProcess;
}

function send({ url }: Server, body: Buffer): Promise<number> {
  const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}/v1/traces`, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** 500 facts/s at fixed times, until `stop`, which says how many were taken in. */
function steady(server: Server): { stop(): Promise<number> } {
  let [accepted, stopped] = [0, false];
  const underWay = new Set<Promise<void>>();
  const over = (async () => {
    for (let due = performance.now(); !stopped; due += EVERY_MS) {
      const one = send(server, small()).then((status) => void (accepted += status === 200 ? AT_ONCE : 0));
      underWay.add(one);
      void one.finally(() => underWay.delete(one));
      await sleep(Math.max(0, due + EVERY_MS - performance.now()));
    }
    await Promise.all(underWay);
  })();
  async function stop(): Promise<number> {
    stopped = true;
    await over;
    return accepted;
  }
  return { stop };
}

interface Speed {
  /** Spans per second. */
  rate: number;
  /** CPU of botel for 1000 spans, ms: says more than the rate where others use the machine. */
  cpu: number;
}

/** As fast as it is answered, beside the steady load. */
async function fullSpeed(server: Server, seconds: number): Promise<Speed> {
  const beside = steady(server);
  const [began, cpuBefore] = [performance.now(), used(server).cpu];
  let [accepted, turn] = [0, 0];
  async function connection(): Promise<void> {
    while (performance.now() - began < seconds * 1000) {
      const next = templates[turn++ % templates.length]!;
      next.renew(Date.now());
      if ((await send(server, Buffer.from(next.protobuf))) === 200) accepted += SPANS;
      else await sleep(5);
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  const took = performance.now() - began;
  accepted += await beside.stop();
  return { rate: (accepted * 1000) / took, cpu: ((used(server).cpu - cpuBefore) * 1000) / accepted };
}

async function start(dataDir: string): Promise<Server> {
  const env = { ...process.env, BOTEL_PORT: "0", BOTEL_OTLP_PORT: "0", BOTEL_DEMO: "0", BOTEL_DATA_DIR: dataDir };
  const flags = process.env["SSE_FLAGS"]?.split(" ") ?? [];
  const child = spawn(process.execPath, [...flags, "src/start.mjs", "serve"], {
    cwd: join(import.meta.dirname, ".."),
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve) =>
    child.stdout.on("data", (part: Buffer) => {
      const found = /serves (http:\/\/[^\s/]+)/.exec(part.toString())?.[1];
      if (found !== undefined) resolve(found);
    }),
  );
  return { url, child };
}

/** What botel used so far: CPU in ms, and its memory in MB now. */
function used({ child }: Server): { cpu: number; rss: number } {
  const [, stat = ""] = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ");
  const fields = stat.split(" ");
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  const rss = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1000;
  return { cpu: (Number(fields[11]) + Number(fields[12])) * 10, rss };
}

interface Clients {
  report(): Promise<Report>;
  fresh(): void;
  leave(): Promise<void>;
}

async function connectAll({ url }: Server, healthy: number, stuck: number): Promise<Clients> {
  const { hostname, port } = new URL(url);
  const child = fork(join(import.meta.dirname, "sse-clients.ts"), [hostname, port, String(healthy), String(stuck)]);
  await once(child, "message");
  return {
    async report() {
      child.send("report");
      const [report] = (await once(child, "message")) as [Report];
      return report;
    },
    fresh: () => child.send("fresh"),
    async leave() {
      const exit = once(child, "exit");
      child.send("leave");
      await exit;
    },
  };
}

interface Totals {
  messages: number;
  responses: number;
  toolCalls: number;
  tokens: number;
  errors: number;
}

async function totals(server: Server): Promise<Totals> {
  async function get<Data>(path: string): Promise<Data> {
    return ((await (await fetch(server.url + path)).json()) as { data: Data }).data;
  }
  const { summary } = await get<StatsData>("/api/stats?period=all");
  let errors = 0;
  for (let before: string | null = ""; before !== null;) {
    const page: ErrorsData = await get(`/api/logs/errors?limit=100${before === "" ? "" : `&before=${before}`}`);
    errors += page.errors.length;
    before = page.nextBefore;
  }
  const { totalMessages: messages, aiResponses: responses, toolCalls, tokensUsed: tokens } = summary;
  return { messages, responses, toolCalls, tokens, errors };
}

function quantile(delays: [number, number][], q: number): number {
  const sorted = delays.toSorted(([a], [b]) => a - b);
  const all = sorted.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [ms, count] of sorted) {
    seen += count;
    if (seen >= all * q) return ms;
  }
  return Number.NaN;
}

let failed = 0;

function say(what: string, value: string, isGood: boolean, bound: string): void {
  if (!isGood) failed += 1;
  console.log(`${isGood ? "ok  " : "FAIL"} ${what.padEnd(44)} ${value}  (${bound})`);
}

function compare(report: Report, before: Totals, after: Totals): void {
  const { open, ended, holes, repeats, behind, events, errors, sums } = report;
  say("clients connected", `${open}, ${ended} ended early`, ended === 0, "none ended");
  const ids = `${holes} missing, ${repeats} twice, ${behind} clients behind, of ${events} events`;
  say("ids of every healthy client", ids, holes + repeats + behind === 0, "0, 0, 0");
  const items = after.errors - before.errors;
  say("error events", `${errors} of ${items} items`, errors === items && errors > 0, "equal");
  for (const name of ["messages", "responses", "toolCalls", "tokens", "errors"] as const) {
    const total = after[name] - before[name];
    say(`sum of metric events: ${name}`, `${sums[name]} of ${total}`, sums[name] === total, "equal");
  }
}

/** With all clients: 500 facts/s for a while. */
async function watch(server: Server, clients: Clients, seconds: number, rssBefore: number): Promise<void> {
  clients.fresh();
  const [began, cpuOfClients] = [used(server).cpu, (await clients.report()).cpu];
  const load = steady(server);
  let rss = 0;
  for (let n = 0; n < seconds; n += 1) {
    await sleep(1000);
    rss = Math.max(rss, used(server).rss);
  }
  const accepted = await load.stop();
  await sleep(1500);
  const { delays, cpu } = await clients.report();
  const share = (ms: number): string => `${(ms / seconds / 10).toFixed(0)} %`;
  console.log(
    `${Math.round(accepted / seconds)} facts/s; CPU of botel ${share(used(server).cpu - began)}, of the clients ${share(cpu - cpuOfClients)}`,
  );
  const [median, late] = [quantile(delays, 0.5), quantile(delays, 0.99)];
  say("delay of error events, median", `${median} ms`, median <= 50, "≤ 50 ms");
  say("p99", `${late} ms, max ${quantile(delays, 1)} ms`, late <= 500, "≤ 500 ms");
  const growth = rss - rssBefore;
  say(
    "RSS with clients over that without",
    `${Math.round(growth)} MB`,
    growth <= 100,
    `≤ 100 MB; ${rss.toFixed(0)} MB`,
  );
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      clients: { type: "string", default: "1000" },
      stuck: { type: "string", default: "50" },
      seconds: { type: "string", default: "25" },
      full: { type: "string", default: "3" },
      pairs: { type: "string", default: "4" },
    },
  });
  const [stuck, seconds, full] = [Number(values.stuck), Number(values.seconds), Number(values.full)];
  const connected = (server: Server): Promise<Clients> => connectAll(server, Number(values.clients) - stuck, stuck);
  const folder = mkdtempSync(join(tmpdir(), "botel-sse-"));
  const server = await start(folder);
  try {
    await fullSpeed(server, 8); // warms up
    const rates: { without: Speed[]; beside: Speed[] } = { without: [await fullSpeed(server, full)], beside: [] };
    for (let pair = 0; pair < Number(values.pairs); pair += 1) {
      await sleep(2500); // the last `metric` event of what came before
      const before = await totals(server);
      const rssBefore = used(server).rss;
      const clients = await connected(server);
      if (pair === 0) await watch(server, clients, seconds, rssBefore);
      rates.beside.push(await fullSpeed(server, full));
      await sleep(2500);
      compare(await clients.report(), before, await totals(server));
      await clients.leave();
      await sleep(500);
      rates.without.push(await fullSpeed(server, full));
    }
    const shown = (list: Speed[]): string =>
      list.map(({ rate, cpu }) => `${Math.round(rate)} (${cpu.toFixed(0)} ms)`).join(", ");
    // Each with the two beside it: others use the machine, too.
    const around = (n: number): number => ((rates.without[n]?.rate ?? 0) + (rates.without[n + 1]?.rate ?? 0)) / 2;
    const ratios = rates.beside.map(({ rate }, n) => rate / around(n)).sort((a, b) => a - b);
    const ratio = ratios[Math.floor((ratios.length - 1) / 2)] ?? Number.NaN;
    console.log(
      `full speed, spans/s (CPU of botel for 1000 of them): with clients ${shown(rates.beside)}; without ${shown(rates.without)}`,
    );
    const all = ratios.map((one) => one.toFixed(2)).join(", ");
    say("ingest with clients to that without", `${ratio.toFixed(2)} of ${all}`, ratio >= 0.9, "median ≥ 0.90");
    if (failed > 0) process.exitCode = 1;
  } finally {
    server.child.kill("SIGTERM");
    await once(server.child, "exit");
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await run(process.argv.slice(2));
