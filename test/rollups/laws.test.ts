import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GROUP, NEW, USER, ownerOf } from "../../src/contract/fact.ts";
import type { StoredFact } from "../../src/contract/fact.ts";
import type { Fold, Json } from "../../src/contract/fold.ts";
import { createCalendar } from "../../src/lib/calendar.ts";
import { createDayFolder, createDayStates } from "../../src/rollups/day.ts";
import { FOLDS } from "../../src/rollups/folds.ts";
import { factOf, spans } from "./facts.ts";

const calendar = createCalendar("Asia/Kathmandu");
const FIRST = 20_000;

const facts = fc
  .array(spans(FIRST, 3), { maxLength: 40 })
  .map((list) => list.map((span, i) => factOf({ ...span, counted: true }, calendar, i + 1)));

/** The facts and the same in another order. */
const shuffled = facts.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
);

/** The facts and where each goes: to the first, second or third part. */
const parted = facts.chain((list) =>
  fc.tuple(
    fc.constant(list),
    fc.array(fc.integer({ min: 0, max: 2 }), { minLength: list.length, maxLength: list.length }),
  ),
);

function stateOf(fold: Fold<unknown>, list: readonly StoredFact[]): unknown {
  const state = fold.zero();
  for (const fact of list) {
    if ((ownerOf(fact) & fold.needs) === fold.needs) fold.add(state, fact, calendar.dayOf(fact.timeMs));
  }
  return state;
}

function merged(fold: Fold<unknown>, ...states: unknown[]): unknown {
  const whole = fold.zero();
  for (const state of states) fold.merge(whole, state);
  return whole;
}

/** As it comes back from the disk. */
function stored(json: Json): Json {
  return JSON.parse(JSON.stringify(json)) as Json;
}

describe.each(FOLDS.map((fold) => ({ name: fold.name, fold })))("the fold $name", ({ fold }) => {
  test("order does not matter", () => {
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        expect(fold.encode(stateOf(fold, other))).toEqual(fold.encode(stateOf(fold, list)));
      }),
    );
  });

  test("merging the parts is the whole, in any order of the parts", () => {
    fc.assert(
      fc.property(parted, ([list, places]) => {
        const parts = [0, 1, 2].map((part) => list.filter((_, i) => places[i] === part));
        const [a, b, c] = parts.map((part) => stateOf(fold, part));
        const whole = fold.encode(stateOf(fold, list));
        expect(fold.encode(merged(fold, a, b, c))).toEqual(whole);
        expect(fold.encode(merged(fold, c, merged(fold, b, a)))).toEqual(whole);
      }),
    );
  });

  test("zero is neutral, and nothing is stored of it", () => {
    expect(fold.encode(fold.zero())).toBeUndefined();
    fc.assert(
      fc.property(facts, (list) => {
        const state = stateOf(fold, list);
        const before = fold.encode(state);
        fold.merge(state, fold.zero());
        expect(fold.encode(state)).toEqual(before);
        expect(fold.encode(merged(fold, fold.zero(), state))).toEqual(before);
      }),
    );
  });

  test("what was stored and read back is the same, also where it is merged at once", () => {
    fc.assert(
      fc.property(parted, ([list, places]) => {
        const [one, two] = [0, 1].map((part) =>
          stateOf(
            fold,
            list.filter((_, i) => places[i] === part),
          ),
        );
        const whole = fold.encode(merged(fold, one, two));
        const [first, second] = [fold.encode(one), fold.encode(two)];
        const state = first === undefined ? fold.zero() : fold.decode(stored(first));
        expect(fold.encode(state)).toEqual(first);
        if (second === undefined) return;
        expect(fold.encode(merged(fold, state, fold.decode(stored(second))))).toEqual(whole);
        fold.absorb?.(state, stored(second));
        if (fold.absorb !== undefined) expect(fold.encode(state)).toEqual(whole);
      }),
    );
  });

  test("a user or a group under another id is as if its facts had come under it, and nobody else changes", () => {
    fc.assert(
      fc.property(facts, fc.constantFrom("userId", "groupId"), fc.nat(), (list, field, which) => {
        const from = list[which % list.length]?.[field];
        if (from === undefined) return;
        const renamed = list.map((fact) => (fact[field] === from ? { ...fact, [field]: "forgotten-1" } : fact));
        const state = stateOf(fold, list);
        fold.rename?.(state, field === "userId" ? "user" : "group", from, "forgotten-1");
        expect(fold.encode(state)).toEqual(fold.encode(stateOf(fold, renamed)));
      }),
    );
  });

  test("what is merged in is neither kept nor changed", () => {
    fc.assert(
      fc.property(facts, facts, (list, more) => {
        const part = stateOf(fold, list);
        const before = fold.encode(part);
        const whole = merged(fold, part);
        for (const fact of more) {
          if ((ownerOf(fact) & fold.needs) === fold.needs) fold.add(whole, fact, calendar.dayOf(fact.timeMs));
        }
        fold.merge(whole, part);
        expect(fold.encode(part)).toEqual(before);
        const json = before === undefined ? undefined : stored(before);
        if (json === undefined) return;
        fold.merge(fold.decode(json), whole);
        expect(json).toEqual(before);
      }),
    );
  });
});

/** A fact as it is while only the `known` bits of its owner are known. */
function knownOnly(fact: StoredFact, known: number): StoredFact {
  const userId = (known & USER) === 0 ? undefined : fact.userId;
  return { ...fact, userId, groupId: (known & GROUP) === 0 ? undefined : fact.groupId };
}

// contract §2: "User and group missing on a request, a tool call or a log record are taken from the turn's message … Until then, and if it never comes, the fact counts in the totals and in no user or group."
test("a fact whose owner becomes known in steps is folded as if it had come whole", () => {
  const joined = facts.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.array(fc.constantFrom([3], [0, 3], [1, 3], [2, 3], [0, 1, 3], [0, 2, 3]), {
        minLength: list.length,
        maxLength: list.length,
      }),
      fc.boolean(),
    ),
  );
  fc.assert(
    fc.property(joined, ([list, steps, late]) => {
      const whole = createDayFolder(FIRST);
      for (const fact of list) whole.add(fact);
      const joins: (() => void)[] = [];
      let day = createDayStates(FIRST, []);
      for (const [i, fact] of list.entries()) {
        let before = NEW;
        for (const known of steps[i] ?? []) {
          const now = knownOnly(fact, known);
          const change = { fact: now, before };
          if (before === NEW) day.change(change);
          else joins.push(() => day.change(change));
          before = ownerOf(now);
        }
      }
      if (late) day = createDayStates(FIRST, stored(day.encode() as unknown as Json) as never);
      for (const join of joins) join();
      expect(byName(day.encode())).toEqual(byName(whole.encode()));
    }),
  );
});

test("a fact that is not counted is in no fold", () => {
  const folder = createDayFolder(FIRST);
  folder.add(
    factOf(
      {
        kind: "request",
        day: FIRST,
        at: 0,
        timeNs: 0,
        user: "u",
        group: "g",
        name: "m",
        durationNs: 1,
        failed: true,
        counted: false,
        amount: 3,
      },
      calendar,
      1,
    ),
  );
  expect(folder.encode()).toEqual([]);
});

function byName<Slice extends { fold: string; selection: string }>(slices: Slice[]): Slice[] {
  return slices.sort((a, b) => (a.fold + a.selection < b.fold + b.selection ? -1 : 1));
}
