import { describe, expect, it } from "vitest";
import type { Link, RequestFact } from "../../src/contract/fact.ts";
import type { Attributes, Inherited, SpanShape } from "../../src/contract/span.ts";
import { END_MS, mapping, PARENT, span, SPAN, TRACE } from "./shapes.ts";

const CHAT = { "gen_ai.operation.name": "chat" };
const TOOL = { "gen_ai.operation.name": "execute_tool" };
const MESSAGE = { "bot.operation.name": "message" };

function request(attributes: Attributes, inherited?: Inherited): RequestFact {
  return mapping.span(span({ ...CHAT, ...attributes }), inherited) as RequestFact;
}

const BASE = {
  key: TRACE + SPAN,
  traceId: TRACE,
  spanId: SPAN,
  parentId: PARENT,
  timeMs: END_MS,
  timeNs: 7,
  durationNs: 1_500_000_000,
  service: "a-bot",
  failed: false,
};

describe("a message", () => {
  // contract §2: `bot.operation.name = "message"`; `bot.platform`, `bot.id`, `user.id`, `user.name`, `bot.group.id`
  // (absent: a private chat), `bot.group.name`, `bot.response.count` (responses sent; absent: 0),
  // `bot.response.wait` (s from the message to its first response)
  it("has what its span says", () => {
    const attributes = {
      ...MESSAGE,
      "bot.platform": "qq",
      "bot.id": "10001",
      "user.id": "42",
      "user.name": "安妮",
      "bot.group.id": "7",
      "bot.group.name": "猫",
      "bot.response.count": 2,
      "bot.response.wait": 0.75,
    };
    expect(mapping.span(span(attributes))).toEqual({
      ...BASE,
      kind: "message",
      platform: "qq",
      botId: "10001",
      userId: "42",
      userName: "安妮",
      groupId: "7",
      groupName: "猫",
      responses: 2,
      responseWaitNs: 750_000_000,
    });
  });

  it("is of a private chat, with no response, where its span says neither, whatever surrounds it", () => {
    const inherited = { userId: "1", groupId: "2", groupName: "three", botId: "10001" };
    const fact = mapping.span(span({ ...MESSAGE, "user.id": "42" }), inherited);
    expect(fact).toMatchObject({ kind: "message", userId: "42", responses: 0, botId: "10001" });
    expect(mapping.span(span({ ...MESSAGE, "bot.response.wait": -1 }))).toMatchObject({ responseWaitNs: undefined });
    expect(fact).toMatchObject({ groupId: undefined, groupName: undefined, userName: undefined });
  });
});

