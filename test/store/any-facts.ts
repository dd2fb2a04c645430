import * as fc from "fast-check";
import type { Fact } from "../../src/contract/fact.ts";
import { log, message, NOW, request, tool, trace } from "./world.ts";

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

/** Facts of every kind, with any text and number in every field, told apart by their places. */
export const anyFacts = fc
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
