import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createCalendar } from "../../src/lib/calendar.ts";
import { createWindows } from "../../src/rollups/windows.ts";
import { FOLDS } from "../../src/rollups/folds.ts";
import type { Fold } from "../../src/contract/fold.ts";
import { spans } from "./facts.ts";
import type { Span } from "./facts.ts";
import { createModel } from "./model.ts";

const ZONES = { "Asia/Kathmandu": "2024-03-08", "America/New_York": "2024-03-09", "Europe/Berlin": "2024-10-26" };
const DAYS = 4;
/** Few, so that one window is read again and again. */
const SELECTIONS = ["", "g1", "__proto__"];

type Step =
  | { do: "commit"; spans: Span[]; joins: number; moved: boolean }
  | { do: "deliver"; count: number }
  | { do: "read"; fold: number; selection: string; from?: number; days: number }
  | { do: "fold" | "answer" | "close" | "midnight" | "restart" };

function steps(first: number): fc.Arbitrary<Step[]> {
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant("commit" as const),
        spans: fc.array(spans(first, DAYS), { maxLength: 4 }),
        joins: fc.nat(3),
        moved: fc.boolean(),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant("deliver" as const), count: fc.integer({ min: 1, max: 4 }) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant("read" as const),
        fold: fc.nat(1),
        selection: fc.constantFrom(...SELECTIONS),
        from: fc.constantFrom(undefined, 0, 1),
        days: fc.constantFrom(0, 1, 2, Infinity),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("fold" as const, "answer" as const, "close" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("midnight" as const, "restart" as const) }) },
  );
  return fc.array(step, { minLength: 10, maxLength: 120 });
}

/** Runs the steps; every state that is read must be that of the commits which were delivered until then. */
async function run(zone: string, first: number, folds: Fold<unknown>[], list: Step[]): Promise<void> {
  const model = createModel(createCalendar(zone));
  const windows = createWindows(model.source, { maxWindows: 12, maxEntries: 60, maxDays: 2 });
  model.connect(windows);
  let today = first + 1;
  const open = new Set<string>();

  function read(step: Step & { do: "read" }): void {
    const fold = folds[step.fold] as Fold<unknown>;
    const selection = fold.wholeOnly ? "" : step.selection;
    const days = {
      from: step.from === undefined ? undefined : today - step.from,
      to: step.days === Infinity ? undefined : today,
    };
    const name = `${fold.name} of ${JSON.stringify(selection)} over ${JSON.stringify(days)}`;
    const check = (state: unknown): void => {
      open.delete(name);
      expect(fold.encode(state), name).toEqual(fold.encode(model.expected(fold, selection, days)));
    };
    const refused = (error: unknown): void => {
      open.delete(name);
      expect(error).toMatchObject({ code: "UNAVAILABLE" });
    };
    const state = windows.state(fold, selection, days);
    if (!(state instanceof Promise)) return check(state);
    open.add(name);
    failures.push(state.then(check, refused));
  }
  const failures: Promise<void>[] = [];

  for (const step of list) {
    if (step.do === "commit") model.commit(step.spans, step.joins, step.moved);
    else if (step.do === "deliver") for (let i = 0; i < step.count; i += 1) await model.deliver();
    else if (step.do === "read") read(step);
    else if (step.do === "fold") model.startFold();
    else if (step.do === "answer") model.answer();
    else if (step.do === "close") model.close();
    else if (step.do === "midnight") today += 1;
    else await model.restart();
  }
  await model.finish();
  await Promise.all(failures);
  expect([...open]).toEqual([]);
  for (const [place, fold] of folds.entries()) {
    for (const selection of fold.wholeOnly ? [""] : SELECTIONS) {
      for (const [from, days] of [
        [undefined, 0],
        [0, 0],
        [2, 0],
        [undefined, Infinity],
      ] as const) {
        read({ do: "read", fold: place, selection, from, days });
        await model.finish();
      }
    }
  }
  await Promise.all(failures);
  expect([...open]).toEqual([]);
}

test.each(Object.entries(ZONES))(
  "a window in %s is that of the applied commits, whatever the database is ahead, joins, closes, voids and forgets",
  async (zone, date) => {
    const first = Date.parse(date) / 86_400_000;
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...FOLDS], { minLength: 2, maxLength: 2 }), steps(first), (folds, list) =>
        run(zone, first, folds, list),
      ),
      { numRuns: 400 },
    );
  },
);
