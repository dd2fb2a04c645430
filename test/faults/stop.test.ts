import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { kill } from "node:process";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";
import { message, tool } from "../oracle/makers.ts";
import { data } from "../started/ask.ts";
import { listen } from "../started/events.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, startServe, temporary, type Started } from "../started/started.ts";
import { until } from "../started/until.ts";
import { sendMessages, timesSaid, totalMessages, untilSaid } from "./faults.ts";

afterAll(cleanUp);

const ROOT = join(import.meta.dirname, "../..");

/** Holds the store up, as a disk that does not answer does. */
function holdUp(dataDir: string): { release(): void } {
  const other = new DatabaseSync(join(dataDir, "botel.db"), { timeout: 10_000 });
  other.exec("BEGIN IMMEDIATE");
  return {
    release() {
      other.exec("ROLLBACK");
      other.close();
    },
  };
}

function untilEnded(started: Started): Promise<string> {
  return untilSaid(started, /the process ended: .*\n/, 30_000);
}

describe("a stop in good order", () => {
  test("all that was acknowledged is stored, and streams hear `stopping` and end", { timeout: 60_000 }, async () => {
    const dataDir = temporary();
    const botel = await startServe({ dataDir });
    const stream = await listen(botel.url);
    let [acknowledged, sending] = [0, true];
    const senders = Array.from({ length: 4 }, async () => {
      while (sending) {
        const status = await sendMessages(botel, 20).catch(() => 0);
        if (status === 200) acknowledged += 20;
        else sending = false;
      }
    });
    await until(
      () => acknowledged,
      (count) => (count > 400 ? undefined : `${count} acknowledged`),
      20_000,
    );
    await botel.stop();
    await Promise.all(senders);
    const told = stream.events.filter(({ name }) => name === "status").map((event) => event.data);
    expect(told.at(-1)).toMatchObject({ status: "stopping" });
    const next = await startServe({ dataDir });
    // What was stored and not yet answered when the connection ended is there too.
    const stored = await totalMessages(next);
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
    expect(stored).toBeLessThanOrEqual(acknowledged + 80);
  });

  test(
    "the last facts of a bot are stored: what it did in the turn before the signal",
    { timeout: 60_000 },
    async () => {
      const dataDir = temporary();
      const bot = await startBot({ dataDir });
      await bot.feed(Array.from({ length: 500 }, () => message({ user: "u" })));
      await bot.stop();
      const next = await startServe({ dataDir });
      expect(await totalMessages(next)).toBe(500);
    },
  );
});

// contract §7: "`SIGTERM` drains within 5 s"
describe("a store that cannot end in time", () => {
  test(
    "a start that hangs, as on a disk that does not answer, is ended by the first signal",
    { timeout: 60_000 },
    async () => {
      const dataDir = temporary();
      spawnSync("mkfifo", [join(dataDir, "catalog.json")]); // whoever reads it waits for ever
      const env = { ...process.env, BOTEL_DATA_DIR: dataDir, BOTEL_PORT: "0", BOTEL_OTLP_PORT: "0" };
      const child = spawn(process.execPath, ["src/start.mjs", "serve"], {
        env,
        cwd: ROOT,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const [said, ended] = [text(child.stderr), once(child, "exit")];
      await until(
        () => readdirSync(dataDir),
        (names) => (names.includes("botel.db") ? undefined : `there is ${names.join()}`),
        20_000,
      );
      child.kill("SIGTERM");
      expect(await ended).toEqual([null, "SIGTERM"]);
      expect(await said).toMatch(/the store's thread is not done after \d+ ms, and is left behind/);
    },
  );

  test(
    "the process ends all the same, by the signal; one line says what was not done",
    { timeout: 60_000 },
    async () => {
      const dataDir = temporary();
      const bot = await startBot({ dataDir });
      await fed(bot, [message({ user: "u" }), tool()]);
      const held = holdUp(dataDir);
      try {
        await bot.feed([message({ user: "u" }), message({ user: "u" })]);
        const began = performance.now();
        await bot.stop();
        // 5 s, and what a busy machine takes.
        expect(performance.now() - began).toBeLessThan(15_000);
        expect(timesSaid(bot, /the store's thread is not done after \d+ ms, and is left behind/)).toBe(1);
        expect(timesSaid(bot, /facts could not be stored in time, and are lost/)).toBe(1);
      } finally {
        held.release();
      }
      const next = await startServe({ dataDir });
      expect(await data(next.url, "/api/stats")).toMatchObject({ summary: { totalMessages: 1, toolCalls: 1 } });
    },
  );

  test("a second signal ends `botel serve` at once", { timeout: 60_000 }, async () => {
    const dataDir = temporary();
    const botel = await startServe({ dataDir });
    expect(await sendMessages(botel, 10)).toBe(200);
    const held = holdUp(dataDir);
    try {
      const sent = sendMessages(botel, 10).catch(() => 0);
      kill(botel.pid, "SIGTERM");
      await until(
        () => data<{ status: string }>(botel.url, "/api/system/status"),
        ({ status }) => (status === "stopping" ? undefined : status),
        20_000,
      );
      kill(botel.pid, "SIGINT");
      expect(await untilEnded(botel)).toContain("the process ended: SIGINT");
      expect(timesSaid(botel, /is not done after/)).toBe(0);
      expect(await sent).not.toBe(200);
    } finally {
      held.release();
    }
    const next = await startServe({ dataDir });
    expect(await totalMessages(next)).toBe(10);
  });
});
