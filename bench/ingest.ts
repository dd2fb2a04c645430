// Spans taken in by OTLP over HTTP, acknowledged when they are on disk, beside the bare insert of the same rows; then the
// latency at half of that load, and ten times the load. `node bench/ingest.ts [--requests 200] [--pairs 3] [--flood 30]`
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { GROUP, USER, type Fact, type StoredFact } from "../src/contract/fact.ts";
import { SPAN_ATTRIBUTES } from "../src/contract/attributes.ts";
import { createMapping } from "../src/facts/mapping.ts";
import { createTraceReader } from "../src/ingest/protobuf/traces.ts";
import { PATTERN_NAMES } from "../src/lib/mask.ts";
import { bodyValues, factValues, INSERT_BODY, insertSql } from "../src/store/sqlite/rows.ts";
import { openDatabase } from "../src/store/sqlite/schema.ts";
import { SPANS, template, type Template } from "./ingest-payload.ts";

type Encoding = "protobuf" | "json";

const CONNECTIONS = 8;
const MESSAGES = SPANS / 4;
const templates = Array.from({ length: 8 }, (_, n) => template(n));

function temporary(): string {
  return mkdtempSync(join(tmpdir(), "botel-bench-"));
}

interface Server {
  url: URL;
  child: ChildProcess;
  stop(): Promise<void>;
}

