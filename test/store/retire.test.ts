import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Fact } from "../../src/contract/fact.ts";
import { batch, createWorld, day, DAY_MS, log, message, NOW, request, tool, trace } from "./world.ts";
import type { World } from "./world.ts";

let world: World;
beforeEach(() => (world = createWorld()));
afterEach(() => world.remove());

/** Retires until there is nothing to do; the number of steps is bounded by what there is. */
function retire(nowMs: number): number {
  let steps = 0;
  while (world.store.retire(nowMs)) {
    steps += 1;
    expect(steps).toBeLessThan(2000);
  }
  return steps;
}

const ago = (days: number, span: number, more: object = {}) =>
  message({ span, trace: trace(span), timeMs: NOW - days * DAY_MS, ...more });

// contract §2: "Facts dated over 10 min ahead, older than raw facts are kept (90 days by default), or without a valid id
// or time, are refused"
describe("raw facts go when they are older than they are kept, their day's statistics stay", () => {
  test("a day is closed, then sealed, then its facts go", () => {
    world.store.append([batch(ago(80, 1), ago(80, 2), ago(2, 3))], NOW);
    const later = NOW + 11 * DAY_MS;
    // Open, it keeps its facts: they are in no blob yet.
    expect(world.store.retire(later)).toBe(false);
    expect(world.fold(day(80))).toHaveLength(2);

    world.close(day(80));
    retire(later);
    expect(world.reader.days()).toMatchObject([
      { day: day(80), closed: true },
      { day: day(2), closed: false },
    ]);
    expect(world.reader.blobs("seen", "", 0, 1e6)).toMatchObject([{ day: day(80), state: [{ row: 1 }, { row: 2 }] }]);
    // The blob is the truth: a fold of the day is what it holds.
    expect(world.fold(day(80))).toMatchObject([{ row: 1 }, { row: 2 }]);
    expect(world.fold(day(2))).toHaveLength(1);
    // Time says that it would be taken, but its day is sealed.
    expect(world.store.append([batch(ago(80, 4), ago(79, 5))], NOW)).toMatchObject({ refused: [1], changes: [{}] });
    expect(world.store.health()).toMatchObject({ refused: { sealed_day: 1 }, shed: { facts: 0 } });
    // Also after a restart, and in another zone.
    world.restart({ zone: "Pacific/Kiritimati" });
    expect(world.store.append([batch(ago(80, 4))], NOW)).toMatchObject({ refused: [1] });
    expect(world.reader.blobs("seen", "", 0, 1e6)).toMatchObject([{ day: day(80) }]);
  });

  test("days are sealed from the oldest on: an open one holds up those behind it", () => {
    world.store.append([batch(ago(80, 1), ago(79, 2))], NOW);
    world.close(day(79));
    expect(world.store.retire(NOW + 30 * DAY_MS)).toBe(false);
    world.close(day(80));
    retire(NOW + 30 * DAY_MS);
    expect(world.reader.toolLogs({ limit: 5 }).lines).toEqual([]);
    expect(world.store.append([batch(ago(79, 3))], NOW).refused).toEqual([1]);
  });

  test("row numbers are not used twice, where the newest row went too", () => {
    world.store.append([batch(ago(1, 1)), batch(ago(80, 2))], NOW);
    world.close(day(80));
    retire(NOW + 11 * DAY_MS);
    world.restart();
    const { changes } = world.store.append([batch(ago(1, 3))], NOW);
    expect(changes.map(({ fact }) => fact.row)).toEqual([3]);
  });

  test("a join does not reach into a sealed day", () => {
    world.store.append([batch(request({ span: 2, parent: 1, timeMs: NOW - 80 * DAY_MS }))], NOW);
    world.close(day(80));
    expect(world.store.retire(NOW + 11 * DAY_MS)).toBe(true);
    const { changes } = world.store.append([batch(message({ span: 1, userId: "u" }))], NOW);
    expect(changes).toHaveLength(1);
    expect(world.reader.blobs("seen", "", 0, 1e6)).toHaveLength(1);
  });

  test("many facts go in steps", () => {
    world.store.append([batch(...Array.from({ length: 1800 }, (_, n) => ago(80, n + 1)))], NOW);
    world.close(day(80));
    expect(retire(NOW + 11 * DAY_MS)).toBeGreaterThanOrEqual(5);
  });
});

