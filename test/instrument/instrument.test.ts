import { context, propagation, SpanKind, trace } from "@opentelemetry/api";
import { InMemorySpanExporter } from "@opentelemetry/sdk-trace";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { instrument as bot } from "../../src/index.ts";
import type { Sdk } from "../../src/instrument/sdk.ts";
import { Captured, startCaptured } from "./captured.ts";

const captured = new Captured();
let sdk: Sdk;

beforeAll(() => {
  sdk = startCaptured(captured, { service: { name: "a-bot", version: "1.0.0" } });
});
afterAll(() => sdk.stop(1000));
beforeEach(() => {
  captured.facts = [];
  captured.links = [];
});

const MESSAGE = { platform: "qq", botId: "10001", userId: "42", userName: "Ann", groupId: "7", groupName: "cats" };
const REQUEST = { provider: "openai", model: "gpt-4o", channel: "main" };

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// contract §2: "A fact comes from one ended span or one log record, of the bot in the same process"
describe("a message", () => {
  it("is a fact that has its responses, and all that it causes is of its trace, user and group", async () => {
    const answer = await bot.message(MESSAGE, async (turn) => {
      await bot.request(REQUEST, () => undefined);
      await bot.tool({ name: "dice" }, () => 4);
      bot.log("info", "rolled");
      turn.responded();
      turn.responded(2);
      return turn.traceId;
    });

    const [message] = captured.of("message");
    expect(message).toMatchObject({ ...MESSAGE, responses: 3, failed: false, service: "a-bot", traceId: answer });
    const caused = captured.facts.filter((fact) => fact !== message);
    expect(caused.map((fact) => fact.kind)).toEqual(["request", "tool", "log"]);
    const { platform: _, ...owner } = MESSAGE;
    for (const fact of caused) expect(fact).toMatchObject({ ...owner, traceId: answer });
    expect(captured.of("request")[0]).toMatchObject({ parentId: message!.spanId });
  });

  it("says how long the person waited for the first response, also of the past", async () => {
    await bot.message(MESSAGE, async (turn) => {
      await wait(20);
      turn.responded();
      await wait(20);
      turn.responded();
    });
    const endTime = Date.now();
    await bot.message({ ...MESSAGE, startTime: endTime - 3000, endTime }, (turn) => turn.responded());
    await bot.message({ ...MESSAGE, startTime: endTime - 3000, endTime }, (turn) => turn.responded(1, endTime - 1000));
    await bot.message(MESSAGE, () => undefined);
    const [now, ...past] = captured.of("message").map((fact) => fact.responseWaitNs);
    expect(now).toBeGreaterThanOrEqual(15e6);
    expect(now).toBeLessThan(captured.of("message")[0]!.durationNs - 10e6);
    expect(past).toEqual([3e9, 2e9, undefined]);
  });

  // contract §1: "turn: one message and all that it caused: one trace"
  it("begins a trace of its own inside whatever span it was received in", async () => {
    await trace.getTracer("test").startActiveSpan("websocket", async (around) => {
      await bot.message(MESSAGE, () => bot.request(REQUEST, () => undefined));
      await bot.message({ ...MESSAGE, userId: "43" }, () => undefined);
      around.end();
      expect(captured.facts.map((fact) => fact.traceId)).not.toContain(around.spanContext().traceId);
    });
    const [first, second] = captured.of("message");
    expect(captured.of("request")[0]).toMatchObject({ traceId: first!.traceId, userId: "42" });
    expect(second).toMatchObject({ userId: "43", parentId: undefined });
    expect(second!.traceId).not.toBe(first!.traceId);
  });

  it("in a private chat has no group, and what it causes has none", async () => {
    const { groupId: _, groupName: __, ...alone } = MESSAGE;
    await bot.message(MESSAGE, () =>
      bot.message({ ...alone, userId: "1" }, () => bot.request(REQUEST, () => undefined)),
    );
    expect(captured.of("request")[0]).toMatchObject({ userId: "1", groupId: undefined });
    expect(captured.of("message")[0]).toMatchObject({ userId: "1", groupId: undefined, groupName: undefined });
  });

  it("throws what its work throws, and is a failed fact", async () => {
    const trouble = new RangeError("too far");
    const throwing = bot.message(MESSAGE, () => {
      throw trouble;
    });
    await expect(throwing).rejects.toBe(trouble);
    expect(captured.of("message")[0]).toMatchObject({
      failed: true,
      errorType: "RangeError",
      errorMessage: "too far",
      stack: trouble.stack,
    });
  });
});

