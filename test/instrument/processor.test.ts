import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import type { Context, Span, Tracer } from "@opentelemetry/api";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Mapping } from "../../src/contract/mapping.ts";
import { createCapture } from "../../src/instrument/capture.ts";
import type { Capture } from "../../src/instrument/capture.ts";
import { withInherited } from "../../src/instrument/context.ts";
import { createFactProcessor } from "../../src/instrument/processor.ts";
import type { FactProcessor } from "../../src/instrument/processor.ts";
import { Captured, mapping } from "./captured.ts";

const CHAT = { "gen_ai.operation.name": "chat" };
const MINUTE = 60_000;

let captured: Captured;
let capture: Capture;
let processor: FactProcessor;
let tracer: Tracer;
let nowMs: number;

function provide(using: Mapping = mapping): void {
  captured = new Captured();
  capture = createCapture((line) => captured.lines.push(line));
  nowMs = Date.now();
  const clock = { now: () => nowMs, mono: () => nowMs };
  processor = createFactProcessor({
    mapping: using,
    sink: captured,
    clock,
    capture,
    unfinishedAfter: 10 * MINUTE,
  });
  tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer("test");
}

function start(name: string, attributes = {}, around?: Span, base: Context = ROOT_CONTEXT): Span {
  return tracer.startSpan(name, { attributes }, around === undefined ? base : trace.setSpan(base, around));
}

beforeEach(() => provide());

describe("an unfinished call", () => {
  // contract §2: "Unfinished: in the bot's process a request or tool call open for longer than `unfinishedAfter` (10 min)
  // becomes a failed fact with `error.type = "unfinished"`, dated then;"
  it("becomes a failed fact, dated when it is declared, with what is known of it", () => {
    const base = withInherited(ROOT_CONTEXT, { userId: "42", groupId: "7", channel: "main" });
    const span = start("chat", CHAT, undefined, base);
    span.setAttribute("gen_ai.request.model", "gpt-4o").setAttribute("gen_ai.usage.input_tokens", 12);
    span.recordException(new Error("handled on the way"));

    nowMs += 10 * MINUTE - 1;
    processor.sweep();
    expect(captured.facts).toEqual([]);
    nowMs += 2;
    processor.sweep();
    expect(captured.facts).toHaveLength(1);
    expect(captured.facts[0]).toMatchObject({
      kind: "request",
      failed: true,
      errorType: "unfinished",
      errorMessage: undefined,
      stack: undefined,
      timeMs: nowMs,
      model: "gpt-4o",
      channel: "main",
      inputTokens: 12,
      userId: "42",
      groupId: "7",
      spanId: span.spanContext().spanId,
    });
    expect(capture.counts).toMatchObject({ unfinished: 1, lateEnds: 0 });
  });

  // contract §2: "its real end, should it come, changes nothing and is counted."
  it("is not counted again by its real end", () => {
    const span = start("tool", { "gen_ai.operation.name": "execute_tool" });
    nowMs += 11 * MINUTE;
    processor.sweep();
    processor.sweep();
    span.end();
    expect(captured.facts).toHaveLength(1);
    expect(capture.counts).toMatchObject({ unfinished: 1, lateEnds: 1 });
    expect(processor.inFlight()).toBe(0);
  });

  it("that is nested in another one goes first: the innermost counts", () => {
    const outer = start("outer", CHAT);
    const inner = start("inner", CHAT, outer);
    nowMs += 11 * MINUTE;
    processor.sweep();
    const ids = captured.facts.map(({ spanId }) => spanId);
    expect(ids).toEqual([inner.spanContext().spanId, outer.spanContext().spanId]);
  });

  it("is found by the operation that its span was given only later", () => {
    start("called").setAttributes(CHAT);
    nowMs += 11 * MINUTE;
    processor.sweep();
    expect(captured.facts).toHaveLength(1);
  });

  it("is never a message, nor a span that is no fact", () => {
    const message = start("message", { "bot.operation.name": "message" });
    start("websocket");
    nowMs += 24 * 60 * MINUTE;
    processor.sweep();
    expect(captured.facts).toEqual([]);
    message.end();
    expect(captured.facts).toHaveLength(1);
  });
});

