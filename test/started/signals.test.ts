import { afterAll, describe, expect, test } from "vitest";
import { message, newTrace, request, tool } from "../oracle/makers.ts";
import { data, pages } from "./ask.ts";
import { cleanUp, startBot, temporary } from "./started.ts";
import type { StartedBot } from "./started.ts";
import { until } from "./until.ts";

afterAll(cleanUp);

/** The numbers that `stream` gave its calls, as they are stored, newest first. */
async function numbers({ url }: StartedBot): Promise<number[]> {
  const { rows } = await pages(url, "/api/logs/tools", "logs", { toolName: "count", limit: 1000 });
  return (rows as { args: { number: number } }[]).map(({ args }) => args.number);
}

async function toolCalls({ url }: StartedBot): Promise<number> {
  const { summary } = await data<{ summary: { toolCalls: number } }>(url, "/api/stats");
  return summary.toolCalls;
}

describe("contract §7: what a signal may cost", () => {
  test("`SIGTERM` drains within 5 s: no fact that was taken in is lost.", { timeout: 60_000 }, async () => {
    const dataDir = temporary();
    const turn = (): Parameters<StartedBot["feed"]>[0] => {
      const trace = newTrace();
      return [request({ trace, input: 1 }), tool({ trace }), message({ trace, user: "u", group: "g", responses: 1 })];
    };
    for (let round = 1; round <= 3; round += 1) {
      const bot = await startBot({ dataDir });
      await bot.feed(Array.from({ length: 1000 }, turn).flat());
      const began = performance.now();
      await bot.stop();
      expect(performance.now() - began).toBeLessThan(5000);
      const next = await startBot({ dataDir });
      expect(await data(next.url, "/api/stats?groupId=g")).toMatchObject({
        summary: { totalMessages: round * 1000, toolCalls: round * 1000, tokensUsed: round * 1000 },
      });
      await next.stop();
    }
  });

  test(
    "`SIGKILL`, twenty times: no stored fact is lost or there twice, and of the bot's own at most those of the last 250 ms in which its loop turned.",
    { timeout: 180_000 },
    async () => {
      const dataDir = temporary();
      let last = 0;
      for (let round = 0; round < 20; round += 1) {
        const bot = await startBot({ dataDir });
        await bot.order({ type: "stream", from: last, everyMs: 1 });
        await until(
          () => bot.made.length,
          (count) => (count > 100 + round * 17 ? undefined : `${count} made`),
          20_000,
        );
        const seen = await toolCalls(bot);
        await bot.kill();
        const killedAt = bot.made.at(-1)!.at;
        const due = bot.made.findLast(({ at }) => at < killedAt - 250)?.number ?? last;

        const next = await startBot({ dataDir });
        const stored = (await numbers(next)).toSorted((a, b) => a - b);
        expect(stored.filter((number) => number > last)).toEqual(
          Array.from({ length: stored.at(-1)! - last }, (_, i) => last + 1 + i),
        );
        expect(stored.at(-1)).toBeGreaterThanOrEqual(due);
        expect(new Set(stored).size).toBe(stored.length);
        expect(await toolCalls(next)).toBe(stored.length);
        expect(stored.length).toBeGreaterThanOrEqual(seen);
        last = bot.made.at(-1)!.number;
        await next.kill();
      }
    },
  );
});
