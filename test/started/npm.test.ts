import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ask, data } from "./ask.ts";
import { listen } from "./events.ts";
import { cleanUp, startNpm, temporary } from "./started.ts";
import { until } from "./until.ts";

afterAll(cleanUp);

const DOCUMENTED = [
  "/api/system/status",
  "/api/system/info",
  "/api/system/health",
  "/api/stats",
  "/api/stats?period=week",
  "/api/stats/models",
  "/api/stats/tools",
  "/api/stats/users",
  "/api/stats/groups",
  "/api/stats/channels",
  "/api/logs",
  "/api/logs/tools",
  "/api/logs/errors",
];

interface Totals {
  summary: { totalMessages: number; aiResponses: number; toolCalls: number; tokensUsed: number };
  daily: unknown[];
}

describe("npm start", () => {
  test("`BOTEL_DEMO=0 npm start` serves with no bot", { timeout: 60_000 }, async () => {
    const dataDir = temporary();
    const { url, stop, output } = await startNpm({ dataDir, env: { BOTEL_DEMO: "0" } });
    expect((await ask(url, "/readyz")).status).toBe(200);
    expect(await data(url, "/api/system/status")).toMatchObject({
      status: "running",
      bot: { connected: false, platform: null, uin: null },
    });
    expect(await data(url, "/api/system/health")).toMatchObject({
      healthy: true,
      checks: { bot: { status: "disabled" }, channels: { status: "disabled", available: 0 } },
    });
    expect(await data(url, "/api/stats")).toMatchObject({ summary: { totalMessages: 0 }, daily: [] });
    expect(existsSync(join(dataDir, "demo"))).toBe(false);
    await stop();
    expect(output()).not.toMatch(/error/i);
  });

  test(
    "with nothing configured: the demo answers everything, its numbers move, and they survive a kill",
    { timeout: 120_000 },
    async () => {
      const dataDir = temporary();
      const env = { BOTEL_DEMO: "" };
      const first = await startNpm({ dataDir, env });
      const { url } = first;
      expect(existsSync(join(dataDir, "demo"))).toBe(true);
      expect(first.output()).toMatch(/demo/i);

      const stream = await listen(url);
      const totals = (): Promise<Totals> => data<Totals>(url, "/api/stats?period=day");
      const before = await totals();
      const moved = await until(
        totals,
        ({ summary }) => {
          const still = Object.entries(summary).filter(
            ([name, value]) => !name.startsWith("active") && value <= before.summary[name as keyof Totals["summary"]],
          );
          return still.length === 0 ? undefined : `${JSON.stringify(still)} have not moved`;
        },
        30_000,
      );
      for (const path of DOCUMENTED) {
        const { status, body } = await ask(url, path);
        expect([200, path.endsWith("health") ? 503 : 200], path).toContain(status);
        expect(body, path).toMatchObject({ success: true, data: expect.any(Object) });
      }
      await until(
        () => data<Totals>(url, "/api/stats?period=month"),
        ({ daily, summary }) => (daily.length === 30 && summary.totalMessages > 1000 ? undefined : "no history"),
        30_000,
      );
      expect(await data(url, "/api/system/status")).toMatchObject({
        bot: { connected: true, platform: expect.any(String), uin: expect.any(String) },
      });
      expect(String((await ask(url, "/metrics")).body)).toMatch(/^bot_messages_total(?:\{[^}]*\})? [1-9]/m);
      await until(
        () => new Set(stream.events.map(({ name }) => name)),
        (names) => (["status", "metric", undefined].every((name) => names.has(name)) ? undefined : [...names].join()),
        10_000,
      );
      stream.close();

      const last = await data<Totals>(url, "/api/stats");
      await first.kill();
      const second = await startNpm({ dataDir, env });
      const { summary } = await data<Totals>(second.url, "/api/stats");
      for (const [name, value] of Object.entries(last.summary)) {
        expect(summary[name as keyof Totals["summary"]], name).toBeGreaterThanOrEqual(value);
      }
      expect(summary.totalMessages).toBeGreaterThanOrEqual(moved.summary.totalMessages);
      await second.stop();
    },
  );
});
