// Spans taken in by OTLP over HTTP, acknowledged when they are on disk, beside the bare insert of the same rows; the same
// where half of the spans are no facts; then the latency at half of that load, and ten times the load. `node bench/ingest.ts [--requests 200] [--pairs 3] [--flood 30]`
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import type { SQLInputValue } from "node:sqlite";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { GROUP, USER, type Fact, type Link, type StoredFact } from "../src/contract/fact.ts";
import { SPAN_ATTRIBUTES } from "../src/contract/attributes.ts";
import { createMapping } from "../src/facts/mapping.ts";
import { createTraceReader } from "../src/ingest/protobuf/traces.ts";
import { PATTERN_NAMES } from "../src/lib/mask.ts";
import { bodyValues, factValues, INSERT_BODY, insertSql } from "../src/store/sqlite/rows.ts";
import { openDatabase } from "../src/store/sqlite/schema.ts";
import { INSERT_SPAN, spanValues } from "../src/store/sqlite/spans.ts";
import { SPANS, template, type Template } from "./ingest-payload.ts";

type Encoding = "protobuf" | "json";
/** `steps`: half of the spans are no facts; protobuf too. */
type Load = Encoding | "steps";

const CONNECTIONS = 8;
const MESSAGES = SPANS / 4;
const templates = Array.from({ length: 8 }, (_, n) => template(n));
const stepTemplates = Array.from({ length: 8 }, (_, n) => template(n, true));

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

function send({ url }: Server, body: Buffer, load: Load): Promise<number> {
  const headers = {
    "content-type": load === "json" ? "application/json" : "application/x-protobuf",
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
function fresh(load: Load): Buffer {
  const next = (load === "steps" ? stepTemplates : templates)[turn++ % templates.length] as Template;
  next.renew(Date.now());
  return Buffer.from(next[load === "json" ? "json" : "protobuf"]);
}

/** As fast as it is answered. @returns spans per second */
async function saturate(server: Server, requests: number, load: Load): Promise<number> {
  const bodies = Array.from({ length: requests }, () => fresh(load)).values();
  const began = performance.now();
  async function connection(): Promise<void> {
    for (const body of bodies) {
      const status = await send(server, body, load);
      if (status !== 200) throw new Error(`answered ${status}`);
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return (requests * SPANS * 1000) / (performance.now() - began);
}

/**
 * The same rows, made beforehand, with the same schema and pragmas.
 *
 * @param together requests in one transaction
 * @returns spans per second
 */
function bare(requests: number, load: "protobuf" | "steps", together = 1): number {
  const folder = temporary();
  const db = openDatabase(join(folder, "facts.db"));
  const rows = Array.from({ length: requests }, rowsOf(load));
  const batches = Array.from({ length: Math.ceil(requests / together) }, (_, n) =>
    rows.slice(n * together, (n + 1) * together).flat(),
  );
  const inserts = {
    message: db.prepare(insertSql("message")),
    request: db.prepare(insertSql("request")),
    tool: db.prepare(insertSql("tool")),
    log: db.prepare(insertSql("log")),
    span: db.prepare(INSERT_SPAN),
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
  const rate = (requests * SPANS * 1000) / (performance.now() - began);
  db.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}

interface Row {
  kind: Fact["kind"] | "span";
  values: SQLInputValue[];
  body: SQLInputValue[] | undefined;
}

/** @returns what makes the rows of one request after the other, as they are stored */
function rowsOf(load: Load): () => Row[] {
  const read = createTraceReader(SPAN_ATTRIBUTES);
  const redact = { maxChars: 4096, redactKeys: [], redactPatterns: [...PATTERN_NAMES], errorTexts: true };
  const mapping = createMapping(redact);
  const limits = { maxItems: 10_000, maxAttributes: 1000, maxDepth: 32 };
  let row = 0;

  function factRow(given: Fact, owners: Map<string | undefined, Fact>): Row {
    row += 1;
    // User and group of a call are those of its turn's message.
    const { userId, groupId } = owners.get(given.traceId) ?? given;
    const joined = given.kind === "message" ? 0 : USER | GROUP;
    const fact: StoredFact = { ...given, userId, groupId, row, counted: true, errorItem: false };
    return { kind: fact.kind, values: factValues({ fact, joined }), body: bodyValues(fact, true) };
  }

  return () => {
    const all = read(fresh(load), limits).spans.map((span) => mapping.span(span) as Fact | Link);
    const facts = all.filter((one) => "kind" in one);
    const owners = new Map(facts.flatMap((fact) => (fact.kind === "message" ? [[fact.traceId, fact]] : [])));
    return all.map((one): Row => {
      if ("kind" in one) return factRow(one, owners);
      return { kind: "span", values: spanValues(one, one.step!), body: undefined };
    });
  };
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

async function compare(requests: number, pairs: number): Promise<number> {
  const ratios: Record<Load | "together", number[]> = { protobuf: [], json: [], steps: [], together: [] };
  const rates: number[] = [];
  for (let pair = 0; pair <= pairs; pair += 1) {
    const ceiling = bare(requests, "protobuf");
    const together = bare(requests, "protobuf", 4);
    const stepCeiling = bare(requests, "steps");
    const server = await startServer();
    await saturate(server, 10, "protobuf");
    const protobuf = await saturate(server, requests, "protobuf");
    const json = await saturate(server, Math.ceil(requests / 2), "json");
    const steps = await saturate(server, requests, "steps");
    await server.stop();
    if (pair === 0) continue; // warms up
    rates.push(protobuf);
    ratios.protobuf.push(protobuf / ceiling);
    ratios.together.push(protobuf / together);
    ratios.json.push(json / ceiling);
    ratios.steps.push(steps / stepCeiling);
    const beside = (rate: number, to: number): string => `${Math.round(rate)}/s, ${(rate / to).toFixed(2)}`;
    console.log(
      `pair ${pair}: bare ${Math.round(ceiling)}/s (four requests a transaction: ${Math.round(together)}/s); ` +
        `protobuf ${beside(protobuf, ceiling)}; JSON ${beside(json, ceiling)}; half no facts ${beside(steps, stepCeiling)}`,
    );
  }
  const rate = quantile(rates, 0.5);
  const median = (name: keyof typeof ratios): string => quantile(ratios[name], 0.5).toFixed(2);
  console.log(
    `median ratio to the bare insert: protobuf ${median("protobuf")} (must be ≥ 0.60), JSON ${median("json")} (≥ 0.40); ` +
      `half of the spans no facts: ${median("steps")}; to four requests a transaction: ${median("together")}; ` +
      `${Math.round(rate)} spans/s (≥ 20000 on a quiet machine)`,
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
