// Answers by HTTP at a million facts while 2,000 facts/s come in by OTLP; before that cold reads and the start.
// `node bench/queries.ts [--facts 1000000] [--requests 4000] [--rate 2000]`
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
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
import { anyLogs, anyStats, anyTrace, get, measure, show, STATS } from "./questions.ts";
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
    show(await measure(botel.url, requests, anyStats));
    show(await measure(botel.url, requests, anyStats)); // most windows are warm now
    show(await measure(botel.url, requests, anyLogs));
    show(await measure(botel.url, requests, await anyTrace(botel.url)));
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
