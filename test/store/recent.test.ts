import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createRecent } from "../../src/store/recent.ts";
import { NOW } from "./world.ts";

const SPAN = 60_000;

/** Facts of some minutes, in an order that is nearly that of their time; some come again, sooner or later. */
const arrivals = fc.array(
  fc.record({
    after: fc.nat(SPAN / 100),
    late: fc.oneof({ weight: 9, arbitrary: fc.nat(1000) }, { weight: 1, arbitrary: fc.nat(SPAN) }),
    again: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(600) }),
  }),
  { minLength: 100, maxLength: 600, size: "max" },
);

// contract §2: "Exactly once"
test("a fact that was met before is never said to be surely new, however many came between", () => {
  fc.assert(
    fc.property(arrivals, fc.constantFrom(10, 60, 2000), (list, maxFacts) => {
      const recent = createRecent(NOW, maxFacts);
      const met: { key: string; timeMs: number }[] = [];
      let now = NOW;
      for (const [n, { after, late, again }] of list.entries()) {
        now += after;
        const known = again === undefined ? undefined : met[again % Math.max(1, met.length)];
        if (known !== undefined) expect(recent.meet(known)).toBe(true);
        else {
          const fact = { key: n.toString(16).padStart(48, "0"), timeMs: Math.max(NOW - 10, now - late) };
          if (!recent.meet(fact)) expect(fact.timeMs).toBeGreaterThanOrEqual(NOW);
          met.push(fact);
        }
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
