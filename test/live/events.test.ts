import * as fc from "fast-check";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { GROUP, NEW } from "../../src/contract/fact.ts";
import type { Change, StoredFact } from "../../src/contract/fact.ts";
import { metricEventData, statusEventData } from "../../src/contract/wire/events.ts";
import { errorRow } from "../../src/contract/wire/logs.ts";
import type { ChannelRow } from "../../src/contract/wire/stats.ts";
import { NOON, beat, bot, logFact, messageFact, requestFact, taken, toolFact } from "../system/made.ts";
import { failedRequest, read, row, started } from "./made.ts";

describe("status events (contract §5)", () => {
  test("the data of `/api/system/status` on connect", () => {
    const live = started();
    const [event] = read(live).events();
    expect(event?.type).toBe("status");
    expect(statusEventData.parse(event?.data)).toEqual({
      ...live.system.status(),
      memory: expect.anything() as unknown,
    });
  });

  test("on connect, and when `status`, `bot.connected` or the version changes", () => {
    const live = started({}, true);
    const reader = read(live, { types: ["status"] });
    reader.fresh();
    const told = () =>
      reader.fresh().map(({ data }) => [data["status"], (data["bot"] as { connected: boolean }).connected]);
    live.second(3);
    expect(told()).toEqual([]);
    live.system.changes([], [bot("1", true)]);
    live.second();
    expect(told()).toEqual([["running", true]]);
    live.second(2);
    expect(told()).toEqual([["degraded", true]]);
    live.system.beat(beat());
    live.system.changes([], [bot("1", true, { version: "2.0.0" })]);
    live.second();
    expect(told()).toEqual([["running", true]]);
    live.system.changes([], [bot("1", true, { version: "2.0.1" })]);
    live.second();
    expect(told()).toEqual([["running", true]]);
    live.system.stopping();
    live.stop();
    expect(told()).toEqual([["stopping", true]]);
    expect(reader.ended).toBe(true);
  });
});

describe("metric events (contract §5)", () => {
  test("`{timestamp, window: seconds, messages, responses, requests, toolCalls, tokens, errors, inFlight, memory{…}}`", () => {
    const live = started();
    const reader = read(live, { types: ["metric"] });
    live.changes(
      taken(
        messageFact({ responses: 2 }),
        requestFact({ inputTokens: 10, outputTokens: 5 }),
        toolFact(),
        failedRequest(),
      ),
    );
    live.watch.pass(1004);
    live.tick();
    const [event] = reader.events();
    expect(metricEventData.parse(event?.data)).toEqual({
      timestamp: "2026-11-24T12:00:01Z",
      window: 1.004,
      messages: 1,
      responses: 2,
      requests: 2,
      toolCalls: 1,
      tokens: 15,
      errors: 1,
      inFlight: null,
      memory: expect.objectContaining({ used: expect.any(Number) as number }) as object,
    });
  });

  test("every second while anything changed, else every 10 s;", () => {
    const live = started();
    const reader = read(live, { types: ["metric"] });
    const windows = () => reader.fresh().map(({ data }) => data["window"]);
    live.changes(taken(messageFact()));
    live.second();
    live.changes(taken(toolFact()));
    live.second();
    expect(windows()).toEqual([1, 1]);
    live.second(9);
    expect(windows()).toEqual([]);
    live.second(11);
    expect(windows()).toEqual([10, 10]);
  });

  test("`inFlight` is the bot's own count (null where botel only receives OTLP).", () => {
    const live = started({}, true);
    const reader = read(live, { types: ["metric"] });
    live.system.beat(beat({ inFlight: 3 }));
    live.second();
    expect(reader.fresh().map(({ data }) => data["inFlight"])).toEqual([3]);
    live.second(2);
    expect(reader.fresh()).toEqual([]);
  });

  test("counts what was folded in the window, late facts too, so that the events add up to the totals;", () => {
    const kinds: ((counted: boolean, n: number) => StoredFact)[] = [
      (counted, n) => messageFact({ counted, responses: n, timeMs: NOON - n * 86_400_000 }),
      (counted, n) => requestFact({ counted, inputTokens: n, outputTokens: 1, errorItem: counted && n > 2 }),
      (counted, n) => toolFact({ counted, errorItem: counted && n > 2, timeMs: NOON - n * 86_400_000 }),
      (_counted, n) => logFact({ errorItem: n > 2 }),
    ];
    const step = fc.record({
      kind: fc.nat(kinds.length - 1),
      counted: fc.boolean(),
      n: fc.nat(4),
      join: fc.boolean(),
      seconds: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const live = started();
        const reader = read(live, { types: ["metric"] });
        const sums = { messages: 0, responses: 0, requests: 0, toolCalls: 0, tokens: 0, errors: 0 };
        for (const { kind, counted, n, join, seconds } of steps) {
          const fact = kinds[kind]!(counted, n);
          const changes: Change[] = [{ fact, before: NEW }];
          if (join) changes.push({ fact: { ...fact, groupId: "1" }, before: GROUP - 1 });
          live.changes(changes);
          live.second(seconds);
          if (!fact.counted) continue;
          sums.messages += fact.kind === "message" ? 1 : 0;
          sums.responses += fact.kind === "message" ? fact.responses : 0;
          sums.requests += fact.kind === "request" ? 1 : 0;
          sums.tokens += fact.kind === "request" ? fact.inputTokens + fact.outputTokens : 0;
          sums.toolCalls += fact.kind === "tool" ? 1 : 0;
          sums.errors += fact.errorItem ? 1 : 0;
        }
        live.stop();
        const added = { messages: 0, responses: 0, requests: 0, toolCalls: 0, tokens: 0, errors: 0 };
        for (const { data } of reader.events()) {
          for (const name of Object.keys(added) as (keyof typeof added)[]) added[name] += Number(data[name]);
        }
        expect(added).toEqual(sums);
      }),
      { numRuns: 50 },
    );
  });
});

