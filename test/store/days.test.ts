import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EncodedSlice } from "../../src/contract/thread.ts";
import { createCalendar } from "../../src/lib/calendar.ts";
import { batch, createWorld, day, DAY_MS, log, message, NOW, request, trace } from "./world.ts";
import type { Seen, World } from "./world.ts";

let world: World;
beforeEach(() => (world = createWorld()));
afterEach(() => world.remove());

const yesterday = (span: number, more: object = {}) =>
  message({ span, trace: trace(span), timeMs: NOW - DAY_MS, ...more });
const blobs = () => world.reader.blobs("seen", "", 0, 1e6);

// contract §2: "Late facts count on the day of their own time, not of their arrival."
describe("a closed day's blob equals its facts", () => {
  test("late facts count on the day of their own time: the blob goes in their own transaction", () => {
    world.store.append([batch(yesterday(1))], NOW);
    expect(world.close(day(1))).toBe(true);
    expect(world.reader.days()).toMatchObject([{ day: day(1), closed: true }]);
    expect(blobs()).toMatchObject([{ day: day(1), commit: 1, version: 1, state: [{ row: 1 }] }]);
    expect(world.store.openDays()).toEqual([]);

    world.store.append([batch(yesterday(2))], NOW);
    expect(world.reader.days()).toMatchObject([{ day: day(1), closed: false }]);
    expect(blobs()).toEqual([]);
    expect(world.fold(day(1))).toMatchObject([{ row: 1 }, { row: 2 }]);
    expect(world.store.health().late).toBe(2);
  });

  test("so does it when a join changes one of its facts", () => {
    const late = request({ span: 2, parent: 1, timeMs: NOW - DAY_MS });
    world.store.append([batch(late)], NOW);
    world.close(day(1));
    world.store.append([batch(message({ span: 1, userId: "u" }))], NOW);
    expect(blobs()).toEqual([]);
    expect(world.fold(day(1))).toMatchObject([{ row: 1, userId: "u" }]);
  });

  test("a duplicate leaves it", () => {
    world.store.append([batch(yesterday(1))], NOW);
    world.close(day(1));
    world.store.append([batch(yesterday(1))], NOW);
    expect(blobs()).toHaveLength(1);
  });

  test("a day that changed since it was folded is not closed", () => {
    world.store.append([batch(yesterday(1))], NOW);
    const { commit } = world.store;
    world.store.append([batch(yesterday(2))], NOW);
    expect(world.store.closeDay(day(1), commit, [])).toBe(false);
    expect(world.store.closeDay(day(5), commit, [])).toBe(false);
    expect(world.close(day(1))).toBe(true);
    expect(world.close(day(1))).toBe(false);
  });

  test("blobs of an earlier start are of commit 0", () => {
    world.store.append([batch(yesterday(1))], NOW);
    world.close(day(1));
    world.restart();
    expect(blobs()).toMatchObject([{ commit: 0 }]);
    expect(world.store.openDays()).toEqual([]);
  });

  test("other folds, or other versions of them, make every day be folded anew", () => {
    world.store.append([batch(yesterday(1))], NOW);
    world.close(day(1));
    world.restart({ folds: "seen:2" });
    expect([world.store.openDays(), blobs()]).toEqual([[day(1)], []]);
  });

  test("facts, closes and joins in any order", () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant("fact" as const),
          ago: fc.nat(2),
          turn: fc.nat(5),
          owner: fc.boolean(),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("close" as const), ago: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25, size: "max" }), (steps) => {
        const fresh = createWorld();
        try {
          for (const [n, one] of steps.entries()) {
            if (one.do === "restart") fresh.restart();
            else if (one.do === "close") fresh.close(day(one.ago));
            else {
              const given = { span: n + 10, trace: trace(one.turn), timeMs: NOW - 1000 - one.ago * DAY_MS };
              fresh.store.append([batch(one.owner ? message({ ...given, userId: `u${n}` }) : request(given))], NOW);
            }
            const open = new Set(fresh.store.openDays());
            const held = new Map(fresh.reader.blobs("seen", "", 0, 1e6).map((blob) => [blob.day, blob.state]));
            for (const stored of fresh.reader.days()) {
              expect(stored.closed).toBe(!open.has(stored.day));
              expect(held.get(stored.day)).toEqual(stored.closed ? fresh.fold(stored.day) : undefined);
            }
          }
        } finally {
          fresh.remove();
        }
      }),
      { numRuns: 60 },
    );
  });
});

