import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createJournal } from "../../src/store/journal.ts";

interface State {
  object: Record<string, number | undefined>;
  list: number[];
  map: Map<string, number>;
}

const name = fc.constantFrom("a", "b", "c");
const step = fc.oneof(
  fc.record({
    do: fc.constantFrom("set" as const, "put" as const, "push" as const, "drop" as const),
    name,
    value: fc.nat(9),
  }),
  fc.record({ do: fc.constantFrom("keep" as const, "undo" as const), name, value: fc.nat(9) }),
);

test("all is as it was after the last keep", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
      const journal = createJournal();
      const state: State = { object: {}, list: [], map: new Map() };
      let kept = structuredClone(state);
      for (const { do: what, name: field, value } of steps) {
        if (what === "set") journal.set(state.object, field, value);
        else if (what === "put") journal.put(state.map, field, value);
        else if (what === "drop" && state.map.has(field)) journal.drop(state.map, field);
        else if (what === "push") journal.push(state.list, value);
        else if (what === "keep") {
          journal.keep();
          kept = structuredClone(state);
        } else if (what === "undo") {
          journal.undo();
          expect(state).toEqual(kept);
        }
      }
      journal.undo();
      expect(state).toEqual(kept);
    }),
  );
});