describe("a request", () => {
  // contract §2: `gen_ai.operation.name` is `chat`, `text_completion`, `generate_content` or `embeddings`; …
  it("names the channel that failed and that its own is asked instead of", () => {
    const attributes = { "gen_ai.operation.name": "chat", "bot.channel.id": "b", "bot.channel.previous": "a" };
    expect(mapping.span(span(attributes))).toMatchObject({ channel: "b", previousChannel: "a" });
  });

  it.for(["chat", "text_completion", "generate_content", "embeddings"])("comes from the operation %s", (operation) => {
    expect(mapping.span(span({ "gen_ai.operation.name": operation }))).toMatchObject({ kind: "request", operation });
  });

  // contract §2: `gen_ai.provider.name`, `gen_ai.request.model`, `gen_ai.response.model`, `gen_ai.usage.*` (input, output,
  // cache read, cache creation, reasoning), time to first chunk, `bot.channel.id`, `error.type`, `user.id`, `bot.group.id`
  it("has what its span says", () => {
    const attributes = {
      ...CHAT,
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-4o",
      "gen_ai.response.model": "gpt-4o-2024-08-06",
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.usage.cache_read.input_tokens": 60,
      "gen_ai.usage.cache_creation.input_tokens": 10,
      "gen_ai.usage.reasoning.output_tokens": 5,
      "gen_ai.response.time_to_first_chunk": 0.25,
      "bot.channel.id": "openai-main",
      "bot.id": "10001",
      "user.id": "42",
      "bot.group.id": "7",
    };
    expect(mapping.span(span(attributes))).toEqual({
      ...BASE,
      kind: "request",
      operation: "chat",
      provider: "openai",
      model: "gpt-4o",
      channel: "openai-main",
      inputTokens: 100,
      outputTokens: 20,
      cachedTokens: 60,
      cacheCreationTokens: 10,
      reasoningTokens: 5,
      usageMissing: false,
      firstChunkNs: 250_000_000,
      botId: "10001",
      userId: "42",
      groupId: "7",
    });
  });

  it("Model: `gen_ai.request.model`, else `gen_ai.response.model`, else `unknown`.", () => {
    const both = { "gen_ai.request.model": "asked", "gen_ai.response.model": "answered" };
    expect(request(both).model).toBe("asked");
    expect(request({ "gen_ai.response.model": "answered" }).model).toBe("answered");
    expect(request({ "gen_ai.request.model": "" }).model).toBe("unknown");
  });

  it("Channel: `bot.channel.id`, else `gen_ai.provider.name`, else `unknown`.", () => {
    const both = { "bot.channel.id": "main", "gen_ai.provider.name": "openai" };
    expect(request(both).channel).toBe("main");
    expect(request({ "gen_ai.provider.name": "openai" }).channel).toBe("openai");
    expect(request({}).channel).toBe("unknown");
  });

  // contract §2: "Model, channel and tool name are final when a fact is counted: from its own attributes, the OTel context
  // in the bot's process, or an outer span in the same OTLP request."
  it("takes model and channel from the context only where its own attributes do not say", () => {
    const inherited = { model: "outer-model", channel: "outer" };
    expect(request({ "gen_ai.provider.name": "openai" }, inherited)).toMatchObject({
      model: "outer-model",
      channel: "outer",
    });
    const own = { "gen_ai.response.model": "own-model", "bot.channel.id": "own" };
    expect(request(own, inherited)).toMatchObject({ model: "own-model", channel: "own" });
  });

  it("is still understood where its sender writes the older names, and the current name wins", () => {
    expect(request({ "gen_ai.system": "openai" }).provider).toBe("openai");
    expect(request({ "gen_ai.system": "old", "gen_ai.provider.name": "new" }).provider).toBe("new");
    expect(request({ "gen_ai.provider.name": "new", "gen_ai.system": "old" }).provider).toBe("new");
    expect(request({ "gen_ai.provider.name": "", "gen_ai.system": "old" }).provider).toBe("old");
  });

  it("has no time to first chunk where the sender wrote nonsense", () => {
    for (const value of [-1, Number.NaN, 1e9, "soon"]) {
      expect(request({ "gen_ai.response.time_to_first_chunk": value }).firstChunkNs).toBeUndefined();
    }
  });
});

describe("a tool call", () => {
  // contract §2: `gen_ai.operation.name = "execute_tool"`, or an MCP `tools/call` client span; `gen_ai.tool.name`,
  // `gen_ai.tool.call.id`, `gen_ai.tool.call.arguments`, `gen_ai.tool.call.result`, `error.type`, `user.id`, `bot.group.id`
  it.for<[string, Attributes]>([
    ["execute_tool", TOOL],
    ["an MCP tools/call", { "mcp.method.name": "tools/call" }],
  ])("comes from %s and has what its span says", ([, operation]) => {
    const attributes = {
      ...operation,
      "gen_ai.tool.name": "dice",
      "gen_ai.tool.call.id": "call_1",
      "gen_ai.tool.call.arguments": '{"sides": 6}',
      "gen_ai.tool.call.result": { rolled: [4] },
      "user.id": "42",
      "bot.group.id": "7",
    };
    expect(mapping.span(span(attributes))).toEqual({
      ...BASE,
      kind: "tool",
      tool: "dice",
      callId: "call_1",
      args: '{"sides":6}',
      result: '{"rolled":[4]}',
      userId: "42",
      groupId: "7",
    });
  });

  it("is named by its span's name where no attribute does", () => {
    const named = (name: string) => mapping.span(span({ "mcp.method.name": "tools/call" }, { name }));
    expect(named("tools/call get weather")).toMatchObject({ tool: "get weather" });
    expect(named("something else")).toMatchObject({ tool: "unknown" });
  });

  it("says that its content was cut, by botel or by who wrote it", () => {
    const long = { ...TOOL, "gen_ai.tool.call.result": "x".repeat(5000) };
    expect(mapping.span(span(long))).toMatchObject({ truncated: true });
    expect(mapping.span(span({ ...TOOL, "bot.tool.call.truncated": true }))).toMatchObject({ truncated: true });
    expect(mapping.span(span(TOOL))).toMatchObject({ truncated: undefined });
  });
});

