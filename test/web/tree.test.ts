import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TraceSpan } from "../../src/contract/wire/traces.ts";
import { isQuiet, traceRows, unfolded } from "../../src/web/views/trace/tree.ts";

function span(spanId: string, parentId: string | null, more: Partial<TraceSpan> = {}): TraceSpan {
  const none = {
    status: null,
    counted: true,
    model: null,
    channel: null,
    provider: null,
    tokens: null,
    tool: null,
    error: null,
  };
  return { spanId, parentId, kind: "request", name: spanId, start: 0, duration: 1, ...none, attributes: {}, ...more };
}

const shown = (spans: TraceSpan[]) => traceRows(spans).map(({ span: { spanId }, depth }) => `${depth} ${spanId}`);

describe("the waterfall's order", () => {
  test("each before what it caused, those of one cause by their start", () => {
    const spans = [
      span("tool", "agent", { start: 5 }),
      span("root", null),
      span("late", "agent", { start: 9 }),
      span("agent", "root", { start: 1 }),
      span("line", "late", { kind: "log", start: 9.5 }),
    ];
    expect(shown(spans)).toEqual(["0 root", "1 agent", "2 tool", "2 late", "3 line"]);
  });

  test("a step whose cause is not there stands at the top; nothing hangs on a log line", () => {
    expect(shown([span("a", "gone"), span("log", "a", { kind: "log" }), span("b", "log")])).toEqual([
      "0 a",
      "1 log",
      "0 b",
    ]);
  });

  test("whatever causes what, also in a circle, each step is there once", () => {
    const ids = ["a", "b", "c", "d"];
    const spans = fc.array(fc.tuple(fc.constantFrom(...ids), fc.option(fc.constantFrom(...ids, "x"))), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(spans, (pairs) => {
        const made = pairs.map(([spanId, parentId], n) => span(spanId, parentId, { start: n }));
        const rows = traceRows(made);
        expect(new Set(rows.map(({ span }) => span))).toEqual(new Set(made));
        expect(rows).toHaveLength(made.length);
        expect(new Set(rows.map(({ key }) => key)).size).toBe(made.length);
      }),
    );
  });

  test("what is folded hides all that is deeper, up to the next as high", () => {
    const rows = traceRows([span("a", null), span("b", "a"), span("c", "b"), span("d", "a", { start: 1 })]);
    const names = (folded: number[]) =>
      unfolded(rows, new Set(folded.map((place) => rows[place]!.key))).map(({ span: { spanId } }) => spanId);
    expect(names([])).toEqual(["a", "b", "c", "d"]);
    expect(names([1])).toEqual(["a", "b", "d"]);
    expect(names([0, 1])).toEqual(["a"]);
  });

  test("quiet is a call that another one counts for", () => {
    const kinds = ["message", "request", "tool", "log", "span"] as const;
    expect(kinds.filter((kind) => isQuiet(span("a", null, { kind, counted: false })))).toEqual([
      "message",
      "request",
      "tool",
    ]);
    expect(isQuiet(span("a", null))).toBe(false);
  });
});
