import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { data } from "../started/ask.ts";
import { until } from "../started/until.ts";
import { expectNumbers } from "./numbers.ts";
import { REGISTER, type World } from "./world.ts";

export function registerCases(world: World): void {
  const { run } = world;
  const once = { requests: 1, tokens: 12, errors: 0 };

  describe.for(["26", "24"])("`node --import botel/register` on Node %s", (version) => {
    const node = () => world.installed().nodes.find(({ name }) => name === version)!.path;

    it("shows model calls, failures and log lines of a bot that knows nothing of it", { timeout: 60_000 }, async () => {
      const bot = await run("plain", [...REGISTER, "bot.mjs"], { node: node() });
      await bot.said();
      await expectNumbers(bot, {
        models: {
          "gpt-4o": { requests: 2, tokens: 24, errors: 0 },
          broken: { requests: 1, tokens: 0, errors: 1 },
          small: { requests: 1, tokens: 2, errors: 0 },
        },
        lines: ["pino says", "winston says"],
      });
      // Its own lines are as they were.
      expect(bot.output()).not.toContain("trace_id");
      expect(bot.output()).not.toContain("botel:");
      expect(await bot.ended()).toBe(0);
    });

    it("shows those of a bot in CommonJS", { timeout: 60_000 }, async () => {
      const bot = await run("plain", [...REGISTER, "bot.cjs"], { node: node() });
      await bot.said();
      await expectNumbers(bot, { models: { "gpt-4o": once }, lines: ["pino says"] });
      expect(await bot.ended()).toBe(0);
    });
  });

  describe("a bot without an SDK", () => {
    it("whose copy of the API is older shows its spans from the first on", { timeout: 60_000 }, async () => {
      const bot = await run("two", [...REGISTER, "api-only.mjs"]);
      await bot.said();
      await expectNumbers(bot, { models: { "api-only": { requests: 1, tokens: 0, errors: 0 } } });
      await bot.ended();
    });
  });

  const ORDERS = {
    "before botel": ["--import", "./own-sdk.mjs", ...REGISTER],
    "after botel": [...REGISTER, "--import", "./own-sdk.mjs"],
    "before `start()` in its code": ["--import", "./own-sdk.mjs"],
  };

  describe.for(["two", "three"] as const)("a bot with an SDK of its own, of the line of the bot `%s`,", (line) => {
    const SPANS = ["execute_tool dice", "turn", "chat told", "message test"];

    it.for(Object.keys(ORDERS) as (keyof typeof ORDERS)[])(
      "that starts %s: both backends see every span",
      { timeout: 60_000 },
      async (order) => {
        const asks = order !== "before `start()` in its code";
        const env: Record<string, string> = asks ? {} : { WITHOUT_REGISTER: "1" };
        const bot = await run(line, [...ORDERS[order], "own-bot.mjs"], { env });
        expect(await bot.said()).toEqual({ spans: asks ? ["chat asked", ...SPANS] : SPANS, lines: ["a line"] });
        const told = { requests: 1, tokens: 7, errors: 0 };
        await expectNumbers(bot, {
          models: asks ? { asked: once, told } : { told },
          tools: { dice: 1 },
          messages: 1,
          lines: ["a line"],
        });
        expect(bot.output()).not.toContain("botel:");
        expect(await bot.ended()).toBe(0);
      },
    );

    it("that reads its metrics in code gets botel's beside its own, once", { timeout: 60_000 }, async () => {
      const env = { OTEL_METRICS_EXPORTER: "console" };
      const bot = await run(line, ["own-metrics.mjs"], { env });
      const names = (await bot.said()) as string[];
      expect(names).toEqual(expect.arrayContaining(["own.counter", "bot.tool.calls"]));
      expect(new Set(names).size).toBe(names.length);
      await bot.ended();
      // The reader that the variable asks for has none of it: it would say so on the console.
      expect(bot.output()).not.toContain("descriptor");
    });

    // contract §2: "Sampling never changes a number: the in-process sampler records what it does not sample."
    it("that samples nothing: its backend sees nothing, botel everything", { timeout: 60_000 }, async () => {
      const bot = await run(line, [...ORDERS["after botel"], "own-bot.mjs"], { env: { SAMPLER: "drop" } });
      expect(await bot.said()).toEqual({ spans: [], lines: ["a line"] });
      await expectNumbers(bot, {
        models: { asked: once, told: { requests: 1, tokens: 7, errors: 0 } },
        tools: { dice: 1 },
        messages: 1,
      });
      const { users } = await data<{ users: { userId: string; tokens: number }[] }>(bot.url, "/api/stats/users");
      expect(users).toMatchObject([{ userId: "42", tokens: 7 }]);
      await bot.ended();
    });
  });

  describe("children of a bot", () => {
    it("start no second observer: what they do is counted by the bot's", { timeout: 60_000 }, async () => {
      const bot = await run("plain", [...REGISTER, "family.mjs"]);
      expect(await bot.said()).toEqual([0, 0, 0]);
      await expectNumbers(bot, { models: { forked: once, spawned: once, threaded: once } });
      expect(bot.output()).not.toContain("botel:");
      await bot.ended();
    });

    it("have an observer of their own where the bot that started them is gone", { timeout: 60_000 }, async () => {
      const { pid } = spawnSync(process.execPath, ["--version"]);
      const env = { BOTEL_OBSERVER: `http://127.0.0.1:1#${pid}` };
      const bot = await run("plain", [...REGISTER, "bot.cjs"], { env });
      await bot.said();
      await expectNumbers(bot, { models: { "gpt-4o": once } });
      await bot.ended();
    });

    it("say once that they are not counted where the bot's observer is gone", { timeout: 60_000 }, async () => {
      const gone = createServer().listen(0, "127.0.0.1");
      await until(
        () => gone.listening,
        (is) => (is ? undefined : "it does not listen"),
        5000,
      );
      const { port } = gone.address() as AddressInfo;
      await gone[Symbol.asyncDispose]();
      const env = { BOTEL_OBSERVER: `http://127.0.0.1:${port}`, OTEL_EXPORTER_OTLP_TIMEOUT: "1000" };
      const bot = await run("plain", [...REGISTER, "child.mjs", "orphan"], { env });
      expect(await bot.ended()).toBe(0);
      expect(bot.output().match(/botel: .*is not counted/g)).toHaveLength(1);
    });
  });
}