async function startServer(): Promise<Server> {
  const dataDir = temporary();
  const env = { ...process.env, BOTEL_PORT: "0", BOTEL_OTLP_PORT: "0", BOTEL_DEMO: "0", BOTEL_DATA_DIR: dataDir };
  // As `npm start` does it.
  const child = spawn(process.execPath, ["--max-semi-space-size=2", "src/start.mjs", "serve"], {
    cwd: join(import.meta.dirname, ".."),
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<URL>((resolve) =>
    child.stdout.on("data", (part: Buffer) => {
      const found = /serves (http:\S+)/.exec(part.toString())?.[1];
      if (found !== undefined) resolve(new URL(found));
    }),
  );
  return {
    url,
    child,
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

function send({ url }: Server, body: Buffer, encoding: Encoding): Promise<number> {
  const headers = {
    "content-type": encoding === "json" ? "application/json" : "application/x-protobuf",
    "content-length": body.length,
  };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(new URL("/v1/traces", url), { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

let turn = 0;

/** @returns bytes of a request that was never sent before. */
function fresh(encoding: Encoding): Buffer {
  const next = templates[turn++ % templates.length] as Template;
  next.renew(Date.now());
  return Buffer.from(next[encoding]);
}

/** As fast as it is answered. @returns spans per second */
async function saturate(server: Server, requests: number, encoding: Encoding): Promise<number> {
  const bodies = Array.from({ length: requests }, () => fresh(encoding)).values();
  const began = performance.now();
  async function connection(): Promise<void> {
    for (const body of bodies) {
      const status = await send(server, body, encoding);
      if (status !== 200) throw new Error(`answered ${status}`);
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return (requests * SPANS * 1000) / (performance.now() - began);
}

/** The same rows, made beforehand, with the same schema, pragmas and transactions. @returns spans per second */
function bare(requests: number): number {
  const read = createTraceReader(SPAN_ATTRIBUTES);
  const mapping = createMapping({
    maxChars: 4096,
    redactKeys: [],
    redactPatterns: [...PATTERN_NAMES],
    errorTexts: true,
  });
  const limits = { maxItems: 10_000, maxAttributes: 1000, maxDepth: 32 };
  const folder = temporary();
  const db = openDatabase(join(folder, "facts.db"));
  let row = 0;
  const batches = Array.from({ length: requests }, () => {
    const facts = read(fresh("protobuf"), limits).spans.map((span) => mapping.span(span) as Fact);
    // As they are stored: user and group of a call are those of its turn's message.
    const owners = new Map(facts.flatMap((fact) => (fact.kind === "message" ? [[fact.traceId, fact]] : [])));
    return facts.map((given) => {
      row += 1;
      const { userId, groupId } = owners.get(given.traceId ?? "") ?? given;
      const joined = given.kind === "message" ? 0 : USER | GROUP;
      const fact: StoredFact = { ...given, userId, groupId, row, counted: true, errorItem: false };
      return { kind: fact.kind, values: factValues({ fact, joined }), body: bodyValues(fact, true) };
    });
  });
  const inserts = {
    message: db.prepare(insertSql("message")),
    request: db.prepare(insertSql("request")),
    tool: db.prepare(insertSql("tool")),
    log: db.prepare(insertSql("log")),
  };
  const insertBody = db.prepare(INSERT_BODY);
  const began = performance.now();
  for (const batch of batches) {
    db.exec("BEGIN IMMEDIATE");
    for (const { kind, values, body } of batch) {
      inserts[kind].run(...values);
      if (body !== undefined) insertBody.run(...body);
    }
    db.exec("COMMIT");
  }
  const rate = (row * 1000) / (performance.now() - began);
  db.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

async function compare(requests: number, pairs: number): Promise<number> {
  const ratios: Record<Encoding, number[]> = { protobuf: [], json: [] };
  const rates: number[] = [];
  for (let pair = 0; pair <= pairs; pair += 1) {
    const ceiling = bare(requests);
    const server = await startServer();
    await saturate(server, 10, "protobuf");
    const protobuf = await saturate(server, requests, "protobuf");
    const json = await saturate(server, Math.ceil(requests / 2), "json");
    await server.stop();
    if (pair === 0) continue; // warms up
    rates.push(protobuf);
    ratios.protobuf.push(protobuf / ceiling);
    ratios.json.push(json / ceiling);
    console.log(
      `pair ${pair}: bare ${Math.round(ceiling)}/s; protobuf ${Math.round(protobuf)}/s, ${(protobuf / ceiling).toFixed(2)}; ` +
        `JSON ${Math.round(json)}/s, ${(json / ceiling).toFixed(2)}`,
    );
  }
  const rate = quantile(rates, 0.5);
  console.log(
    `median ratio to the bare insert: protobuf ${quantile(ratios.protobuf, 0.5).toFixed(2)} (must be ≥ 0.60), ` +
      `JSON ${quantile(ratios.json, 0.5).toFixed(2)} (≥ 0.40); ${Math.round(rate)} spans/s (≥ 20000 on a quiet machine)`,
  );
  return rate;
}

/** Requests at fixed times, whether the last are answered or not. @returns ms that each took, by status */
async function offer(server: Server, perSecond: number, seconds: number): Promise<Map<number, number[]>> {
  const took = new Map<number, number[]>();
  const underWay = new Set<Promise<void>>();
  const began = performance.now();
  const due = (n: number): number => began + (n * 1000) / perSecond;
  for (let n = 0; due(n) < began + seconds * 1000; n += 1) {
    const wait = due(n) - performance.now();
    if (wait > 0) await sleep(wait);
    const sentAt = performance.now();
    const one = send(server, fresh("protobuf"), "protobuf")
      .catch(() => 0)
      .then((status) => void took.set(status, [...(took.get(status) ?? []), performance.now() - sentAt]))
      .finally(() => underWay.delete(one));
    underWay.add(one);
    // Past this the bench itself would be what is measured.
    if (underWay.size >= 64) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return took;
}

async function halfLoad(rate: number): Promise<void> {
  const server = await startServer();
  await saturate(server, 20, "protobuf");
  const took = (await offer(server, rate / SPANS / 2, 20)).get(200) ?? [];
  console.log(
    `at half of it: median ${quantile(took, 0.5).toFixed(1)} ms, p99 ${quantile(took, 0.99).toFixed(1)} ms of ${took.length} requests (p99 must be ≤ 50 ms)`,
  );
  await server.stop();
}

function residentMb({ child }: Server): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1000;
}

async function flood(rate: number, seconds: number): Promise<void> {
  const server = await startServer();
  let largest = 0;
  const watch = setInterval(() => (largest = Math.max(largest, residentMb(server))), 200);
  const took = await offer(server, (rate / SPANS) * 10, seconds);
  clearInterval(watch);
  const counts = Object.fromEntries([...took].map(([status, all]) => [status, all.length]));
  const { data } = (await (await fetch(new URL("/api/stats", server.url))).json()) as {
    data: { summary: { totalMessages: number } };
  };
  const there = data.summary.totalMessages / MESSAGES;
  console.log(
    `ten times of it for ${seconds} s: answers ${JSON.stringify(counts)}, ${there} requests are there (must be those answered 200), RSS at most ${Math.round(largest)} MB (≤ 400)`,
  );
  await server.stop();
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      requests: { type: "string", default: "200" },
      pairs: { type: "string", default: "3" },
      flood: { type: "string", default: "30" },
    },
  });
  const rate = await compare(Number(values.requests), Number(values.pairs));
  await halfLoad(rate);
  await flood(rate, Number(values.flood));
}

if (import.meta.main) await run(process.argv.slice(2));
