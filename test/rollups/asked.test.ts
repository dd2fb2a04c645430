import { describe, expect, test } from "vitest";
import { NEW } from "../../src/contract/fact.ts";
import type { StoredFact } from "../../src/contract/fact.ts";
import type { EncodedSlice } from "../../src/contract/thread.ts";
import { createCalendar } from "../../src/lib/calendar.ts";
import { activeUsersFold } from "../../src/rollups/active.ts";
import { dailyFold, readDaily } from "../../src/rollups/daily.ts";
import type { DailyState } from "../../src/rollups/daily.ts";
import { createDayFolder, createDayStates } from "../../src/rollups/day.ts";
import { createShelf, createWindow } from "../../src/rollups/shelf.ts";
import type { Window } from "../../src/rollups/shelf.ts";
import type { WindowSource } from "../../src/rollups/window.ts";
import { createWindows } from "../../src/rollups/windows.ts";
import { newestFold } from "../../src/rollups/channels.ts";
import type { DayBlob, StoredDay } from "../../src/store/reader.ts";
import { factOf } from "./facts.ts";

const TODAY = 20_000;
const calendar = createCalendar("Europe/Berlin");

/** A database with one message a day, which writes down what it is asked for. */
function database(closed: number[], open: number[] = []) {
  const asked: number[] = [];
  const read: [fold: string, selection: string, from: number, to: number][] = [];
  const days: StoredDay[] = [...closed, ...open]
    .sort((a, b) => a - b)
    .map((day) => ({ day, closed: closed.includes(day), commit: 0 }));
  const blobs: Record<number, Pick<DayBlob, "commit" | "version">> = {};
  const source: WindowSource = {
    dayOf: calendar.dayOf,
    snapshot: (work) => work(),
    days: () => days.map((day) => ({ ...day, commit: blobs[day.day]?.commit ?? day.commit })),
    blobs(fold, selection, from, to) {
      read.push([fold, selection, from, to]);
      const at = closed.filter((day) => day >= from && day <= to);
      return at.flatMap((day) =>
        slicesOf(message(day))
          .filter((slice) => slice.fold === fold && slice.selection === selection)
          .map(({ state, version }) => ({ day, state, version, commit: 0, ...blobs[day] })),
      );
    },
    requestDay: (day) => void asked.push(day),
  };
  return { source, asked, read, blobs, days };
}

let rows = 0;
function message(day: number, user = "u1"): StoredFact {
  rows += 1;
  const kind = "message";
  const rest = { group: "g1", name: "m", durationNs: 1, failed: false, counted: true, amount: 1 };
  return factOf({ kind, day, at: 0.5, timeNs: 0, user, ...rest }, calendar, rows);
}

function slicesOf(...facts: StoredFact[]): EncodedSlice[] {
  const folder = createDayFolder(calendar.dayOf(facts[0]?.timeMs ?? 0));
  for (const fact of facts) folder.add(fact);
  return folder.encode();
}

const isNew = (fact: StoredFact) => ({ fact, before: NEW });
const messages = (state: DailyState) => readDaily(state, undefined, TODAY + 9).totals.messages;

