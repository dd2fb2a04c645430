import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { meanMs, rate, restNs, wholeMs } from "../../src/rollups/sum.ts";

const duration = fc.oneof(
  fc.integer({ min: 0, max: 3_000_000 }),
  fc.integer({ min: 0, max: 2 ** 53 - 1 }),
  fc.constantFrom(0, 499_999, 500_000, 500_001, 2 ** 53 - 1),
);

function meanOf(durations: readonly number[]): number {
  let [ms, ns] = [0, 0];
  for (const each of durations) {
    ms += wholeMs(each);
    ns += restNs(each);
  }
  return meanMs(ms, ns, durations.length);
}

// contract §2: "durations are summed in nanoseconds and rounded once, at the end, half up, to whole ms."
describe("durations are summed in nanoseconds and rounded once, at the end, half up, to whole ms", () => {
  test("exactly, also where the sum passes 2^53 ns", () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 50 }), (durations) => {
        const [sum, count] = [durations.reduce((all, each) => all + BigInt(each), 0n), BigInt(durations.length)];
        expect(BigInt(meanOf(durations))).toBe((2n * sum + count * 1_000_000n) / (2n * count * 1_000_000n));
      }),
      { numRuns: 2000 },
    );
  });

  test("half up", () => {
    expect(meanOf([499_999])).toBe(0);
    expect(meanOf([500_000])).toBe(1);
    expect(meanOf([1_000_000, 2_000_000])).toBe(2);
  });

  test("not each by itself", () => {
    expect(meanOf([400_000, 400_000, 400_000])).toBe(0);
    expect(meanOf([1_400_000, 1_400_000, 1_900_000])).toBe(2);
  });

  test("0 where there is none", () => {
    expect(meanOf([])).toBe(0);
  });
});

// contract §3: "Rates are 0…1, at most 4 decimals; a success rate is 1 only where nothing failed."
describe("a success rate is 1 only where nothing failed", () => {
  test.each([
    [10, 10, 1],
    [99_996, 100_000, 0.9999],
    [99_999_999, 100_000_000, 0.9999],
    [2, 3, 0.6667],
    [1, 3, 0.3333],
    [1, 32, 0.0313],
    [1, 1_000_000, 0.0001],
    [0, 5, 0],
  ])("%i of %i are %f", (part, whole, expected) => {
    expect(rate(part, whole)).toBe(expected);
  });

  test("rates are 0…1, at most 4 decimals", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), fc.double({ min: 0, max: 1, noNaN: true }), (whole, share) => {
        const part = Math.floor(whole * share);
        const value = rate(part, whole);
        expect(Math.abs(value - part / whole)).toBeLessThanOrEqual(0.0001);
        expect(value).toBe(Number(value.toFixed(4)));
        expect(value === 1).toBe(part === whole);
        expect(value === 0).toBe(part === 0);
      }),
    );
  });
});