describe("error events (contract §5)", () => {
  test("an item of `/api/logs/errors` at once, one an item", () => {
    const live = started();
    const reader = read(live, { types: ["error"] });
    const failed = failedRequest();
    const tool = toolFact({ failed: true, errorType: "timeout", errorItem: true });
    const log = logFact({ errorItem: true, message: "boom", channel: "c", traceId: undefined, timeMs: NOON + 1 });
    live.changes([...taken(failed, tool, log, toolFact({ failed: true })), { fact: failed, before: 0 }]);
    const rows = reader.events().map(({ data }) => errorRow.parse(data));
    expect(rows).toEqual([
      {
        timestamp: "2026-11-24T12:00:00.250Z",
        error: "API rate limit exceeded",
        stack: "at x",
        context: { channel: "openai-main", model: "gpt-4o" },
        traceId: failed.traceId,
      },
      {
        timestamp: "2026-11-24T12:00:00.250Z",
        error: "timeout",
        stack: null,
        context: { channel: null, model: null },
        traceId: tool.traceId,
      },
      { timestamp: "2026-11-24T12:00:00.251Z", error: "boom", stack: null, context: { channel: "c", model: null } },
    ]);
    // contract §5: "`errors`: items of `/api/logs/errors`"
    const metrics = read(live, { types: ["metric"] });
    live.second();
    expect(metrics.events()[0]?.data["errors"]).toBe(3);
  });

  test("text of a sender starts no field of the stream", () => {
    const live = started();
    const reader = read(live, { types: ["error"] });
    const message = "a\n\nevent: status\ndata: {}\n\r\nid: 7\u2028\u0000";
    live.changes(taken(logFact({ errorItem: true, message })));
    expect(reader.messages().map(({ event, id }) => [event, id])).toEqual([
      ["error", "start1-1"],
      [undefined, "start1-1"],
    ]);
    expect(reader.events()[0]?.data["error"]).toBe(message);
  });
});

describe("channel events (contract §5)", () => {
  test("an item of `/api/stats/channels` when a channel's status changes", () => {
    const live = started();
    const reader = read(live, { types: ["channel"] });
    live.channels.push(row("a", "active"), row("b", "active"));
    live.second(2);
    expect(reader.fresh()).toEqual([]);
    live.channels[0] = { ...row("a", "error"), requests: 5, errors: 5 };
    live.channels[1] = { ...row("b", "active"), requests: 1 };
    live.second();
    expect(reader.fresh().map(({ data }) => data)).toEqual([live.channels[0]]);
    live.channels.push(row("new", "active"));
    live.second(2);
    expect(reader.fresh().map(({ data }) => data["id"])).toEqual(["new"]);
  });

  test("rows that come late are compared when they come; what cannot be read is asked again", async () => {
    let rows: Promise<ChannelRow[] | undefined> | undefined;
    const live = started({ channels: () => rows });
    const reader = read(live, { types: ["channel"] });
    rows = Promise.resolve([row("a", "active")]);
    live.second();
    await turn();
    rows = Promise.reject(new Error("away"));
    live.second();
    await turn();
    rows = Promise.resolve([row("a", "error")]);
    live.second();
    await turn();
    expect(reader.events().map(({ data }) => data["status"])).toEqual(["error"]);
  });
});
