import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import type { StoreToObserver } from "../../src/contract/thread.ts";
import { createCalendar } from "../../src/lib/calendar.ts";
import { createChores } from "../../src/store/chores.ts";
import type { StoreOptions } from "../../src/store/sqlite/store.ts";
import { batch, createWorld, DAY_MS, day, NOW, request } from "./world.ts";

afterEach(() => vi.useRealTimers());

/** Chores of a store whose days are folded by `createDayFolder`, with a past day that has one request. */
function start(createDayFolder: StoreOptions["createDayFolder"]) {
  vi.useFakeTimers({ now: NOW });
  const world = createWorld({ createDayFolder });
  const told: StoreToObserver[] = [];
  const reported: string[] = [];
  const chores = createChores({
    store: world.store,
    calendar: createCalendar("UTC"),
    clock: { now: () => Date.now(), mono: () => Date.now() },
    tell: (message) => void told.push(message),
    report: (line) => void reported.push(line),
  });
  onTestFinished(() => {
    chores.stop();
    world.remove();
  });
  world.store.append([batch(request({ span: 1, timeMs: NOW - DAY_MS }))], NOW);
  const of = (type: StoreToObserver["type"]) => told.filter((message) => message.type === type);
  return { chores, world, reported, of };
}

it("a day that could not be folded is put back after a second, until it is answered", async () => {
  let failures = 2;
  const { chores, reported, of } = start(() => ({
    add: () => {
      if (failures-- > 0) throw new Error("no such luck");
    },
    encode: () => [],
  }));
  chores.fold(day(1));
  await vi.advanceTimersByTimeAsync(900);
  expect(reported).toEqual(["days cannot be folded, and are tried again: no such luck"]);
  expect(of("day")).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(reported).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1100);
  expect(of("day")).toMatchObject([{ day: day(1), slices: [] }]);
  expect(of("closed")).toMatchObject([{ day: day(1) }]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(of("day")).toHaveLength(1);
  expect(reported).toHaveLength(1);
});

it("nothing is tried again after the stop", async () => {
  let folded = 0;
  const { chores, of } = start(() => ({
    add: () => {
      folded += 1;
      throw new Error("no such luck");
    },
    encode: () => [],
  }));
  chores.fold(day(1));
  await vi.advanceTimersByTimeAsync(100);
  chores.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(folded).toBe(1);
  expect(of("day")).toEqual([]);
});