describe("what is in flight", () => {
  it("is every message, request and tool call that is open", () => {
    const spans = [
      start("m", { "bot.operation.name": "message" }),
      start("c", CHAT),
      start("t", { "mcp.method.name": "tools/call" }),
      start("http"),
    ];
    expect(processor.inFlight()).toBe(3);
    for (const span of spans) span.end();
    expect(processor.inFlight()).toBe(0);
  });

  it("is bounded: past 10,000 open spans the oldest is given up, counted, and still becomes a fact", () => {
    const base = withInherited(ROOT_CONTEXT, { userId: "42" });
    const spans = Array.from({ length: 10_002 }, () => start("c", CHAT, undefined, base));
    expect(processor.inFlight()).toBe(10_000);
    expect(capture.counts.unwatched).toBe(2);
    for (const span of spans) span.end();
    expect(captured.facts).toHaveLength(10_002);
    expect(captured.facts.filter((fact) => fact.userId === undefined)).toHaveLength(2);
    expect(processor.inFlight()).toBe(0);
  });
});

describe("a link", () => {
  it("is kept of a span between two facts, with whether it is an agent", () => {
    const outer = start("outer", CHAT);
    const step = start("step", {}, outer);
    const agent = start("agent", { "gen_ai.operation.name": "invoke_agent" }, step);
    const inner = start("inner", CHAT, agent);
    for (const span of [inner, agent, step, outer]) span.end();
    expect(captured.links).toMatchObject([
      { spanId: agent.spanContext().spanId, parentId: step.spanContext().spanId, agent: true },
      { spanId: step.spanContext().spanId, parentId: outer.spanContext().spanId, agent: false },
    ]);
  });

  // issue 6: "Spans that are no facts (agents, steps, HTTP) are kept for 7 days without content, so that the waterfall is whole"
  it("is kept of leaves and roots too, with their times, so that the waterfall is whole", () => {
    const root = start("root");
    const request = start("request", CHAT, root);
    const http = start("GET", { "http.request.method": "GET", "url.full": "http://secret" }, request);
    for (const span of [http, request, root]) span.end();
    expect(captured.links.map(({ spanId }) => spanId)).toEqual([http.spanContext().spanId, root.spanContext().spanId]);
    expect(captured.links[0]?.step).toMatchObject({ name: "GET", attributes: '{"http.request.method":"GET"}' });
    expect(captured.facts).toHaveLength(1);
  });

  it("of a root that is alone comes late, once, where a child starts after its end", () => {
    const root = start("root");
    root.end();
    expect(captured.links).toEqual([]);
    start("inner", CHAT, root).end();
    start("inner", CHAT, root).end();
    expect(captured.links).toMatchObject([{ spanId: root.spanContext().spanId, agent: false }]);
  });
});

describe("trouble", () => {
  it("in botel's own code never reaches the bot; it is counted and told once", () => {
    const broken = (): never => {
      throw new Error("a bug");
    };
    provide({ ...mapping, span: broken });
    start("c", CHAT).end();
    start("c", CHAT).end();
    expect(capture.counts.errors).toBe(2);
    expect(captured.lines).toHaveLength(1);
    expect(captured.lines[0]).toContain("a bug");
    expect(processor.inFlight()).toBe(0);
  });

  it("with an invalid time is counted by its reason", () => {
    tracer.startSpan("c", { attributes: CHAT, startTime: [0, 0] }).end();
    expect(capture.counts.refused).toEqual({ invalid_time: 1 });
  });

  it("of a limit that cut attributes is counted and told once", () => {
    const limited = new TracerProvider({ spanProcessors: [processor], spanLimits: { attributeCountLimit: 2 } });
    for (let n = 0; n < 2; n += 1) {
      limited
        .getTracer("t")
        .startSpan("c", { attributes: { ...CHAT, a: 1, b: 2 } })
        .end();
    }
    expect(capture.counts.truncated).toBe(2);
    expect(captured.lines).toHaveLength(1);
  });
});

it("an ended span is kept by nobody, and an unfinished one neither", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const references = (() => {
    const ended = start("ended", CHAT);
    ended.end();
    return [ended, start("open", CHAT)].map((span) => new WeakRef(span));
  })();
  nowMs += 11 * MINUTE;
  processor.sweep();
  await vi.waitFor(() => {
    collect();
    // A failed expectation must not hold what it looked at.
    expect(references.map((reference) => reference.deref() === undefined)).toEqual([true, true]);
  });
});