test("a fold is of the commit at its first step, and commits pass between its steps", () => {
  const facts = Array.from({ length: 5000 }, (_, n) => yesterday(n + 1, { timeMs: NOW - DAY_MS + n }));
  world.store.append([batch(...facts)], NOW);
  const steps = world.store.foldDay(day(1));
  let [count, slices]: [number, EncodedSlice[]] = [0, []];
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) {
      slices = step.value;
      break;
    }
    count += 1;
    world.store.append([batch(yesterday(9000 + count))], NOW);
  }
  expect(count).toBe(2);
  expect(slices[0]!.state).toHaveLength(5000);
  expect(world.fold(day(1))).toHaveLength(5002);
});

test("what a fold is not given: facts that do not count, and log records that are no error items", () => {
  const error = log({ n: 2, level: "error" });
  world.store.append([batch(request({ span: 2, parent: 1 }), request({ span: 1 }), log({ n: 1 }), error)], NOW);
  expect(world.fold(day()).map(({ row }) => row)).toEqual([1, 4]);
  expect(world.fold(day(7))).toEqual([]);
});

describe("calendar days in the configured time zone", () => {
  test("another zone opens the days again, under their numbers in it", () => {
    const zone = "Asia/Kathmandu";
    const times = Array.from({ length: 9 }, (_, n) => NOW - n * 6 * 3_600_000);
    world.store.append([batch(...times.map((timeMs, n) => message({ span: 1, trace: trace(n), timeMs })))], NOW);
    for (const open of world.store.openDays()) world.close(open);
    world.restart({ zone });
    expect(world.store.zone).toBe(zone);
    expect(blobs()).toEqual([]);
    const calendar = createCalendar(zone);
    const wanted = new Map<number, number>();
    for (const timeMs of times) wanted.set(calendar.dayOf(timeMs), (wanted.get(calendar.dayOf(timeMs)) ?? 0) + 1);
    expect(world.store.openDays()).toEqual([...wanted.keys()].toSorted((a, b) => a - b));
    for (const [one, count] of wanted) expect(world.fold(one)).toHaveLength(count);
    // Not configured, it is as it was kept with the data.
    world.restart({ zone: undefined });
    expect(world.store.zone).toBe(zone);
  });

  test("a fact at the very start of a day is of that day", () => {
    world.restart({ zone: "America/New_York" });
    const calendar = createCalendar("America/New_York");
    // 2026-11-01 has 25 hours there.
    const first = calendar.dayOf(Date.UTC(2026, 10, 1, 12));
    const [start, end] = [calendar.startOf(first), calendar.startOf(first + 1)];
    expect(end - start).toBe(25 * 3_600_000);
    const at = (timeMs: number, timeNs: number, span: number) => message({ span, trace: trace(span), timeMs, timeNs });
    world.store.append(
      [batch(at(start - 1, 999_999, 1), at(start, 0, 2), at(end - 1, 999_999, 3), at(end, 0, 4))],
      NOW,
    );
    const rows = (one: number): number[] => world.fold(one).map(({ row }: Seen) => row);
    expect([rows(first - 1), rows(first), rows(first + 1)]).toEqual([[1], [2, 3], [4]]);
  });
});

test("log records that are no error items may come late without a day being folded anew", () => {
  world.store.append([batch(yesterday(1))], NOW);
  world.close(day(1));
  world.store.append([batch(log({ n: 1, timeMs: NOW - DAY_MS }), log({ n: 2, timeMs: NOW - 3 * DAY_MS }))], NOW);
  expect(world.reader.days()).toMatchObject([
    { day: day(3), closed: false },
    { day: day(1), closed: true },
  ]);
  world.store.append([batch(log({ n: 3, timeMs: NOW - DAY_MS, level: "error" }))], NOW);
  expect(world.store.openDays()).toEqual([day(3), day(1)]);
});