describe("a request", () => {
  it("has what its record was told; the last usage wins as a whole", async () => {
    const model = await bot.request({ ...REQUEST, operation: "generate_content" }, async (request) => {
      request.usage({ inputTokens: 10, outputTokens: 1, cachedTokens: 4 });
      await wait(5);
      request.firstChunk();
      const first = captured.facts.length;
      request.usage({ inputTokens: 10, outputTokens: 25, reasoningTokens: 7 });
      request.responseModel("gpt-4o-2024");
      return first;
    });
    expect(model).toBe(0);
    const [fact] = captured.of("request");
    expect(fact).toMatchObject({ operation: "generate_content", provider: "openai", model: "gpt-4o", channel: "main" });
    expect(fact).toMatchObject({ inputTokens: 10, outputTokens: 25, cachedTokens: 0, reasoningTokens: 7 });
    expect(fact!.firstChunkNs).toBeGreaterThan(4e6);
    expect(fact!.firstChunkNs).toBeLessThanOrEqual(fact!.durationNs);
  });

  it("fails without a throw, once, by the kind of its error", async () => {
    const error = Object.assign(new Error("slow down"), { status: 429 });
    await bot.request(REQUEST, (request) => request.fail(error));
    const again = bot.request(REQUEST, (request) => {
      request.fail(error);
      throw error;
    });
    await expect(again).rejects.toBe(error);
    expect(captured.of("request")).toHaveLength(2);
    for (const fact of captured.of("request")) {
      expect(fact).toMatchObject({ failed: true, errorType: "429", errorMessage: "slow down" });
    }
  });

  it.for([
    [Object.assign(new Error("x"), { code: "ECONNREFUSED", status: 500 }), "ECONNREFUSED"],
    [new DOMException("stop", "AbortError"), "AbortError"],
    [new (class BadReply extends Error {})("x"), "BadReply"],
    [new Error("x"), "_OTHER"],
    ["only text", "_OTHER"],
    [undefined, "_OTHER"],
    [Object.create(null), "_OTHER"],
  ] as const)("calls %o an error of type %s", async ([error, errorType]) => {
    await bot.request(REQUEST, (request) => request.fail(error));
    expect(captured.of("request")[0]).toMatchObject({ failed: true, errorType });
  });

  it("lends its channel to a span of another instrumentation inside it, and not to a tool's own call", async () => {
    const inner = (name: string) =>
      trace
        .getTracer("other")
        .startSpan(name, { attributes: { "gen_ai.operation.name": "chat" } })
        .end();
    await bot.request(REQUEST, () => inner("inside the request"));
    await bot.request(REQUEST, () => bot.tool({ name: "translate" }, () => inner("inside the tool")));
    expect(captured.of("request").map(({ channel, model }) => [channel, model])).toEqual([
      ["main", "gpt-4o"],
      ["main", "gpt-4o"],
      ["unknown", "unknown"],
      ["main", "gpt-4o"],
    ]);
  });
});

describe("a tool call", () => {
  it("has its arguments and its result", async () => {
    const result = await bot.tool({ name: "dice", callId: "c1", args: { sides: 6, token: "t" } }, () => ({
      rolled: 4,
    }));
    expect(result).toEqual({ rolled: 4 });
    expect(captured.of("tool")[0]).toMatchObject({
      tool: "dice",
      callId: "c1",
      args: '{"sides":6,"token":"[redacted]"}',
      result: '{"rolled":4}',
    });
  });

  it("keeps a text a text, whatever it looks like", async () => {
    await bot.tool({ name: "echo", args: "42" }, () => "true");
    expect(captured.of("tool")[0]).toMatchObject({ args: '"42"', result: '"true"' });
  });

  it("gives the bot a result that JSON cannot hold, and says that it cut a huge one", async () => {
    const cyclic: Record<string, unknown> = { list: Array(100_000).fill("some text") };
    cyclic.self = cyclic;
    expect(await bot.tool({ name: "huge" }, () => cyclic)).toBe(cyclic);
    expect(captured.of("tool")[0]).toMatchObject({ failed: false, truncated: true });
    expect(await bot.tool({ name: "none" }, () => undefined)).toBeUndefined();
    expect(captured.of("tool")[1]!.result).toBeUndefined();
  });
});

