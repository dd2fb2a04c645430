import { sample } from "fast-check";
import { afterAll, expect, test } from "vitest";
import { expectRight } from "../oracle/blackbox.ts";
import type { Item } from "../oracle/items.ts";
import { scenarios } from "../oracle/turns.ts";
import { cleanUp, startServe, temporary } from "../started/started.ts";
import { requestsOf, send, type Otlp } from "./requests.ts";
import { arrival, distinct, innerFirst, randomOf, shuffled } from "./shuffle.ts";

/** `BOTEL_ORACLE_RUNS` and `BOTEL_ORACLE_SEED` make it longer, or repeat one. */
const RUNS = Number(process.env["BOTEL_ORACLE_RUNS"] ?? 3);
const SEED = Number(process.env["BOTEL_ORACLE_SEED"] ?? Date.now() % 2 ** 31);
const TURNS = 25;
const REQUESTS = 20;

afterAll(cleanUp);

function chunks<T>(list: readonly T[], count: number): T[][] {
  const size = Math.ceil(list.length / count);
  return Array.from({ length: count }, (_, n) => list.slice(n * size, (n + 1) * size));
}

// issue 5: "Messages, requests, tools and logs in random order over 20 OTLP requests, twice each, with a restart in the
// middle: every endpoint equals the oracle (an outer span of the same call is not sent before its inner one)."
// contract §2: "Exactly once: a span is identified by (trace id, span id) and its end time. One delivered again, also after
// a restart, changes nothing."
test.for(Array.from({ length: RUNS }, (_, run) => SEED + run))(
  "every answer equals the oracle's, in any order, twice each, over a restart (seed %i)",
  { timeout: 120_000 },
  async (seed) => {
    const [scenario] = sample(scenarios(Date.now(), TURNS), { seed, numRuns: 1 });
    const { zone, lives } = scenario!;
    const random = randomOf(seed);
    const items = innerFirst(shuffled(distinct(lives.flat(2)), random));
    const parts = chunks(items, REQUESTS);
    const requests = parts.map((part) => requestsOf(part, random() < 0.5));
    const dataDir = temporary();
    const told: Item[] = [];
    for (const half of [0, REQUESTS / 2]) {
      const botel = await startServe({ dataDir, zone });
      for (let n = half; n < half + REQUESTS / 2; n += 1) {
        const again = requests[Math.floor(random() * n)] ?? [];
        for (const request of [...requests[n]!, ...again] as Otlp[]) await send(botel.url, request);
        told.push(...arrival(parts[n]!));
      }
      await expectRight(botel.url, told, zone);
      for (const request of requests.slice(0, half + REQUESTS / 2).flat()) await send(botel.url, request);
      await expectRight(botel.url, told, zone, 5);
      if (random() < 0.5) await botel.stop();
      else await botel.kill();
    }
    expect(told).toHaveLength(items.length);
  },
);
