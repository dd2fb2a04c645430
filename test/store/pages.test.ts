import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fact, Level } from "../../src/contract/fact.ts";
import type { Before, Page } from "../../src/store/reader.ts";
import { batch, createWorld, id, link, log, message, NOW, request, tool, trace, TRACE } from "./world.ts";
import type { World } from "./world.ts";

const LEVELS: Level[] = ["error", "warn", "info", "debug"];
const TOOLS = ["dice", "time", "weather"];
const USERS = ["u1", "u2", undefined];

/** Few instants, so that many lines share one. */
const facts: Fact[] = Array.from({ length: 300 }, (_, n) => {
  const at = { timeMs: NOW - 5000 + ((n * 7) % 5), timeNs: (n * 3) % 2 };
  if (n % 3 === 0) return log({ n, ...at, level: LEVELS[n % 4]!, message: `line ${n}` });
  if (n % 3 === 1) return request({ span: n + 1, trace: trace(n), ...at, failed: n % 5 === 0, errorType: "timeout" });
  return tool({
    span: n + 1,
    trace: trace(n),
    ...at,
    tool: TOOLS[n % 2]!,
    userId: USERS[n % 3 === 2 ? (n % 5) % 3 : 0],
    failed: n % 4 === 0,
  });
});

let world: World;
beforeAll(() => {
  world = createWorld();
  world.store.append([batch(...facts)], NOW);
});
afterAll(() => world.remove());

type Line = { row: number; timeMs: number; timeNs: number };

/** All pages one after another. */
function walk<L extends Line>(
  read: (query: { limit: number; before?: Before }) => Page<L>,
  limit: number,
  from?: Before,
): L[] {
  const found: L[] = [];
  let before = from;
  for (;;) {
    const { lines, next } = read({ limit, before });
    expect(lines.length).toBeLessThanOrEqual(limit);
    found.push(...lines);
    expect(found.length).toBeLessThanOrEqual(facts.length);
    if (next === undefined) return found;
    expect(lines).toHaveLength(limit);
    before = next;
  }
}

function newestFirst(list: readonly Fact[]): number[] {
  const rows = list.map((fact) => ({ fact, row: facts.indexOf(fact) + 1 }));
  return rows
    .toSorted((a, b) => b.fact.timeMs - a.fact.timeMs || b.fact.timeNs - a.fact.timeNs || b.row - a.row)
    .map(({ row }) => row);
}

const isBefore = (fact: Fact, before?: Before): boolean =>
  before === undefined || fact.timeMs < before.timeMs || (fact.timeMs === before.timeMs && fact.timeNs < before.timeNs);

const befores = fc.option(fc.record({ timeMs: fc.integer({ min: NOW - 5002, max: NOW - 4994 }), timeNs: fc.nat(2) }), {
  nil: undefined,
});
const limits = fc.constantFrom(1, 2, 7, 100, 1000);
const maybe = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

// contract §4: "newest first; `level` exactly that level; `before` exclusive: … which pages without loss or repeat even
// where times are equal." "A filter is applied before the limit"
describe("pages without loss or repeat even where times are equal", () => {
  test("log lines, `level` exactly that level", () => {
    fc.assert(
      fc.property(limits, maybe(...LEVELS), befores, (limit, level, before) => {
        const lines = walk((query) => world.reader.logs({ ...query, level }), limit, before);
        const wanted = facts.filter(
          (fact) => fact.kind === "log" && (level === undefined || fact.level === level) && isBefore(fact, before),
        );
        expect(lines.map(({ row }) => row)).toEqual(newestFirst(wanted));
      }),
    );
  });

  test("tool logs: a filter is applied before the limit", () => {
    fc.assert(
      fc.property(
        limits,
        maybe(...TOOLS, "none"),
        maybe("u1", "u2", "nobody"),
        maybe(true, false),
        befores,
        (limit, name, userId, failed, before) => {
          const lines = walk((query) => world.reader.toolLogs({ ...query, tool: name, userId, failed }), limit, before);
          const wanted = facts.filter(
            (fact) =>
              fact.kind === "tool" &&
              (name === undefined || fact.tool === name) &&
              (userId === undefined || fact.userId === userId) &&
              (failed === undefined || fact.failed === failed) &&
              isBefore(fact, before),
          );
          expect(lines.map(({ row }) => row)).toEqual(newestFirst(wanted));
        },
      ),
    );
  });

  test("errors", () => {
    fc.assert(
      fc.property(limits, befores, (limit, before) => {
        const lines = walk((query) => world.reader.errors(query), limit, before);
        const wanted = facts.filter(
          (fact) =>
            (fact.kind === "log" ? fact.level === "error" : fact.kind !== "message" && fact.failed) &&
            isBefore(fact, before),
        );
        expect(lines.map(({ row }) => row)).toEqual(newestFirst(wanted));
      }),
    );
  });
});

test("a line has what was stored, and a call that does not count is in no list", () => {
  const other = createWorld();
  try {
    const one = tool({
      span: 2,
      parent: 1,
      timeNs: 999_999,
      args: '{"é":1}',
      result: "[]",
      callId: "c",
      durationNs: 1_500_000,
      truncated: true,
      userId: "ü",
    });
    other.store.append([batch(one, tool({ span: 1, args: "1" })), { facts: [], links: [link(1, undefined)] }], NOW);
    const line = { timeMs: NOW - 1000, timeNs: 999_999, traceId: TRACE };
    const expected = {
      ...line,
      row: 1,
      spanId: id(2),
      key: one.key,
      tool: "dice",
      args: '{"é":1}',
      result: "[]",
      truncated: true,
    };
    expect(other.reader.toolLogs({ limit: 5 })).toEqual({
      lines: [{ ...expected, failed: false, durationNs: 1_500_000, userId: "ü" }],
    });
    other.store.append(
      [batch(log({ n: 1, ...line, spanId: id(5), meta: '{"a":1}', level: "warn", model: "m", userId: "u" }))],
      NOW,
    );
    expect(other.reader.logs({ limit: 5 })).toEqual({
      lines: [
        { ...line, row: 3, spanId: id(5), level: "warn", message: "line 1", meta: '{"a":1}', model: "m", userId: "u" },
      ],
    });
    other.store.append([batch(log({ n: 2, timeMs: NOW }))], NOW);
    expect(other.reader.logs({ limit: 1 }).lines[0]).toMatchObject({ traceId: undefined, spanId: undefined });
  } finally {
    other.remove();
  }
});

test("a snapshot sees one state, whatever is committed meanwhile", () => {
  const other = createWorld();
  try {
    other.store.append([batch(message({ span: 1 }))], NOW);
    other.reader.snapshot(() => {
      expect(other.reader.days()).toHaveLength(1);
      other.store.append([batch(message({ span: 2, timeMs: NOW - 86_400_000 }))], NOW);
      expect(other.reader.snapshot(() => other.reader.days())).toHaveLength(1);
    });
    expect(other.reader.days()).toHaveLength(2);
    expect(() =>
      other.reader.snapshot(() => {
        throw new RangeError("mine");
      }),
    ).toThrow("mine");
    expect(other.reader.days()).toHaveLength(2);
  } finally {
    other.remove();
  }
});
