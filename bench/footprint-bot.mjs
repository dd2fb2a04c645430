// A bot of `bench footprint`: one turn a second, on sdk-node alone or on botel. Plain JavaScript, as a published bot is.
import { enableCompileCache } from "node:module";
import { trace } from "@opentelemetry/api";

enableCompileCache();

if (process.argv[2] === "botel") {
  const { start, message, request, tool } = await import("../src/index.ts");
  const url = await start().ready;
  const who = { platform: "onebot", botId: "1", userId: "2", groupId: "3" };
  setInterval(() => {
    void message(who, async (turn) => {
      await request({ provider: "openai", model: "gpt-4o", channel: "main" }, (call) =>
        call.usage({ inputTokens: 100, outputTokens: 20 }),
      );
      await tool({ name: "get_time", args: {} }, () => "12:00");
      turn.responded();
    });
  }, 1000);
  console.log(url);
} else {
  const { NodeSDK } = await import("@opentelemetry/sdk-node");
  new NodeSDK({ spanProcessors: [], metricReaders: [], logRecordProcessors: [] }).start();
  const tracer = trace.getTracer("bot");
  setInterval(() => {
    tracer.startActiveSpan("message", (span) => {
      for (const name of ["chat", "execute_tool"]) tracer.startSpan(name).end();
      span.end();
    });
  }, 1000);
  console.log("up");
}