describe("what the store is asked for", () => {
  test("an open day is folded once, however many wait for it", async () => {
    const { source, asked } = database([TODAY - 1], [TODAY]);
    const windows = createWindows(source);
    const states = [
      windows.state(dailyFold, "", { to: TODAY }),
      windows.state(dailyFold, "", { from: TODAY, to: TODAY }),
      windows.state(dailyFold, "g1", { to: TODAY }),
      windows.state(activeUsersFold, "", { from: TODAY - 6, to: TODAY }),
    ];
    expect(asked).toEqual([TODAY]);
    windows.install(TODAY, 1, slicesOf(message(TODAY), message(TODAY, "u2")));
    const [all, day, group] = (await Promise.all(states.map(async (each) => each))) as [
      DailyState,
      DailyState,
      DailyState,
      Set<string>,
    ];
    expect([all, day, group].map(messages)).toEqual([3, 2, 3]);
    expect(windows.state(activeUsersFold, "", { to: TODAY })).toEqual(new Set(["u1", "u2"]));
    expect(asked).toEqual([TODAY]);
  });

  test("days of another version of a fold are folded again", async () => {
    const { source, asked, blobs } = database([TODAY - 1, TODAY - 2]);
    blobs[TODAY - 1] = { version: 0, commit: 0 };
    const windows = createWindows(source);
    const state = windows.state(dailyFold, "", { to: TODAY });
    expect(asked).toEqual([TODAY - 1]);
    windows.install(TODAY - 1, 1, slicesOf(message(TODAY - 1), message(TODAY - 1)));
    expect(messages(await state)).toBe(3);
  });

  test("a day on which more happens than is kept while it is folded is asked for again", async () => {
    const { source, asked } = database([], [TODAY]);
    const windows = createWindows(source);
    const state = windows.state(dailyFold, "", { to: TODAY });
    const late = Array.from({ length: 25_000 }, () => message(TODAY));
    windows.apply(1, late.map(isNew));
    windows.install(TODAY, 0, []);
    expect(asked).toEqual([TODAY, TODAY]);
    windows.install(TODAY, 1, slicesOf(...late));
    expect(messages(await state)).toBe(25_000);
  });

  test("an answer that nobody waits for is ignored", () => {
    const { source, days } = database([]);
    const windows = createWindows(source);
    windows.apply(5, [isNew(message(TODAY))]);
    windows.install(TODAY, 4, []);
    days.push({ day: TODAY, closed: false, commit: 0 });
    expect(windows.state(dailyFold, "", { from: TODAY, to: TODAY })).toBeInstanceOf(Promise);
  });

  test("a store that was started again is asked again, and its answer is taken", async () => {
    const { source, asked } = database([], [TODAY]);
    const windows = createWindows(source);
    const state = windows.state(dailyFold, "", { to: TODAY });
    windows.reset(0);
    await Promise.resolve();
    await Promise.resolve();
    expect(asked).toEqual([TODAY, TODAY]);
    windows.install(TODAY, 0, slicesOf(message(TODAY)));
    expect(messages(await state)).toBe(1);
  });
});

describe("what is read from the database", () => {
  test("a blob that is ahead of us is used as soon as its commit was applied, without another fold", async () => {
    const { source, asked, blobs } = database([TODAY - 1]);
    blobs[TODAY - 1] = { version: 1, commit: 7 };
    const windows = createWindows(source);
    windows.reset(5);
    const state = windows.state(dailyFold, "", { to: TODAY });
    expect(state).toBeInstanceOf(Promise);
    windows.apply(7, [isNew(message(TODAY - 1))]);
    expect(messages(await state)).toBe(1);
    expect(asked).toEqual([]);
  });

  test("commits that changed nothing, and so never come, are not waited for", async () => {
    const { source, blobs } = database([TODAY - 1], [TODAY]);
    blobs[TODAY - 1] = { version: 1, commit: 7 };
    for (const hear of ["closed", "install"] as const) {
      const windows = createWindows(source);
      windows.reset(5);
      const state = windows.state(dailyFold, "", { to: TODAY - 1 });
      expect(state).toBeInstanceOf(Promise);
      if (hear === "closed") windows.closed(TODAY - 1, 7);
      else windows.install(TODAY, 8, []);
      expect(messages(await state)).toBe(1);
    }
  });

  test("a commit that is told twice is applied once", () => {
    const windows = createWindows(database([]).source);
    const state = windows.state(dailyFold, "", { to: TODAY });
    for (const commit of [1, 2, 2, 1]) windows.apply(commit, [isNew(message(TODAY))]);
    expect(messages(state as DailyState)).toBe(2);
  });

  test("when the day changes, the window of all days reads only the new one", () => {
    const { source, read, days } = database([TODAY - 2, TODAY - 1]);
    const windows = createWindows(source);
    const state = windows.state(dailyFold, "", { to: TODAY });
    expect(messages(state as DailyState)).toBe(2);
    windows.apply(1, [isNew(message(TODAY)), isNew(message(TODAY + 1))]);
    expect(messages(state as DailyState)).toBe(3);
    days.push({ day: TODAY, closed: false, commit: 0 }, { day: TODAY + 1, closed: true, commit: 0 });
    read.length = 0;
    expect(windows.state(dailyFold, "", { to: TODAY + 1 })).toBe(state);
    expect(read).toEqual([["daily", "", TODAY + 1, TODAY + 1]]);
    windows.apply(2, [isNew(message(TODAY - 1))]);
    expect(messages(state as DailyState)).toBe(4);
  });

  test("a window is built once, and only one that was not asked for the longest time again", () => {
    const { source, read } = database([TODAY]);
    const windows = createWindows(source, { maxWindows: 2 });
    const ask = (selection: string) => windows.state(dailyFold, selection, { to: TODAY });
    for (const selection of ["a", "b", "a", "c", "a", "b"]) void ask(selection);
    expect(read.map(([, selection]) => selection)).toEqual(["a", "b", "c", "b"]);
  });

  test("windows are bounded by the entries that they hold, too", () => {
    const { source, read } = database([TODAY]);
    const windows = createWindows(source, { maxEntries: 1 });
    const ask = (selection: string) => void windows.state(activeUsersFold, selection, { to: TODAY });
    for (const selection of ["", "", "g1", "g1", "", "none", "", "none"]) ask(selection);
    expect(read.map(([, selection]) => selection)).toEqual(["", "g1", "", "none"]);
  });

  test("open days that are held are bounded: the next one is asked for again, and windows stay true", async () => {
    const { source, asked } = database([], [TODAY - 1, TODAY]);
    const windows = createWindows(source, { maxDays: 1 });
    const state = windows.state(dailyFold, "", { to: TODAY });
    windows.install(TODAY - 1, 1, slicesOf(message(TODAY - 1)));
    windows.install(TODAY, 1, slicesOf(message(TODAY)));
    windows.apply(2, [isNew(message(TODAY - 1))]);
    expect(messages(await state)).toBe(3);
    expect(asked).toEqual([TODAY - 1, TODAY]);
    void windows.state(activeUsersFold, "", { to: TODAY });
    expect(asked).toEqual([TODAY - 1, TODAY, TODAY - 1]);
  });
});

