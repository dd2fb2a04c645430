import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Fact, StoredFact } from "../../src/contract/fact.ts";
import { batch, createWorld, day, log, message, NOW, request, tool, trace } from "./world.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("__proto__", "\u0000", "a\u0000b", "\u{1F600}", "'; DROP TABLE facts; --", "x".repeat(5000)),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const count = fc.oneof(fc.nat(), fc.constantFrom(0, 1, 2 ** 31, 2 ** 53 - 1));

const base = {
  timeMs: fc.integer({ min: NOW - 1000, max: NOW }),
  timeNs: fc.integer({ min: 0, max: 999_999 }),
  service: maybe(text),
  botId: maybe(text),
  userId: maybe(text),
  groupId: maybe(text),
};
const span = {
  ...base,
  durationNs: count,
  failed: fc.boolean(),
  errorType: maybe(text),
  errorMessage: maybe(text),
  stack: maybe(text),
};
const of = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }, make: (given: T, n: number) => Fact) =>
  fc.record<T>(model).map((given) => (n: number) => make(given, n));

const facts = fc
  .array(
    fc.oneof(
      of({ ...span, platform: maybe(text), responses: count, responseWaitNs: maybe(count) }, (given, n) =>
        message({ span: n + 1, trace: trace(n), ...given }),
      ),
      of(
        {
          ...span,
          operation: text,
          provider: maybe(text),
          model: text,
          channel: text,
          previousChannel: maybe(text),
          inputTokens: count,
          outputTokens: count,
          cachedTokens: count,
          cacheCreationTokens: count,
          reasoningTokens: count,
          usageMissing: fc.boolean(),
          firstChunkNs: maybe(count),
        },
        (given, n) => request({ span: n + 1, trace: trace(n), parent: n, ...given }),
      ),
      of(
        {
          ...span,
          tool: text,
          callId: maybe(text),
          args: maybe(text),
          result: maybe(text),
          truncated: maybe(fc.constant(true)),
        },
        (given, n) => tool({ span: n + 1, trace: trace(n), ...given }),
      ),
      of(
        {
          ...base,
          level: fc.constantFrom("error", "warn", "info", "debug"),
          message: text,
          meta: maybe(text),
          stack: maybe(text),
          channel: maybe(text),
          model: maybe(text),
        },
        (given, n) => log({ n, ...given }),
      ),
    ),
    { maxLength: 20 },
  )
  .map((makers) => makers.map((make, n) => make(n)));

const UNREAD = new Set(["errorMessage", "stack", "message", "meta", "args", "result", "userName", "groupName"]);

/** As a fold reads it: without texts, contents and names. */
function folded(fact: StoredFact): object {
  return Object.fromEntries(Object.entries(fact).filter(([name]) => !UNREAD.has(name)));
}

test("a fact is read back as it was written, to the nanosecond and the last code point", () => {
  fc.assert(
    fc.property(facts, (list) => {
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
