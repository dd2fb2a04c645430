import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Fact } from "../../src/contract/fact.ts";
import { batch, createWorld, id, log, message, NOW, request, tool, TRACE } from "./world.ts";
import type { World } from "./world.ts";

let world: World;
beforeEach(() => (world = createWorld()));
afterEach(() => world.remove());

const failure = { failed: true, errorType: "timeout", errorMessage: "no answer in time" };
const failed = (more: object = {}) =>
  request({ span: 2, parent: 1, timeMs: NOW - 500, ...failure, channel: "backup", model: "glm", ...more });
const record = (n: number, more: object = {}) =>
  log({
    n,
    traceId: TRACE,
    spanId: id(2),
    level: "error",
    message: `it broke ${n}`,
    stack: "Error\n    at x",
    timeMs: NOW - 900,
    ...more,
  });

/** Appends each by itself; says which made an item. */
function items(...facts: Fact[]): boolean[] {
  return facts.flatMap((fact) => world.store.append([batch(fact)], NOW).changes.map((change) => change.fact.errorItem));
}

// contract §4: "error log records, failed requests and failed tool calls. A record and a failed fact of the same span are
// one item: the first to arrive makes it and keeps its time and place, later ones fill `stack` and `context`. `stack`:
// `exception.stacktrace`, else null"
describe("a record and a failed fact of the same span are one item", () => {
  test.for([false, true])("the first to arrive makes it: the record (restart between: %s)", (restart) => {
    const first = items(record(1));
    if (restart) world.restart();
    expect([...first, ...items(failed())]).toEqual([true, false]);
    expect(world.reader.errors({ limit: 9 }).lines).toMatchObject([
      {
        timeMs: NOW - 900,
        error: "it broke 1",
        stack: "Error\n    at x",
        channel: "backup",
        model: "glm",
        traceId: TRACE,
        spanId: id(2),
      },
    ]);
  });

  test.for([false, true])("the first to arrive makes it: the failed fact (restart between: %s)", (restart) => {
    const first = items(failed());
    if (restart) world.restart();
    expect([...first, ...items(record(1), record(2, { stack: "second" }))]).toEqual([true, false, false]);
    expect(world.reader.errors({ limit: 9 }).lines).toMatchObject([
      { timeMs: NOW - 500, error: "no answer in time", stack: "Error\n    at x", channel: "backup", model: "glm" },
    ]);
    expect(world.reader.logs({ limit: 9, level: "error" }).lines).toHaveLength(2);
  });

  test("in one batch the order in it decides", () => {
    world.store.append([batch(record(1), failed())], NOW);
    expect(world.reader.errors({ limit: 9 }).lines).toMatchObject([{ error: "it broke 1" }]);
  });

  test("what an item has itself is not replaced", () => {
    expect(items(failed({ stack: "own" }), record(1, { channel: "other", model: "other" }))).toEqual([true, false]);
    expect(world.reader.errors({ limit: 9 }).lines).toMatchObject([{ stack: "own", channel: "backup", model: "glm" }]);
    // The record is still the log line that it was.
    expect(world.reader.logs({ limit: 9 }).lines).toMatchObject([{ message: "it broke 1", model: "other" }]);
  });
});

test("error records of a span that did not fail, or of none, are an item each", () => {
  expect(items(record(1), record(2), log({ n: 3, level: "error" }), log({ n: 4, level: "error" }))).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

test("failed requests and tool calls make items, failed messages and lower levels do not", () => {
  const made = items(
    tool({ span: 3, ...failure, errorMessage: undefined }),
    message({ span: 1, ...failure }),
    log({ n: 9, level: "warn" }),
    request({ span: 4 }),
  );
  expect(made).toEqual([true, false, false, false]);
  const [item] = world.reader.errors({ limit: 9 }).lines;
  expect(item).toMatchObject({ error: "timeout", stack: undefined, channel: undefined, model: undefined });
});

test("an outer span that does not count makes no item of its own", () => {
  expect(items(failed(), request({ span: 1, ...failure }))).toEqual([true]);
  expect(world.reader.errors({ limit: 9 }).lines).toHaveLength(1);
});

test("error items keep their texts for those who are told, other facts do not, and nobody is told contents", () => {
  const facts = [
    failed({ stack: "s" }),
    tool({ span: 3, args: "{}", result: "1" }),
    log({ n: 1, meta: "{}" }),
    record(7, { spanId: id(8) }),
  ];
  const { changes } = world.store.append([batch(...facts)], NOW);
  expect(changes.map(({ fact }) => fact)).toMatchObject([
    { errorMessage: "no answer in time", stack: "s" },
    { args: undefined, result: undefined },
    { message: "", meta: undefined },
    { message: "it broke 7", stack: "Error\n    at x" },
  ]);
});
