import { describe, expect, test } from "vitest";
import { message, newSpan, newTrace, record, request, span, tool } from "../oracle/makers.ts";
import { errorsNamed, feed, get, model, ofGroup, toolLog, toolRow } from "./one-bot.ts";
import type { Item } from "../oracle/items.ts";
import { data } from "../started/ask.ts";
import { fed } from "../started/fed.ts";
import { startBot, temporary } from "../started/started.ts";

/** Contract §2, what spans of one trace are to each other, seen from outside. */

describe("contract §2: one call is one", () => {
  const call = (name: string, more: Parameters<typeof request>[0] = {}) => request({ model: name, input: 1, ...more });

  test("One call is one request, and one tool call: of spans of the same kind of fact nested in each other, the innermost counts.", async () => {
    const outer = call("outer-1");
    await feed(call("inner-1", { parent: outer, input: 2 }), outer);
    expect([await model("outer-1"), await model("inner-1")]).toMatchObject([undefined, { requests: 1, tokens: 2 }]);
    const around = tool({ name: "outer-2" });
    await feed(tool({ name: "inner-2", parent: around }), around);
    expect([await toolRow("outer-2"), await toolRow("inner-2")]).toMatchObject([undefined, { calls: 1 }]);
  });

  test("Nested means ancestor and descendant with no other fact's span and no `invoke_agent` between them.", async () => {
    const far = call("far");
    const between = span({}, { parent: far });
    await feed(call("far", { parent: between }), between, far);
    expect(await model("far")).toMatchObject({ requests: 1 });
    for (const [name, attributes] of [
      ["agent", { "gen_ai.operation.name": "invoke_agent" }],
      ["tool between", { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "between" }],
      ["message between", { "bot.operation.name": "message" }],
    ] as const) {
      const outer = call(name);
      const middle = span(attributes, { parent: outer });
      await feed(call(name, { parent: middle }), middle, outer);
      expect(await model(name), name).toMatchObject({ requests: 2 });
    }
  });

  test("If an outer one was counted before its inner one came, it stays the one. The decision is made once and stored with the fact.", async () => {
    const outer = call("early");
    await feed(outer);
    await feed(call("late", { parent: outer }));
    expect([await model("early"), await model("late")]).toMatchObject([{ requests: 1 }, undefined]);
  });

  test("What may still come later from an outer span: arguments and result, error text.", async () => {
    const outer = tool({ name: "lender", args: '{"q":"lent"}', result: '"all"' });
    await feed(tool({ name: "borrower", parent: outer }), outer);
    expect(await toolLog("borrower")).toMatchObject([{ args: { q: "lent" }, result: "all" }]);
    const around = request({ model: "text", error: true, statusMessage: "told by the outer span" });
    await feed(request({ model: "text", parent: around, errorType: "429" }), around);
    expect(await errorsNamed("told by the outer span")).toHaveLength(1);
  });

  test("Exactly once: a span is identified by (trace id, span id) and its end time. One delivered again, also after a restart, changes nothing.", async () => {
    const ids = { trace: newTrace(), id: newSpan() };
    const one = request({ ...ids, model: "once", input: 3, at: Date.now() - 5000 });
    await feed(one, one, request({ ...ids, model: "once", input: 4, at: Date.now() - 4000 }));
    expect(await model("once")).toMatchObject({ requests: 2, tokens: 7 });
    await feed(one);
    expect(await model("once")).toMatchObject({ requests: 2, tokens: 7 });
  });
});

describe("contract §2: whose it is", () => {
  test("User and group missing on a request, a tool call or a log record are taken from the turn's message (the same trace; the earliest started where there are several), whichever arrives first.", async () => {
    const trace = newTrace();
    const at = Date.now() - 30_000;
    const called = (id: string): Item[] => [request({ trace, model: id, input: 1 }), tool({ trace, name: id })];
    await feed(...called("joined-a"), record("joined line", { inside: request({ trace }) }));
    expect(await toolLog("joined-a")).toMatchObject([{ userId: null }]);
    await feed(message({ trace, at, took: 1000, user: "second", group: "j2" }));
    await feed(message({ trace, at, took: 9000, user: "first", group: "j1" }), ...called("joined-b"));
    expect(await ofGroup("j1")).toMatchObject({ totalMessages: 1, toolCalls: 2, tokensUsed: 2 });
    expect(await ofGroup("j2")).toMatchObject({ totalMessages: 1, toolCalls: 0, tokensUsed: 0 });
    expect(await get("/api/logs/tools?userId=first")).toMatchObject({ logs: [{}, {}] });
    expect(await get("/api/logs/tools?userId=second")).toMatchObject({ logs: [] });
  });

  test("Until then, and if it never comes, the fact counts in the totals and in no user or group.", async () => {
    const total = async (): Promise<number> => {
      const { summary } = (await get("/api/stats")) as unknown as { summary: { tokensUsed: number } };
      return summary.tokensUsed;
    };
    const before = await total();
    const trace = newTrace();
    await feed(request({ trace, model: "orphan", input: 11 }));
    expect(await total()).toBe(before + 11);
    expect(await ofGroup("orphans")).toMatchObject({ tokensUsed: 0 });
    await feed(message({ trace, user: "parent", group: "orphans" }));
    expect(await total()).toBe(before + 11);
    expect(await ofGroup("orphans")).toMatchObject({ tokensUsed: 11 });
  });

  test("What arrived within the last 15 minutes is joined, at least, also across a restart.", async () => {
    const dataDir = temporary();
    const trace = newTrace();
    const first = await startBot({ dataDir });
    await fed(first, [request({ trace, input: 5 }), tool({ trace })]);
    await first.kill();
    const second = await startBot({ dataDir });
    await fed(second, [message({ trace, user: "u", group: "restarted" }), tool({ trace })]);
    expect(await data(second.url, "/api/stats?groupId=restarted")).toMatchObject({
      summary: { totalMessages: 1, toolCalls: 2, tokensUsed: 5 },
    });
    expect(await data(second.url, "/api/stats/users")).toMatchObject({ users: [{ userId: "u", tokens: 5 }] });
  });
});
