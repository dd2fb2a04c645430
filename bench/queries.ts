// Answers by HTTP at a million facts while 2,000 facts/s come in by OTLP; before that cold reads and the start.
// `node bench/queries.ts [--facts 1000000] [--requests 4000] [--rate 2000]`
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { EVERYTHING, type Fold } from "../src/contract/fold.ts";
import { createCalendar } from "../src/lib/calendar.ts";
import { activeGroupsFold, activeUsersFold } from "../src/rollups/active.ts";
import { dailyFold } from "../src/rollups/daily.ts";
import { groupsFold, groupUsersFold } from "../src/rollups/groups.ts";
import { usersFold } from "../src/rollups/users.ts";
import { createWindows } from "../src/rollups/windows.ts";
import { openReader } from "../src/store/sqlite/reader.ts";
import { createDayFolder } from "../src/rollups/day.ts";
import { FOLDS_SIGNATURE } from "../src/rollups/folds.ts";
import { createSqliteStore } from "../src/store/sqlite/store.ts";
import { payload, SPANS } from "./ingest-payload.ts";
import { batches } from "./store-turns.ts";

const { values } = parseArgs({
  options: {
    facts: { type: "string", default: "1000000" },
    requests: { type: "string", default: "4000" },
    rate: { type: "string", default: "2000" },
  },
});
const [facts, requests, rate] = [Number(values.facts), Number(values.requests), Number(values.rate)];
const DAY_MS = 86_400_000;
const ZONE = "Asia/Shanghai";
const agent = new Agent({ keepAlive: true });

/** Fills the store, and closes its days as chores would over the days. */
function fill(file: string): void {
  const retention = { facts: 90, debugLogs: 90, toolBodies: 90 };
  const store = createSqliteStore({
    file,
    zone: ZONE,
    retention,
    maxBytes: 0,
    createDayFolder,
    folds: FOLDS_SIGNATURE,
    nowMs: Date.now(),
    clock: () => performance.now(),
  });
  const [from, to] = [Date.now() - 89 * DAY_MS, Date.now() - 60_000];
  for (const batch of batches(from, to, facts)) store.append([batch], Date.now());
  const today = createCalendar(ZONE).dayOf(Date.now());
  for (const day of store.openDays()) if (day < today) store.closeDay(day, store.commit, fold(store.foldDay(day)));
  store.close();
}

function fold<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** What the first read of old days costs where nothing is at hand: each answer's windows over all closed days. */
function readCold(file: string): void {
  const answers = {
    stats: [dailyFold, activeUsersFold, activeGroupsFold],
    users: [usersFold],
    groups: [groupsFold, groupUsersFold],
  };
  const { dayOf } = createCalendar(ZONE);
  for (const [name, folds] of Object.entries(answers)) {
    const reader = openReader(file);
    const windows = createWindows({ ...reader, dayOf, requestDay: () => {} });
    const began = performance.now();
    const days = { to: dayOf(Date.now()) - 1 };
    const states = (folds as Fold<unknown>[]).map((fold) => windows.state(fold, EVERYTHING, days));
    if (states.some((state) => state instanceof Promise)) throw new Error(`a day of ${name} is not closed`);
    console.log(`cold ${name.padEnd(8)} ${(performance.now() - began).toFixed(0).padStart(4)} ms (≤ 100 ms)`);
    reader.close();
  }
}

interface Timed {
  /** What the server says it took, ms. */
  server: number;
  /** What the client saw, ms. */
  client: number;
}

