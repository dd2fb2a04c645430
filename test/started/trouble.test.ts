import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { message, record, request, tool } from "../oracle/makers.ts";
import { ask, data, pages } from "./ask.ts";
import { listen } from "./events.ts";
import { fed } from "./fed.ts";
import { freePort } from "./port.ts";
import { cleanUp, startBot, temporary } from "./started.ts";
import type { StartedBot } from "./started.ts";
import { until } from "./until.ts";

afterAll(cleanUp);

/** Every documented endpoint but health and the event stream. */
const ENDPOINTS = [
  "/api/system/status",
  "/api/system/info",
  "/api/stats?period=week",
  "/api/stats/models",
  "/api/stats/tools",
  "/api/stats/users",
  "/api/stats/groups",
  "/api/stats/channels",
  "/api/logs",
  "/api/logs/tools",
  "/api/logs/errors",
  "/api/openapi.json",
  "/metrics",
  "/livez",
  "/readyz",
];

async function numbers({ url }: StartedBot): Promise<number[]> {
  const { rows } = await pages(url, "/api/logs/tools", "logs", { toolName: "count", limit: 1000 });
  return (rows as { args: { number: number } }[]).map(({ args }) => args.number);
}

async function made(bot: StartedBot, more: number): Promise<void> {
  const due = bot.made.length + more;
  await until(
    () => bot.made.length,
    (count) => (count >= due ? undefined : `${count} of ${due} made`),
    10_000,
  );
}

/** Every number that was made is stored once, soon. */
async function nothingLost(bot: StartedBot): Promise<void> {
  const last = bot.made.at(-1)!.number;
  await until(
    () => numbers(bot),
    (all) => (all.includes(last) ? undefined : `${last} is not stored`),
    10_000,
  );
  const stored = (await numbers(bot)).filter((number) => number <= last);
  expect(stored.toSorted((a, b) => a - b)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
  const { summary } = await data<{ summary: { toolCalls: number } }>(bot.url, "/api/stats");
  expect(summary.toolCalls).toBeGreaterThanOrEqual(last);
}

describe("a worker that is killed from inside", () => {
  test.for(["store", "observer"] as const)(
    "the %s: is started again, nothing is lost, and that it was is visible",
    { timeout: 60_000 },
    async (thread) => {
      const env = { BOTEL_TEST_CRASH: "1", BOTEL_PORT: String(await freePort()) };
      const bot = await startBot({ dataDir: temporary(), env });
      await bot.order({ type: "stream", from: 0, everyMs: 2 });
      for (let round = 1; round <= 3; round += 1) {
        await made(bot, 50);
        await bot.order({ type: "crash", thread });
        const visible = `botel_worker_restarts_total{worker="${thread}"} ${round}\n`;
        await until(
          () => ask(bot.url, "/metrics"),
          ({ body }) => (String(body).includes(visible) ? undefined : `${visible} is not in /metrics`),
          10_000,
        );
      }
      await made(bot, 50);
      await nothingLost(bot);
      expect(bot.output()).toContain(`the ${thread}'s thread ended`);
    },
  );
});

describe("a store that is killed again and again", () => {
  // contract §5: "counts what was folded in the window, late facts too, so that the events add up to the totals"
  test("the `metric` events add up to the totals all the same", { timeout: 60_000 }, async () => {
    const bot = await startBot({ dataDir: temporary(), env: { BOTEL_TEST_CRASH: "1" } });
    const stream = await listen(bot.url, "?types=metric");
    await bot.order({ type: "stream", from: 0, everyMs: 1 });
    for (let round = 1; round <= 8; round += 1) {
      await made(bot, 50);
      await bot.order({ type: "crash", thread: "store" });
    }
    await made(bot, 50);
    await bot.order({ type: "hush" });
    await nothingLost(bot);
    const { summary } = await data<{ summary: { toolCalls: number } }>(bot.url, "/api/stats");
    const told = (): number =>
      stream.events
        .filter(({ name }) => name === "metric")
        .reduce((sum, { data: counts }) => sum + (counts as { toolCalls: number }).toolCalls, 0);
    await until(told, (sum) => (sum === summary.toolCalls ? undefined : `${sum} of ${summary.toolCalls}`), 15_000);
    stream.close();
  });
});

describe("the bot's thread in an endless loop", () => {
  test(
    "`bot`: `error` if every announced bot is away, or the bot's own thread has not beaten for 5 s. HTTP 503 with `success: true` and the same `data` where a check is `error`; everything else goes on",
    { timeout: 60_000 },
    async () => {
      const dataDir = temporary();
      const bot = await startBot({ dataDir });
      await fed(bot, [message({ user: "u", responses: 1 }), request({ input: 3 }), tool(), record("before it hung")]);
      const before = await data(bot.url, "/api/stats");
      expect((await ask(bot.url, "/api/system/health")).status).toBe(200);

      bot.tell({ type: "block" });
      const { body } = await until(
        () => ask(bot.url, "/api/system/health"),
        ({ status }) => (status === 503 ? undefined : `health is ${status}`),
        10_000,
      );
      expect(body).toMatchObject({ success: true, data: { healthy: false, checks: { bot: { status: "error" } } } });
      const answers = await Promise.all(ENDPOINTS.map((path) => ask(bot.url, path)));
      expect(answers.map(({ status }) => status)).toEqual(ENDPOINTS.map(() => 200));
      expect(await data(bot.url, "/api/stats")).toEqual(before);
      expect(await data(bot.url, "/api/system/status")).toMatchObject({ status: "degraded" });

      // "A bot whose thread hangs can only be killed: nothing stored is lost."
      await bot.kill();
      const next = await startBot({ dataDir });
      expect(await data(next.url, "/api/stats")).toEqual(before);
    },
  );
});

describe("a disk that stalls", () => {
  test(
    "the bot's turns and look-ups are as fast as before, answers go on, and nothing is lost",
    { timeout: 60_000 },
    async () => {
      const dataDir = temporary();
      const bot = await startBot({ dataDir });
      await bot.order({ type: "measure", turns: 300 });
      await fed(bot, []);
      await Promise.all(ENDPOINTS.map((path) => ask(bot.url, path)));

      // Whoever else writes in the database holds the store up as a disk would.
      const [file] = globSync("*.{db,sqlite,sqlite3}", { cwd: dataDir });
      const other = new DatabaseSync(join(dataDir, file!));
      other.exec("begin immediate");
      try {
        const { measured } = await bot.order({ type: "measure", turns: 300 });
        expect(measured!.turnMs).toBeLessThan(250);
        expect(measured!.lookupMs).toBeLessThan(250);
        const answers = await Promise.all(ENDPOINTS.map((path) => ask(bot.url, path)));
        expect(answers.map(({ status }) => status)).toEqual(ENDPOINTS.map(() => 200));
        expect(await data(bot.url, "/api/stats")).toMatchObject({ summary: { totalMessages: 300 } });
      } finally {
        other.exec("rollback");
        other.close();
      }
      await until(
        () => data<{ summary: { totalMessages: number } }>(bot.url, "/api/stats"),
        ({ summary }) => (summary.totalMessages === 600 ? undefined : `${summary.totalMessages} messages`),
        10_000,
      );
    },
  );
});
