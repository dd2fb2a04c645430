import { sample } from "fast-check";
import { afterAll, expect, test } from "vitest";
import { cleanUp, startBot, temporary } from "../started/started.ts";
import type { StartedBot } from "../started/started.ts";
import { untilRight } from "./blackbox.ts";
import type { Item } from "./items.ts";
import { scenarios } from "./turns.ts";

/** `BOTEL_ORACLE_RUNS` and `BOTEL_ORACLE_SEED` make it longer, or repeat one. */
const RUNS = Number(process.env["BOTEL_ORACLE_RUNS"] ?? 6);
const SEED = Number(process.env["BOTEL_ORACLE_SEED"] ?? Date.now() % 2 ** 31);
const TURNS = 25;

afterAll(cleanUp);

/** How a bot's process ends between two parts of a history. */
const ENDS: ((bot: StartedBot) => Promise<unknown>)[] = [(bot) => bot.stop(), (bot) => bot.kill()];

test.for(Array.from({ length: RUNS }, (_, run) => SEED + run))(
  "every answer equals the oracle's, over restarts (seed %i)",
  { timeout: 120_000 },
  async (seed) => {
    const [history] = sample(scenarios(Date.now(), TURNS), { seed, numRuns: 1 });
    const { zone, items } = history!;
    const dataDir = temporary();
    const told: Item[] = [];
    const third = Math.ceil(items.length / 3);
    for (const [part, end] of [...ENDS, ...ENDS].entries()) {
      const bot = await startBot({ dataDir, zone });
      const next = items.slice(part * third, (part + 1) * third);
      await bot.feed(next);
      told.push(...next);
      await untilRight(bot.url, told, zone);
      await end(bot);
    }
    expect(told).toHaveLength(items.length);
  },
);
