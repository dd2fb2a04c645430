import { afterAll, expect, test } from "vitest";
import { cleanUp, startServe, temporary } from "../../started/started.ts";
import { described, soak } from "./soak.ts";
import { median, slope, warm } from "./slope.ts";

const SECONDS = 60;

afterAll(cleanUp);

// issue 8: "Soak, 20 minutes as a script and 60 s in CI: 300 facts/s, 100 SSE clients, scrapes, queries: RSS slope ≈ 0 after
// warm-up, p99 of queries ≤ 20 ms, nothing lost against the oracle." A minute of a shared machine says little of the first
// two: `long.ts` holds them, `long.txt` is what it said, and what was in its way.
test(
  `${SECONDS} s of 300 facts/s, 100 clients, scrapes and queries: nothing is lost`,
  { timeout: 300_000 },
  async () => {
    const botel = await startServe({ dataDir: temporary(), zone: "UTC", env: { BOTEL_RATE_LIMIT: "0" } });
    const soaked = await soak({ ...botel, seconds: SECONDS });
    for (const line of described(soaked)) console.log(line);
    const late = warm(soaked.rss);
    console.log(`RSS ${median(late.map(({ y }) => y)).toFixed(0)} MB, ${(slope(late) * 60).toFixed(1)} MB a minute`);
    expect(soaked.wrong).toEqual([]);
    expect(soaked.facts).toBeGreaterThan(SECONDS * 100);
    expect(soaked.queries.length).toBeGreaterThan(SECONDS);
    expect(soaked.scrapes.length).toBeGreaterThan(3);
    expect(median(late.map(({ y }) => y))).toBeLessThan(500);
    expect(botel.output()).not.toMatch(/failed to answer|is started again|the process ended/);
    expect(await botel.stop()).toBe(0);
  },
);

test("the slope is that of most points", () => {
  const points = Array.from({ length: 40 }, (_, x) => ({ x, y: x % 9 === 0 ? 900 : 3 * x }));
  expect(slope(points)).toBeCloseTo(3, 0);
  expect(
    slope([
      { x: 0, y: 5 },
      { x: 2, y: 5 },
    ]),
  ).toBe(0);
});