describe("what is no fact", () => {
  it("Spans that match no row are no facts.", () => {
    for (const attributes of [{}, { "http.request.method": "POST" }, { "mcp.method.name": "tools/list" }]) {
      const made = mapping.span(span(attributes));
      expect(made).not.toHaveProperty("kind");
      expect(made).toMatchObject({ traceId: TRACE, spanId: SPAN, parentId: PARENT, agent: false });
    }
  });

  // issue 6: "Spans that are no facts (agents, steps, HTTP) are kept for 7 days without content"
  it("keeps of it what a waterfall shows, and no content", () => {
    const content = { "gen_ai.input.messages": "hello", "http.url": "http://a/?key=1", "url.full": "http://a/?key=1" };
    const known = { "http.request.method": "GET", "http.response.status_code": 502, "http.route": "/a/{id}" };
    const made = mapping.span(span({ ...content, ...known, "server.address": "x".repeat(1000) }, { error: true }));
    expect((made as Link).step).toEqual({
      name: "a span",
      timeMs: END_MS,
      timeNs: 7,
      durationNs: 1_500_000_000,
      failed: true,
      service: "a-bot",
      attributes: JSON.stringify({ ...known, "server.address": "x".repeat(128) }),
    });
    expect(mapping.span(span({}, { name: "y".repeat(1000) }))).toMatchObject({ step: { name: "y".repeat(256) } });
    expect(mapping.span(span({}, { end: { ms: Number.NaN, ns: 0 } }))).toMatchObject({ agent: false, step: undefined });
  });

  it("marks the span of an agent, which ends a nesting", () => {
    expect(mapping.span(span({ "gen_ai.operation.name": "invoke_agent" }))).toMatchObject({ agent: true });
  });

  // contract §2: "or without a valid id or time, are refused"
  it.for<[string, Partial<SpanShape>, string]>([
    ["a trace id of zeros", { traceId: "0".repeat(32) }, "invalid_id"],
    ["a trace id that is too short", { traceId: TRACE.slice(1) }, "invalid_id"],
    ["upper-case hex", { traceId: TRACE.toUpperCase() }, "invalid_id"],
    ["a span id of zeros", { spanId: "0".repeat(16) }, "invalid_id"],
    ["no end", { end: { ms: 0, ns: 0 } }, "invalid_time"],
    ["no start", { start: { ms: 0, ns: 0 } }, "invalid_time"],
    ["an end that is no number", { end: { ms: Number.NaN, ns: 0 } }, "invalid_time"],
    ["an end of broken milliseconds", { end: { ms: END_MS + 0.5, ns: 0 } }, "invalid_time"],
    ["nanoseconds past a millisecond", { end: { ms: END_MS, ns: 1_000_000 } }, "invalid_time"],
    ["a duration that no number holds", { start: { ms: 1, ns: 0 } }, "invalid_time"],
  ])("refuses %s", ([, more, refused]) => {
    expect(mapping.span(span(CHAT, more))).toEqual({ refused });
  });

  it("takes a parent id that is none for a root", () => {
    expect(mapping.span(span(CHAT, { parentId: "0".repeat(16) }))).toMatchObject({ parentId: undefined });
  });
});
