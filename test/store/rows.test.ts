import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyFacts } from "./any-facts.ts";
import type { StoredFact } from "../../src/contract/fact.ts";
import { batch, createWorld, day, message, NOW, request, tool } from "./world.ts";

const UNREAD = new Set(["errorMessage", "stack", "message", "meta", "args", "result", "userName", "groupName"]);

/** As a fold reads it: without texts, contents and names. */
function folded(fact: StoredFact): object {
  return Object.fromEntries(Object.entries(fact).filter(([name]) => !UNREAD.has(name)));
}

test("a fact is read back as it was written, to the nanosecond and the last code point", () => {
  fc.assert(
    fc.property(anyFacts, (list) => {
      const read: StoredFact[] = [];
      const world = createWorld({ createDayFolder: () => ({ add: (fact) => void read.push(fact), encode: () => [] }) });
      try {
        const { changes } = world.store.append([batch(...list)], NOW);
        expect(changes.map(({ fact }) => fact.key)).toEqual(list.map(({ key }) => key));
        world.fold(day());
        const written = changes.map(({ fact }) => fact).filter(({ kind, errorItem }) => kind !== "log" || errorItem);
        expect(read.toSorted((a, b) => a.row - b.row).map(folded)).toEqual(written.map(folded));

        const lines = [...world.reader.logs({ limit: 99 }).lines, ...world.reader.toolLogs({ limit: 99 }).lines];
        for (const line of lines) {
          const { message: said, meta, args, result } = list[line.row - 1] as unknown as Record<string, string>;
          expect(line).toMatchObject("level" in line ? { message: said, meta } : { args, result });
        }
      } finally {
        world.remove();
      }
    }),
    { numRuns: 60 },
  );
});

test("what is given to an append is not changed by it", () => {
  const world = createWorld();
  try {
    const given = [
      request({ span: 2, parent: 1 }),
      tool({ span: 3, parent: 1, args: "{}" }),
      message({ span: 1, userId: "u" }),
    ];
    const copy = structuredClone(given);
    world.store.append([batch(...given)], NOW);
    expect(given).toEqual(copy);
  } finally {
    world.remove();
  }
});
