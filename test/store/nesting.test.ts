import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Fact, Link } from "../../src/contract/fact.ts";
import { batch, createWorld, id, link, message, NOW, request, tool } from "./world.ts";
import type { World } from "./world.ts";

let world: World;
beforeEach(() => (world = createWorld()));
afterEach(() => world.remove());

/** Span ids of the facts that count, in the order in which they came. */
function counted(...appends: { facts: Fact[]; links: Link[]; atOnce?: boolean }[]): string[] {
  return appends.flatMap((one) => world.store.append([one], NOW).changes.map(({ fact }) => fact.spanId!));
}

// contract §2: "One call is one request, and one tool call: of spans of the same kind of fact nested in each other, the
// innermost counts. Nested means ancestor and descendant with no other fact's span and no `invoke_agent` between them."
describe("of spans of the same kind of fact nested in each other, the innermost counts", () => {
  test("in the order in which spans end", () => {
    expect(
      counted(
        batch(request({ span: 3, parent: 2 })),
        batch(request({ span: 2, parent: 1 })),
        batch(request({ span: 1 })),
      ),
    ).toEqual([id(3)]);
  });

  test("over spans that are no facts, which may come before or in between", () => {
    expect(
      counted(
        batch(tool({ span: 5, parent: 4 })),
        { facts: [], links: [link(4, 3), link(3, 2)] },
        batch(tool({ span: 2, parent: 1 })),
        { facts: [tool({ span: 1 })], links: [] },
      ),
    ).toEqual([id(5)]);
  });

  test("two calls in one outer span both count", () => {
    expect(
      counted(
        batch(request({ span: 2, parent: 1 })),
        batch(request({ span: 3, parent: 1 })),
        batch(request({ span: 1 })),
      ),
    ).toEqual([id(2), id(3)]);
  });

  test("no other fact's span and no `invoke_agent` between them", () => {
    const agents = { facts: [], links: [link(2, 1, true)] };
    expect(counted(batch(request({ span: 3, parent: 2 })), agents, batch(request({ span: 1 })))).toEqual([
      id(3),
      id(1),
    ]);
    const tools = batch(request({ span: 13, parent: 12 }), tool({ span: 12, parent: 11 }), request({ span: 11 }));
    expect(counted(tools)).toEqual([id(13), id(12), id(11)]);
    expect(
      counted(batch(request({ span: 23, parent: 22 }), message({ span: 22, parent: 21 }), request({ span: 21 }))),
    ).toHaveLength(3);
  });

  test("if an outer one was counted before its inner one came, it stays the one", () => {
    // contract §2: "If an outer one was counted before its inner one came, it stays the one. The decision is made once and stored with the fact."
    expect(counted(batch(request({ span: 1 })), batch(request({ span: 2, parent: 1 })))).toEqual([id(1)]);
    world.restart();
    expect(counted(batch(request({ span: 3, parent: 2 })))).toEqual([]);
    expect(world.fold(world.store.openDays()[0]!).map(({ row }) => row)).toEqual([1]);
  });

  test("what came at once is decided from the inside, whatever its order", () => {
    const facts = [request({ span: 1 }), request({ span: 2, parent: 1 }), request({ span: 3, parent: 2 })];
    expect(counted({ facts, links: [], atOnce: true })).toEqual([id(3)]);
  });

  test("a sender's loop of parents ends", () => {
    expect(
      counted(batch(request({ span: 1, parent: 2 }), request({ span: 2, parent: 1 }), request({ span: 3, parent: 3 }))),
    ).toHaveLength(2);
  });

  test("the decision is remembered over a restart", () => {
    counted(batch(request({ span: 3, parent: 2 })), batch(request({ span: 2, parent: 1 })));
    world.restart();
    expect(counted(batch(request({ span: 1 })))).toEqual([]);
  });
});

// contract §2: "What may still come later from an outer span: arguments and result, error text."
test("what may still come later from an outer span: arguments and result, error text", () => {
  world.store.append(
    [batch(tool({ span: 2, parent: 1, args: undefined, result: '"mine"', failed: true, errorType: "timeout" }))],
    NOW,
  );
  const outer = tool({
    span: 1,
    args: '{"a":1}',
    result: '"outer"',
    failed: true,
    errorMessage: "took too long",
    truncated: true,
  });
  expect(world.store.append([batch(outer)], NOW).changes).toEqual([]);
  expect(world.reader.toolLogs({ limit: 9 }).lines).toMatchObject([
    { args: '{"a":1}', result: '"mine"', truncated: true },
  ]);
  expect(world.reader.errors({ limit: 9 }).lines).toMatchObject([{ error: "took too long", spanId: id(2) }]);
});

interface Node {
  role: "request" | "tool" | "message" | "link" | "agent";
  parent: number | undefined;
  at: number;
}

const trees = fc.array(
  fc.record({
    role: fc.constantFrom<Node["role"][]>("request", "request", "request", "tool", "message", "link", "link", "agent"),
    above: fc.nat(),
    at: fc.nat(),
  }),
  { minLength: 1, maxLength: 9 },
);

/** The contract, span by span, with nothing remembered but what came. */
function expected(nodes: readonly Node[], order: readonly number[]): Set<number> {
  const came = new Set<number>();
  const counts = new Set<number>();
  const chain = (from: number): number[] => {
    const found: number[] = [];
    for (let at = nodes[from]!.parent; at !== undefined && came.has(at); at = nodes[at]!.parent) {
      const { role } = nodes[at]!;
      if (role === nodes[from]!.role) found.push(at);
      else if (role !== "link") break;
    }
    return found;
  };
  for (const n of order) {
    came.add(n);
    const { role } = nodes[n]!;
    if (role === "link" || role === "agent") continue;
    const inner = [...came].filter((other) => nodes[other]!.role === role && chain(other).includes(n));
    if (role === "message" || ![...chain(n), ...inner].some((other) => counts.has(other))) counts.add(n);
  }
  return counts;
}

test("any tree of spans, in any order", () => {
  fc.assert(
    fc.property(trees, fc.boolean(), (drawn, natural) => {
      const fresh = createWorld();
      try {
        const nodes: Node[] = drawn.map(({ role, above, at }, n) => ({
          role,
          at,
          parent: n === 0 ? undefined : above % n,
        }));
        const all = nodes.map((_, n) => n);
        const order = natural ? all.toReversed() : all.toSorted((a, b) => nodes[a]!.at - nodes[b]!.at);
        const rows: number[] = [];
        for (const n of order) {
          const { role, parent } = nodes[n]!;
          const given = { span: n + 1, parent: parent === undefined ? undefined : parent + 1 };
          const make = { request, tool, message };
          const append =
            role === "link" || role === "agent"
              ? { facts: [], links: [link(given.span, given.parent, role === "agent")] }
              : batch(make[role](given));
          for (const { fact } of fresh.store.append([append], NOW).changes)
            rows.push(Number.parseInt(fact.spanId!, 16) - 1);
        }
        expect(new Set(rows)).toEqual(expected(nodes, order));
      } finally {
        fresh.remove();
      }
    }),
    { numRuns: 200 },
  );
});
