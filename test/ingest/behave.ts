import { SeverityNumber, SpanStatusCode } from "@opentelemetry/api";
import type { context, logs, metrics, trace } from "@opentelemetry/api";
import type { NodeSDK } from "@opentelemetry/sdk-node";

/** The SDK of whichever version that a bot uses. */
interface Sdk {
  context: typeof context;
  logs: typeof logs;
  metrics: typeof metrics;
  trace: typeof trace;
  NodeSDK: new () => Pick<NodeSDK, "start" | "shutdown">;
}

/**
 * A bot that knows nothing of botel: one message with a request, a failed one and a tool call, log lines, a state event and
 * a counter, sent by the SDK's own exporters as `OTEL_*` says.
 */
export async function behave({ context, logs, metrics, trace, NodeSDK }: Sdk): Promise<void> {
  const sdk = new NodeSDK();
  sdk.start();
  const tracer = trace.getTracer("a bot");
  const message = tracer.startSpan("message telegram", {
    attributes: {
      "bot.operation.name": "message",
      "bot.platform": "telegram",
      "bot.id": "7001",
      "user.id": "u-1",
      "user.name": "Łukasz 🧑‍🚀",
      "bot.group.id": "g-1",
      "bot.response.count": 1,
    },
  });
  const inside = trace.setSpan(context.active(), message);
  const chat = { "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o" };
  const usage = { "gen_ai.usage.input_tokens": 120, "gen_ai.usage.output_tokens": 30 };
  tracer.startSpan("chat gpt-4o", { attributes: { ...chat, ...usage } }, inside).end();
  const failing = tracer.startSpan("chat gpt-4o", { attributes: chat }, inside);
  failing.recordException(new Error("429 too many"));
  failing.setStatus({ code: SpanStatusCode.ERROR, message: "429" });
  failing.end();
  const tool = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "weather" };
  const args = { "gen_ai.tool.call.arguments": '{"city":"Kraków","days":3}' };
  tracer.startSpan("execute_tool weather", { attributes: { ...tool, ...args } }, inside).end();

  const logger = logs.getLogger("a bot");
  logger.emit({
    severityNumber: SeverityNumber.INFO,
    body: "started",
    attributes: { n: 1, ratio: 0.5, ok: true, list: ["a", "b"] },
  });
  logger.emit({ severityNumber: SeverityNumber.ERROR, body: "it broke", context: inside });
  logger.emit({
    eventName: "bot.state",
    attributes: { "bot.id": "7001", "bot.platform": "telegram", "bot.connected": true },
  });
  metrics.getMeter("a bot").createCounter("bot.restarts", { unit: "{restart}" }).add(3, { why: "update" });
  message.end();
  await sdk.shutdown();
}
