import { sample } from "fast-check";
import { afterAll, expect, test } from "vitest";
import { freePort } from "../started/port.ts";
import { cleanUp, startBot, temporary } from "../started/started.ts";
import type { StartedBot } from "../started/started.ts";
import { expectRight } from "./blackbox.ts";
import type { Item } from "./items.ts";
import { scenarios } from "./turns.ts";
import type { Scenario } from "./turns.ts";

/** `BOTEL_ORACLE_RUNS` and `BOTEL_ORACLE_SEED` make it longer, or repeat one. */
const RUNS = Number(process.env["BOTEL_ORACLE_RUNS"] ?? 6);
const SEED = Number(process.env["BOTEL_ORACLE_SEED"] ?? Date.now() % 2 ** 31);
const TURNS = 25;

afterAll(cleanUp);

/** How a life of the bot ends. */
const ENDS: ((bot: StartedBot) => Promise<unknown>)[] = [(bot) => bot.stop(), (bot) => bot.kill()];

function historyOf(seed: number): Scenario {
  return sample(scenarios(Date.now(), TURNS), { seed, numRuns: 1 })[0]!;
}

test.for(Array.from({ length: RUNS }, (_, run) => SEED + run))(
  "every answer equals the oracle's, over restarts (seed %i)",
  { timeout: 120_000 },
  async (seed) => {
    const { lives, ...zones } = historyOf(seed);
    const dataDir = temporary();
    const told: Item[] = [];
    for (const [i, life] of lives.entries()) {
      const zone = i < lives.length / 2 ? zones.zone : zones.laterZone;
      const bot = await startBot({ dataDir, zone });
      await expectRight(bot.url, told, zone, 3);
      await bot.begin(life.flat());
      for (const [w, wave] of life.entries()) {
        await bot.feed(wave);
        told.push(...wave);
        await expectRight(bot.url, told, zone, w === life.length - 1 ? 1 : 5);
      }
      await ENDS[i % ENDS.length]!(bot);
    }
    expect(told).toHaveLength(lives.flat(2).length);
  },
);

test.for(Array.from({ length: Math.ceil(RUNS / 3) }, (_, run) => SEED + run))(
  "every answer equals the oracle's, over crashes of the workers (seed %i)",
  { timeout: 120_000 },
  async (seed) => {
    const { lives, zone } = historyOf(seed);
    const env = { BOTEL_TEST_CRASH: "1", BOTEL_PORT: String(await freePort()) };
    const bot = await startBot({ dataDir: temporary(), zone, env });
    const waves = lives.flat();
    await bot.begin(waves.flat());
    const told: Item[] = [];
    for (const [w, wave] of waves.entries()) {
      await bot.feed(wave);
      // Twice each: one that keeps crashing is started again later and later.
      if (w % 3 === 1) await bot.order({ type: "crash", thread: w % 2 === 1 ? "store" : "observer" });
      told.push(...wave);
      await expectRight(bot.url, told, zone, w === waves.length - 1 ? 1 : 7, 5000);
    }
    expect(bot.output()).toContain("is started again");
  },
);
