import type { LogFact, MessageFact, RequestFact, ToolFact } from "../../src/contract/fact.ts";

let count = 0;

/** Whatever is not given: a span of its own trace, of a second, ended at `timeMs`. */
function span(timeMs: number, of: { traceId?: string }) {
  count += 1;
  const traceId = of.traceId ?? count.toString(16).padStart(32, "0");
  const spanId = count.toString(16).padStart(16, "0");
  return { key: traceId + spanId, timeMs, timeNs: 0, traceId, spanId, durationNs: 1_000_000_000, failed: false };
}

export function message(timeMs: number, of: Partial<MessageFact> = {}): MessageFact {
  return { kind: "message", ...span(timeMs, of), botId: "10001", platform: "onebot", responses: 0, ...of };
}

export function request(timeMs: number, of: Partial<RequestFact> = {}): RequestFact {
  const tokens = { inputTokens: 100, outputTokens: 20, cachedTokens: 0, cacheCreationTokens: 0, reasoningTokens: 0 };
  const named = { operation: "chat", provider: "openai", model: "gpt-4o", channel: "openai-main" };
  return { kind: "request", ...span(timeMs, of), ...named, ...tokens, usageMissing: false, ...of };
}

export function tool(timeMs: number, of: Partial<ToolFact> = {}): ToolFact {
  return { kind: "tool", ...span(timeMs, of), tool: "get_weather", ...of };
}

export function log(timeMs: number, of: Partial<LogFact> = {}): LogFact {
  const { key, timeNs } = span(timeMs, {});
  return { kind: "log", key, timeMs, timeNs, level: "info", message: "Chat request processed", ...of };
}
