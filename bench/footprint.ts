// Memory and start: the observer alone, in a bot beside the same bot with sdk-node alone, and the demo.
// `node bench/footprint.ts [--seconds 12]`. Each is started twice; the first fills Node's compile cache.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "12" } } });
const seconds = Number(values.seconds);
const ROOT = join(import.meta.dirname, "..");

interface Footprint {
  startMs: number;
  /** MB of the process after `seconds`. */
  rss: number;
}

function environment(dataDir: string, more: Record<string, string>): NodeJS.ProcessEnv {
  const clean = Object.entries(process.env).filter(([name]) => !/^(OTEL|BOTEL|NODE_OPTIONS)/.test(name));
  const own = { BOTEL_PORT: "0", BOTEL_OTLP_PORT: "0", BOTEL_DATA_DIR: dataDir };
  return { ...Object.fromEntries(clean), ...own, ...more };
}

/** Starts a program and waits for its line that says `http://…` or `up`. */
async function measure(args: string[], more: Record<string, string> = {}): Promise<Footprint> {
  const dataDir = mkdtempSync(join(tmpdir(), "botel-footprint-"));
  const began = performance.now();
  const child = spawn(process.execPath, args, { cwd: ROOT, env: environment(dataDir, more), stdio: "pipe" });
  try {
    const startMs = await isUp(child, began);
    await sleep(seconds * 1000);
    return { startMs, rss: rssOf(child.pid as number) };
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function isUp(child: ChildProcess, began: number): Promise<number> {
  let text = "";
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString();
    const [url] = /http:\/\/\S+|^up$/m.exec(text) ?? [];
    if (url === undefined) continue;
    child.stdout?.resume();
    if (url !== "up" && !(await fetch(`${url}/readyz`)).ok) throw new Error(`${url} is not ready`);
    return performance.now() - began;
  }
  throw new Error(`ended without a word: ${text}`);
}

/** Linux only: what the kernel counts as resident. */
function rssOf(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1000;
}

async function twice(name: string, args: string[], more?: Record<string, string>): Promise<Footprint> {
  await measure(args, more);
  const { startMs, rss } = await measure(args, more);
  console.log(`${name.padEnd(44)} ${rss.toFixed(0).padStart(5)} MB   up after ${(startMs / 1000).toFixed(2)} s`);
  return { startMs, rss };
}

const START = ["--max-semi-space-size=2", "src/start.mjs", "start"];
await twice("observer alone, no bot (≤ 130 MB)", START, { BOTEL_DEMO: "0" });
const sdk = await twice("a bot with sdk-node alone", ["bench/footprint-bot.mjs", "sdk"]);
const botel = await twice("the same bot with botel", ["bench/footprint-bot.mjs", "botel"]);
console.log(`botel in a bot takes ${(botel.rss - sdk.rss).toFixed(0)} MB more (≤ 70 MB)`);
await twice("the demo, history and all (≤ 250 MB)", START, { BOTEL_DEMO: "1" });
