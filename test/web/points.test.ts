import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ceilingOf } from "../../src/web/charts/ceiling.ts";
import { COUNTS, createPoints, type Point, steps } from "../../src/web/live/points.ts";

const NOW = 1_795_559_000;

function point(at: number, messages: number): Point {
  return { at, messages, responses: 0, requests: 0, toolCalls: 0, tokens: 0, errors: 0 };
}

const times = fc
  .array(fc.integer({ min: NOW - 500, max: NOW }), { maxLength: 60 })
  .map((list) => list.toSorted((a, b) => a - b));

describe("steps", () => {
  test("each point falls into exactly one step: their sums are those of the points within", () => {
    fc.assert(
      fc.property(times, fc.constantFrom(1, 2, 10, 60), fc.integer({ min: 1, max: 60 }), (at, width, count) => {
        const made = steps(
          at.map((time, n) => point(time, n + 1)),
          { now: NOW, width, count },
        );
        expect(made.times).toHaveLength(count);
        const [first, last] = [made.times[0]!, made.times.at(-1)!];
        expect(first % width).toBe(0);
        expect(last <= NOW && NOW < last + width).toBe(true);
        const within = at.flatMap((time, n) => (time >= first ? [n + 1] : []));
        const sum = (list: number[]) => list.reduce((all, n) => all + n, 0);
        expect(sum(made.sums.messages)).toBe(sum(within));
        for (const [place, time] of made.times.entries()) {
          const its = at.flatMap((each, n) => (each >= time && each < time + width ? [n + 1] : []));
          expect(made.sums.messages[place]).toBe(sum(its));
        }
      }),
    );
  });

  test("every count is summed up", () => {
    const one = Object.fromEntries(COUNTS.map((name, n) => [name, n + 1])) as Omit<Point, "at">;
    const { sums } = steps([{ at: NOW, ...one }], { now: NOW, width: 2, count: 1 });
    expect(COUNTS.map((name) => sums[name][0])).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("points", () => {
  test("hold the newest, bounded, with older ones in front", () => {
    const points = createPoints(10);
    for (let n = 0; n < 100; n += 1) points.add(point(n, n));
    expect(points.all().length).toBeLessThanOrEqual(11);
    expect(points.all().at(-1)).toEqual(point(99, 99));
    const few = createPoints(10);
    few.add(point(5, 5));
    few.addOlder([point(3, 3), point(4, 4)]);
    expect(few.all().map(({ at }) => at)).toEqual([3, 4, 5]);
    for (let n = 0; n < 100; n += 1) few.addGap({ from: n, to: n + 1 });
    expect(few.gaps()).toHaveLength(20);
    expect(few.gaps().at(-1)).toEqual({ from: 99, to: 100 });
  });
});

describe("the end of an axis", () => {
  test("is a little above the largest value, and above 0 where there is none", () => {
    expect(ceilingOf([0, 3, 10])).toBeCloseTo(10.8);
    expect(ceilingOf([])).toBeCloseTo(1.08);
    expect(ceilingOf([1, 1, 1, 1, 1, 2, 3, 11])).toBeCloseTo(11 * 1.08);
  });

  test("is where the others can be read, where few tower over them", () => {
    expect(ceilingOf([0, 1, 1, 1, 2, 1, 1, 400])).toBeCloseTo(4 * 1.08);
    // Few values: nothing is usual yet.
    expect(ceilingOf([1, 1, 400])).toBeCloseTo(432);
  });
});
