// One turn, written twice: with botel's calls, and by hand with OpenTelemetry's API. The same spans, names, attributes.
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Attributes, Span } from "@opentelemetry/api";
import { instrument as bot } from "../src/index.ts";

/** Fills each span up to 15 attributes with what a bot might add itself. */
const MORE = ["bot.note.a", "bot.note.b", "bot.note.c", "bot.note.d", "bot.note.e", "bot.note.f", "bot.note.g"];
const more = (count: number): Attributes =>
  Object.fromEntries(MORE.slice(0, count).map((name) => [name, "some value"]));
const [MESSAGE_MORE, REQUEST_MORE, TOOL_MORE] = [more(7), more(1), more(7)];

const OWNER = { botId: "10001", userId: "80001234", groupId: "70005678" };
const MESSAGE = { ...OWNER, platform: "qq", userName: "安妮", groupName: "测试群" };
const REQUEST = { provider: "openai", model: "gpt-4o", channel: "openai-main" };
const USAGE = { inputTokens: 812, outputTokens: 64, cachedTokens: 512, cacheCreationTokens: 0, reasoningTokens: 16 };
const ARGS = { city: "Chengdu", days: 3, unit: "celsius" };
const RESULT = {
  city: "Chengdu",
  days: [
    { high: 12, low: 5 },
    { high: 13, low: 6 },
  ],
  source: "demo",
};

const add = (attributes: Attributes): void => void trace.getActiveSpan()?.setAttributes(attributes);

export async function botelTurn(): Promise<void> {
  await bot.message(MESSAGE, async (turn) => {
    add(MESSAGE_MORE);
    await botelRequest();
    await bot.tool({ name: "weather", callId: "call_8f2c1a", args: ARGS }, () => {
      add(TOOL_MORE);
      return Promise.resolve(RESULT);
    });
    await botelRequest();
    turn.responded();
  });
}

function botelRequest(): Promise<void> {
  return bot.request(REQUEST, async (request) => {
    add(REQUEST_MORE);
    await Promise.resolve();
    request.firstChunk();
    request.usage(USAGE);
    request.responseModel("gpt-4o-2024-08-06");
  });
}

const tracer = trace.getTracer("bench");

export function plainTurn(): Promise<void> {
  const attributes = {
    "bot.operation.name": "message",
    "bot.platform": MESSAGE.platform,
    ...owner(),
    "user.name": MESSAGE.userName,
    "bot.group.name": MESSAGE.groupName,
  };
  return inSpan("message qq", SpanKind.CONSUMER, attributes, async (span) => {
    span.setAttributes(MESSAGE_MORE);
    await plainRequest();
    await plainTool();
    await plainRequest();
    span.setAttribute("bot.response.count", 1);
  });
}

function plainRequest(): Promise<void> {
  const attributes = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": REQUEST.provider,
    "gen_ai.request.model": REQUEST.model,
    "bot.channel.id": REQUEST.channel,
    ...owner(),
  };
  return inSpan("chat gpt-4o", SpanKind.CLIENT, attributes, async (span) => {
    span.setAttributes(REQUEST_MORE);
    const startedAt = performance.now();
    await Promise.resolve();
    span.setAttribute("gen_ai.response.time_to_first_chunk", (performance.now() - startedAt) / 1000);
    span.setAttribute("gen_ai.usage.input_tokens", USAGE.inputTokens);
    span.setAttribute("gen_ai.usage.output_tokens", USAGE.outputTokens);
    span.setAttribute("gen_ai.usage.cache_read.input_tokens", USAGE.cachedTokens);
    span.setAttribute("gen_ai.usage.cache_creation.input_tokens", USAGE.cacheCreationTokens);
    span.setAttribute("gen_ai.usage.reasoning.output_tokens", USAGE.reasoningTokens);
    span.setAttribute("gen_ai.response.model", "gpt-4o-2024-08-06");
  });
}

function plainTool(): Promise<void> {
  const attributes = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "weather",
    "gen_ai.tool.call.id": "call_8f2c1a",
    ...owner(),
    "gen_ai.tool.call.arguments": JSON.stringify(ARGS),
  };
  return inSpan("execute_tool weather", SpanKind.INTERNAL, attributes, async (span) => {
    span.setAttributes(TOOL_MORE);
    const result = await Promise.resolve(RESULT);
    span.setAttribute("gen_ai.tool.call.result", JSON.stringify(result));
  });
}

function owner(): Attributes {
  return { "bot.id": OWNER.botId, "user.id": OWNER.userId, "bot.group.id": OWNER.groupId };
}

function inSpan(name: string, kind: SpanKind, attributes: Attributes, work: (span: Span) => Promise<void>) {
  return tracer.startActiveSpan(name, { kind, attributes }, async (span) => {
    try {
      await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
