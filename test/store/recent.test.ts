import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createRecent } from "../../src/store/recent.ts";
import { NOW } from "./world.ts";

const SPAN = 60_000;

/** Facts of a minute and more, most of them once, in an order that is nearly that of their time. */
const arrivals = fc.array(
  fc.record({
    key: fc.nat(400).map((n) => `${n.toString(16).padStart(40, "0")}0000${n.toString(16).padStart(4, "0")}`),
    after: fc.nat(SPAN / 100),
    late: fc.oneof({ weight: 9, arbitrary: fc.nat(1000) }, { weight: 1, arbitrary: fc.nat(SPAN) }),
  }),
  { minLength: 100, maxLength: 600, size: "max" },
);

// contract §2: "Exactly once"
test("a fact that was met before is never said to be surely new, however many came between", () => {
  fc.assert(
    fc.property(arrivals, fc.constantFrom(10, 60, 2000), (list, maxFacts) => {
      const recent = createRecent(NOW, maxFacts);
      const met = new Map<string, Set<number>>();
      let now = NOW;
      for (const { key, after, late } of list) {
        now += after;
        const timeMs = Math.max(NOW - 10, now - late);
        const times = met.get(key) ?? new Set();
        if (!recent.meet({ key, timeMs })) {
          expect(times.has(timeMs)).toBe(false);
          expect(timeMs).toBeGreaterThanOrEqual(NOW);
        }
        met.set(key, times.add(timeMs));
      }
    }),
  );
});

test("of facts that come in the order of their time, none is looked up", () => {
  const recent = createRecent(NOW, 1000);
  for (let n = 0; n < 50_000; n += 1) {
    const key = Math.imul(n, 0x9e37_79b1).toString(16).padStart(48, "0").slice(-48);
    expect(recent.meet({ key, timeMs: NOW + n })).toBe(false);
  }
});
