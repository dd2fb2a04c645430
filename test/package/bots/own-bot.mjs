// A bot that instruments itself by the API, and uses botel's own functions too.
import { trace } from "@opentelemetry/api";
import OpenAI from "openai";
import { log, message, request, start } from "botel";
import { messages, modelUrl, say, untilTold } from "../world.mjs";

if (process.env.WITHOUT_REGISTER) start();

const client = new OpenAI({ baseURL: modelUrl, apiKey: "k", maxRetries: 0 });
const tracer = trace.getTracer("bot");
await tracer.startActiveSpan("turn", async (turn) => {
  await client.chat.completions.create({ model: "asked", messages });
  const attributes = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "dice" };
  globalThis.early.startSpan("execute_tool dice", { attributes }).end();
  turn.end();
});
await message({ platform: "test", botId: "1", userId: "42" }, () =>
  request({ provider: "openai", channel: "main", model: "told" }, (call) => {
    call.usage({ inputTokens: 3, outputTokens: 4 });
    log("info", "a line");
  }),
);
say(globalThis.backend ?? {});
await untilTold();
