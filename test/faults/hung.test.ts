import { kill } from "node:process";
import { afterAll, expect, test } from "vitest";
import { data } from "../started/ask.ts";
import { fed } from "../started/fed.ts";
import { message, tool } from "../oracle/makers.ts";
import { cleanUp, startBot, temporary } from "../started/started.ts";
import { timesSaid, untilSaid } from "./faults.ts";

afterAll(cleanUp);

// contract §7: "A bot whose thread hangs can only be killed: nothing stored is lost."
test(
  "a bot whose thread hangs: a worker's line says that SIGTERM cannot reach it; only SIGKILL ends it, and nothing stored is lost",
  { timeout: 60_000 },
  async () => {
    const dataDir = temporary();
    const bot = await startBot({ dataDir });
    await fed(bot, [message({ user: "u", responses: 1 }), tool()]);
    const before = await data(bot.url, "/api/stats");
    bot.tell({ type: "block" });
    const line = /the bot's thread has not turned for 5 s: SIGTERM cannot reach it, only SIGKILL ends the process/;
    await untilSaid(bot, line, 30_000);
    kill(bot.pid, "SIGTERM");
    expect(await data(bot.url, "/api/stats")).toEqual(before);
    expect(timesSaid(bot, line)).toBe(1);
    expect(bot.output()).not.toContain("the process ended");
    await bot.kill();
    const next = await startBot({ dataDir });
    expect(await data(next.url, "/api/stats")).toEqual(before);
    expect(timesSaid(next, line)).toBe(0);
  },
);