describe("a log line", () => {
  it.for(["error", "warn", "info", "debug"] as const)("has the level %s", (level) => {
    bot.log(level, "text", { room: "kitchen", none: undefined });
    expect(captured.of("log")[0]).toMatchObject({ level, message: "text", meta: '{"room":"kitchen"}' });
  });

  it("of an error has its message and stack", () => {
    const error = new TypeError("no");
    bot.log("error", error);
    expect(captured.of("log")[0]).toMatchObject({ message: "no", stack: error.stack });
  });

  it("has an identity of its own", () => {
    for (let n = 0; n < 100; n += 1) bot.log("info", "same");
    const keys = captured.of("log").map(({ key }) => key);
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{48}$/);
  });
});

describe("the past", () => {
  it("is written with times of its own", async () => {
    const at = Date.UTC(2024, 11, 15, 15, 30);
    await bot.message({ ...MESSAGE, startTime: at, endTime: at + 3000 }, async () => {
      await bot.request({ ...REQUEST, startTime: at + 100, endTime: at + 1100 }, (request) => {
        request.firstChunk(at + 350);
        request.firstChunk(at + 900);
      });
      bot.log("info", "then", {}, at + 200);
    });
    expect(captured.of("message")[0]).toMatchObject({ timeMs: at + 3000, timeNs: 0, durationNs: 3e9 });
    expect(captured.of("request")[0]).toMatchObject({ timeMs: at + 1100, durationNs: 1e9, firstChunkNs: 25e7 });
    expect(captured.of("log")[0]).toMatchObject({ timeMs: at + 200, timeNs: 0 });
  });
});

describe("what is written", () => {
  // contract §2: "The span kinds below are what botel writes;" kind CONSUMER, name `message {bot.platform}`; kind CLIENT;
  // kind INTERNAL
  it("has the names and kinds of the conventions, and user and group from the start", async () => {
    const started: [string, SpanKind, unknown, unknown][] = [];
    const exporter = new InMemorySpanExporter();
    await sdk.stop(1000);
    const { NodeSDK } = await import("@opentelemetry/sdk-node");
    const { SimpleSpanProcessor } = await import("@opentelemetry/sdk-trace");
    const simple = new SimpleSpanProcessor({ exporter });
    const watching = Object.assign(simple, {
      onStart: (span: { name: string; kind: SpanKind; attributes: Record<string, unknown> }) =>
        started.push([span.name, span.kind, span.attributes["user.id"], span.attributes["bot.group.id"]]),
    });
    const other = new NodeSDK({ spanProcessors: [watching], metricReaders: [], logRecordProcessors: [] });
    other.start();
    await bot.message(MESSAGE, async () => {
      await bot.request(REQUEST, () => undefined);
      await bot.tool({ name: "dice" }, () => 4);
      const error = new Error("told twice");
      await bot
        .tool({ name: "broken" }, (call) => {
          call.fail(error);
          throw error;
        })
        .catch(() => undefined);
    });
    await simple.forceFlush();
    const broken = exporter.getFinishedSpans().find(({ name }) => name === "execute_tool broken");
    expect(broken!.events, "one error is one event").toHaveLength(1);
    expect(started).toEqual([
      ["message qq", SpanKind.CONSUMER, "42", "7"],
      ["chat gpt-4o", SpanKind.CLIENT, "42", "7"],
      ["execute_tool dice", SpanKind.INTERNAL, "42", "7"],
      ["execute_tool broken", SpanKind.INTERNAL, "42", "7"],
    ]);
    await other.shutdown();
    for (const api of [trace, context, propagation]) api.disable();
    sdk = startCaptured(captured, { service: { name: "a-bot", version: "1.0.0" } });
  });

  // contract §2: "when reading they are never a condition."
  it("is read whatever the span's kind", () => {
    const attributes = { "gen_ai.operation.name": "chat" };
    for (const kind of [SpanKind.SERVER, SpanKind.INTERNAL, SpanKind.PRODUCER, SpanKind.CONSUMER, SpanKind.CLIENT]) {
      trace.getTracer("other").startSpan("chat", { kind, attributes }).end();
    }
    expect(captured.of("request")).toHaveLength(5);
  });

  it("User and group travel in a context key, never in baggage: no id reaches a provider's headers.", async () => {
    const headers: Record<string, string> = {};
    await bot.message({ ...MESSAGE, userId: "user-id-42", groupId: "group-id-7" }, () =>
      bot.request(REQUEST, () => propagation.inject(context.active(), headers)),
    );
    expect(Object.keys(headers)).toContain("traceparent");
    expect(JSON.stringify(headers)).not.toMatch(/user-id|group-id|Ann|cats|10001/);
    expect(propagation.getBaggage(context.active())).toBeUndefined();
    expect(captured.of("request")[0]).toMatchObject({ userId: "user-id-42", groupId: "group-id-7" });
  });
});