describe("debug logs and tool bodies have their own retention", () => {
  test("debug logs", () => {
    const lines = (["debug", "info", "error"] as const).map((level, n) => log({ n, level, timeMs: NOW - 8 * DAY_MS }));
    world.store.append([batch(...lines, log({ n: 7, level: "debug", timeMs: NOW - 6 * DAY_MS }))], NOW);
    retire(NOW);
    expect(world.reader.logs({ limit: 9 }).lines.map(({ level, row }) => `${level} ${row}`)).toEqual([
      "debug 4",
      "error 3",
      "info 2",
    ]);
  });

  test("arguments and results of tool calls, not their error texts", () => {
    const call = (span: number, days: number, more: object = {}): Fact =>
      tool({ span, trace: trace(span), timeMs: NOW - days * DAY_MS, args: "{}", result: "1", ...more });
    world.store.append([batch(call(1, 31), call(2, 31, { failed: true, errorMessage: "no" }), call(3, 29))], NOW);
    retire(NOW);
    const kept = () => world.reader.toolLogs({ limit: 9 }).lines.map(({ row, args, result }) => [row, args, result]);
    const wanted = [
      [3, "{}", "1"],
      [2, undefined, undefined],
      [1, undefined, undefined],
    ];
    expect(kept()).toEqual(wanted);
    expect(world.reader.errors({ limit: 9 }).lines).toMatchObject([{ error: "no" }]);
    // One that comes late keeps none either.
    world.restart();
    world.store.append([batch(call(4, 32))], NOW);
    expect(kept()).toEqual([...wanted, [4, undefined, undefined]]);
  });

  test("more calls of one instant than a step takes", () => {
    const calls = Array.from({ length: 1300 }, (_, n) =>
      tool({ span: n + 1, trace: trace(n), timeMs: NOW - 31 * DAY_MS, args: "{}" }),
    );
    world.store.append([batch(...calls)], NOW);
    retire(NOW);
    expect(world.reader.toolLogs({ limit: 1000 }).lines.filter(({ args }) => args !== undefined)).toEqual([]);
  });
});

test("`maxBytes` bounds the disk: debug logs go first, then other logs, tool bodies, and last raw facts; each is counted", () => {
  world.restart({ maxBytes: 1_500_000 });
  const text = "x".repeat(300);
  const facts = Array.from({ length: 1500 }, (_, n): Fact[] => [
    log({ n: n * 3, level: "debug", message: text, timeMs: NOW - 5 * DAY_MS + n }),
    log({ n: n * 3 + 1, level: "info", message: text, timeMs: NOW - 5 * DAY_MS + n }),
    log({ n: n * 3 + 2, level: "error", message: text, timeMs: NOW - 5 * DAY_MS + n }),
    tool({ span: n + 1, trace: trace(n), args: `"${text}"`, timeMs: NOW - 4 * DAY_MS + n }),
    ago(3, n + 1, { timeMs: NOW - 3 * DAY_MS + n }),
  ]).flat();
  for (let from = 0; from < facts.length; from += 500)
    world.store.append([batch(...facts.slice(from, from + 500))], NOW);
  for (const open of [day(5), day(4), day(3)]) world.close(open);

  const order: string[] = [];
  while (world.store.retire(NOW)) {
    for (const [what, count] of Object.entries(world.store.health().shed))
      if (count > 0 && !order.includes(what)) order.push(what);
  }
  expect(world.store.health().bytes).toBeLessThanOrEqual(1_500_000);
  expect(order).toEqual(["debugLogs", "logs", "toolBodies", "facts"]);
  expect(world.store.health().shed).toMatchObject({ debugLogs: 1500, logs: 1500, toolBodies: 1500 });
  // Whatever went, the totals stay.
  expect(world.reader.blobs("seen", "", 0, 1e6).map(({ state }) => (state as unknown[]).length)).toEqual([
    1500, 1500, 1500,
  ]);
});