test("too many answers that wait for the store are refused, the oldest first", async () => {
  const { source } = database([], [TODAY]);
  const windows = createWindows(source, { maxWindows: 1 });
  const first = windows.state(dailyFold, "a", { to: TODAY });
  const second = windows.state(dailyFold, "b", { to: TODAY });
  await expect(first).rejects.toMatchObject({ code: "UNAVAILABLE" });
  windows.install(TODAY, 1, []);
  expect(messages(await second)).toBe(0);
});

test("what was encoded by another version of a fold is left out of a day", () => {
  const slices = slicesOf(message(TODAY));
  const day = createDayStates(TODAY, [...slices.map((slice) => ({ ...slice, version: 0 })), ...slices.slice(0, 1)]);
  expect(day.encode()).toEqual(slices.slice(0, 1));
});

test("a window that is dropped leaves nothing behind, and goes on waiting for nothing", async () => {
  const left: unknown[] = [];
  const shelf = createShelf(1, 10, (window) => left.push(window));
  const [one, two] = ["a", "b"].map((selection) => createWindow(dailyFold, selection, TODAY, TODAY, new Map()));
  shelf.put(one as Window);
  shelf.put(two as Window);
  await one?.ready;
  expect(left).toEqual([one]);
  expect([...shelf.all()]).toEqual([two]);
  expect([...shelf.ranges("a")]).toEqual([]);
  expect([...shelf.ranges("b")]).toHaveLength(1);
});

test("a fold of the whole only has no window of a group", () => {
  const windows = createWindows(database([TODAY]).source);
  expect(() => windows.state(newestFold, "g1", {})).toThrow(RangeError);
});

// Facts that are dated up to 10 minutes ahead are taken: shortly before midnight that is tomorrow.
test("what is dated tomorrow is in no window up to today, and in that of tomorrow", () => {
  const { source } = database([]);
  const windows = createWindows(source);
  const today = windows.state(dailyFold, "", { to: TODAY }) as DailyState;
  const ever = windows.state(dailyFold, "", {}) as DailyState;
  windows.apply(1, [isNew(message(TODAY + 1))]);
  expect([today, ever].map(messages)).toEqual([0, 1]);
});
