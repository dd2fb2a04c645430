/**
 * A bot with botel inside, for tests: a process that does what its parent says. It is run by `started.ts`, which talks to
 * it by the messages below.
 */
import { lookup } from "node:dns/promises";
import { startBotel, type Botel } from "../../src/app.ts";
import { observeBot } from "../../src/bot-thread.ts";
import { environment } from "../../src/config/environment.ts";
import { loadSettings } from "../../src/config/load.ts";
import { message, request, start, tool } from "../../src/index.ts";
import type { Item } from "../oracle/items.ts";
import { begin, feed } from "./feed.ts";

/** The test → the bot. Each is answered by `done`, but `block`. */
export type Order =
  | { type: "begin"; items: Item[] }
  | { type: "feed"; items: Item[] }
  /** Calls a tool again and again, each time with the next number as its argument, and says so by `made`. */
  | { type: "stream"; from: number; everyMs: number }
  /** Ends the `stream`. */
  | { type: "hush" }
  | { type: "crash"; thread: "store" | "observer"; of?: "error" | "memory" }
  /** Has a turn and looks up a name, and says how long the slowest of so many took. */
  | { type: "measure"; turns: number }
  /** Turns its thread in an endless loop. */
  | { type: "block" };

/** The bot → the test. */
export type Word =
  | { type: "ready"; url: string }
  | { type: "failed"; why: string }
  | { type: "done"; error?: string; measured?: { turnMs: number; lookupMs: number } }
  /** @param at epoch ms */
  | { type: "made"; number: number; at: number };

function say(word: Word): void {
  process.send?.(word);
}

async function obey(order: Order): Promise<Extract<Word, { type: "done" }>> {
  if (order.type === "begin") begin(order.items);
  else if (order.type === "feed") feed(order.items);
  else if (order.type === "stream") stream(order.from, order.everyMs);
  else if (order.type === "hush") clearInterval(streaming);
  else if (order.type === "crash") crash(order.thread, order.of ?? "error");
  else if (order.type === "measure") return { type: "done", measured: await measure(order.turns) };
  else for (;;);
  return { type: "done" };
}

let streaming: NodeJS.Timeout | undefined;

function stream(from: number, everyMs: number): void {
  let number = from;
  streaming = setInterval(() => {
    number += 1;
    void tool({ name: "count", args: { number } }, () => number);
    say({ type: "made", number, at: Date.now() });
  }, everyMs);
}

async function measure(turns: number): Promise<{ turnMs: number; lookupMs: number }> {
  const slowest = { turnMs: 0, lookupMs: 0 };
  for (let i = 0; i < turns; i += 1) {
    const began = performance.now();
    await message({ platform: "test", botId: "1", userId: "u" }, async () => {
      await request({ provider: "p", model: "m", channel: "c" }, (call) => call.usage({ inputTokens: 1 }));
      await tool({ name: "measured", args: { i } }, () => i);
    });
    const had = performance.now();
    await lookup("localhost");
    slowest.turnMs = Math.max(slowest.turnMs, had - began);
    slowest.lookupMs = Math.max(slowest.lookupMs, performance.now() - had);
  }
  return slowest;
}

/** With `BOTEL_TEST_CRASH` the bot starts what `start` starts, by the function that gives a handle to crash it. */
function startCrashable(): Botel {
  const settings = loadSettings({ env: environment(), cwd: process.cwd(), ownProcess: false });
  const { dataDir } = settings;
  return startBotel({ settings, dataDir, demo: false, outside: "taken", observe: observeBot, keepAlive: false });
}

process.on("message", (order: Order) => {
  obey(order).then(say, (error: unknown) => say({ type: "done", error: String(error) }));
});
process.on("disconnect", () => process.exit(0));

let crash: Botel["crash"] = () => {
  throw new Error("started without BOTEL_TEST_CRASH");
};

async function serve(): Promise<string | undefined> {
  if (process.env["BOTEL_TEST_CRASH"] === undefined) return start().ready;
  const botel = startCrashable();
  ({ crash } = botel);
  process.on("SIGTERM", () => void botel.stop().then(() => process.exit(0)));
  return botel.ready;
}

try {
  const url = await serve();
  if (url === undefined) say({ type: "failed", why: "botel is off" });
  else say({ type: "ready", url });
} catch (error) {
  say({ type: "failed", why: String(error) });
}