function get(url: string): Promise<Timed> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent }, (response) => {
      response.resume();
      response.on("end", () => {
        if (response.statusCode !== 200) return reject(new Error(`${url}: ${response.statusCode}`));
        const [, server] = /dur=([\d.]+)/.exec(String(response.headers["server-timing"])) ?? [];
        return resolve({ server: Number(server), client: performance.now() - began });
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}

async function start(dataDir: string): Promise<{ child: ChildProcess; url: string; readyMs: number }> {
  const env = { ...process.env, BOTEL_PORT: "0", BOTEL_OTLP_PORT: "0", BOTEL_DEMO: "0", BOTEL_DATA_DIR: dataDir };
  const began = performance.now();
  const args = ["--max-semi-space-size=2", "src/start.mjs", "start"];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString();
    const [url] = /http:\/\/\S+/.exec(text) ?? [];
    if (url === undefined) continue;
    child.stdout?.resume();
    await get(`${url}/readyz`);
    return { child, url, readyMs: performance.now() - began };
  }
  throw new Error("botel did not start");
}

/** Made beforehand: what makes them must not take the processor from who answers. */
function makeBodies(seconds: number): Uint8Array<ArrayBuffer>[] {
  const count = Math.ceil((seconds * rate) / SPANS);
  return Array.from({ length: count }, (_, serial) => new Uint8Array(payload(serial, Date.now()).protobuf));
}

/** Sends spans at the rate until it is told to stop. @returns how many were accepted */
async function load(url: string, bodies: Uint8Array<ArrayBuffer>[], isOver: () => boolean): Promise<number> {
  let accepted = 0;
  const began = performance.now();
  for (const [serial, body] of bodies.entries()) {
    if (isOver()) break;
    const headers = { "content-type": "application/x-protobuf" };
    const answer = await fetch(`${url}/v1/traces`, { method: "POST", headers, body });
    if (answer.ok) accepted += SPANS;
    await sleep(Math.max(0, ((serial + 1) * SPANS * 1000) / rate - (performance.now() - began)));
  }
  console.log(`taken in meanwhile: ${Math.round((accepted * 1000) / (performance.now() - began))} facts/s`);
  return accepted;
}

const PERIODS = ["day", "week", "month", "all"];
const STATS = ["stats", "stats/models", "stats/tools", "stats/users", "stats/groups", "stats/channels"];

function anyStats(random: () => number): [string, string] {
  const path = STATS[Math.floor(random() * STATS.length)] as string;
  const period = PERIODS[Math.floor(random() * PERIODS.length)] as string;
  const group = Math.floor(random() * 600);
  return [path, `/api/${path}?period=${period}${group < 300 ? `&groupId=group${group}` : ""}`];
}

function anyLogs(random: () => number): [string, string] {
  const pick = (n: number): number => Math.floor(random() * n);
  const maybe = (text: string): string => (random() < 0.5 ? text : "");
  const before = maybe(`&before=${Date.now() - pick(80 * DAY_MS)}`);
  const tool = maybe(`&toolName=tool-${pick(25)}`) + maybe(`&userId=user${pick(6000)}`) + maybe("&status=error");
  const level = maybe(`&level=${["error", "warn", "info", "debug"][pick(4)]}`);
  const all: [string, string][] = [
    ["logs", `/api/logs?limit=100${level}${before}`],
    ["logs/tools", `/api/logs/tools?limit=100${tool}${before}`],
    ["logs/errors", `/api/logs/errors?limit=100${before}`],
  ];
  return all[pick(3)] as [string, string];
}

/** Turns of any time, found as a person finds them: by a line of the tool log. */
async function anyTrace(url: string): Promise<(random: () => number) => [string, string]> {
  const found: string[] = [];
  for (let n = 0; n < 50; n += 1) {
    const before = Math.floor(Date.now() - 80 * DAY_MS * Math.random());
    const answer = await fetch(`${url}/api/logs/tools?limit=50&before=${before}`);
    const { data } = (await answer.json()) as { data: { logs: { traceId: string; timestamp: string }[] } };
    found.push(...data.logs.map(({ traceId, timestamp }) => `/api/traces/${traceId}?at=${timestamp}`));
  }
  return (random) => ["traces", found[Math.floor(random() * found.length)] as string];
}

async function measure(url: string, any: (random: () => number) => [string, string]): Promise<Map<string, Timed[]>> {
  const byPath = new Map<string, Timed[]>();
  for (let n = 0; n < requests; n += 1) {
    const [path, query] = any(Math.random);
    const timed = await get(url + query);
    const list = byPath.get(path) ?? [];
    byPath.set(path, list);
    list.push(timed);
  }
  return byPath;
}

function show(byPath: Map<string, Timed[]>): void {
  const at = (list: Timed[], side: keyof Timed, share: number): string => {
    const sorted = list.map((timed) => timed[side]).sort((a, b) => a - b);
    return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
      .toFixed(2)
      .padStart(7);
  };
  for (const [path, list] of byPath) {
    const row = (side: keyof Timed): string =>
      `p50 ${at(list, side, 0.5)}  p99 ${at(list, side, 0.99)}  max ${at(list, side, 1)}`;
    console.log(
      `${path.padEnd(16)} n ${String(list.length).padStart(5)}   server ${row("server")}   client ${row("client")} ms`,
    );
  }
}

const folder = mkdtempSync(join(tmpdir(), "botel-queries-"));
try {
  const began = performance.now();
  fill(join(folder, "botel.db"));
  console.log(`${facts} facts over 90 days stored and closed in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  await stop(await start(folder)); // Node's compile cache is filled
  readCold(join(folder, "botel.db"));
  const bodies = makeBodies(60);
  const botel = await start(folder);
  console.log(`ready after ${(botel.readyMs / 1000).toFixed(2)} s (≤ 3 s)`);
  try {
    console.log("first reads by HTTP, after what the observer makes itself at its start:");
    for (const path of STATS) show(new Map([[path, [await get(`${botel.url}/api/${path}?period=all`)]]]));
    let over = false;
    const loading = load(botel.url, bodies, () => over);
    console.log(`any period, no group or one of 300, while ${rate} facts/s come in (p99 ≤ 5 ms in the server):`);
    show(await measure(botel.url, anyStats));
    show(await measure(botel.url, anyStats)); // most windows are warm now
    show(await measure(botel.url, anyLogs));
    show(await measure(botel.url, await anyTrace(botel.url)));
    over = true;
    await loading;
  } finally {
    await stop(botel);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function stop({ child }: { child: ChildProcess }): Promise<void> {
  child.kill("SIGTERM");
  await once(child, "exit");
}
