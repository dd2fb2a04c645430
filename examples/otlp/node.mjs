// A bot in Node that sends to botel, with OpenTelemetry's SDK 3.x:
//   npm install @opentelemetry/api @opentelemetry/sdk-node
//   OTEL_SERVICE_NAME=my-bot OTEL_TRACES_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp node node.mjs
// Nothing more is to be set where botel runs on this machine: the SDK sends to port 4318, which is botel's.
import { logs, SeverityNumber, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK();
sdk.start();
const tracer = trace.getTracer("my-bot");
const logger = logs.getLogger("my-bot");

/** One message, and all that it causes: one trace. User and group are said once, here. */
async function turn(user, group, text) {
  const attributes = {
    "bot.operation.name": "message",
    "bot.platform": "telegram",
    "bot.id": "7001",
    "user.id": user.id,
    "user.name": user.name,
    "bot.group.id": group, // left out in a private chat
  };
  await tracer.startActiveSpan("message telegram", { kind: SpanKind.CONSUMER, attributes }, async (span) => {
    const weather = await tool("weather", { city: "Kraków" }, async () => ({ degrees: 21 }));
    await chat(`${text} ${JSON.stringify(weather)}`);
    span.setAttribute("bot.response.count", 1); // replies that were sent
    span.end();
  });
}

/** One call to a model. Where an instrumentation of your provider's SDK makes this span, leave it out. */
async function chat(prompt) {
  const attributes = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "bot.channel.id": "openai-main", // your name of the way to the provider; left out: the provider
  };
  await tracer.startActiveSpan("chat gpt-4o", { kind: SpanKind.CLIENT, attributes }, async (span) => {
    try {
      const usage = await ask(prompt);
      span.setAttribute("gen_ai.usage.input_tokens", usage.input);
      span.setAttribute("gen_ai.usage.output_tokens", usage.output);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      span.setAttribute("error.type", error.name);
      throw error;
    } finally {
      span.end();
    }
  });
}

async function tool(name, args, run) {
  const attributes = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": name,
    "gen_ai.tool.call.arguments": JSON.stringify(args),
  };
  return tracer.startActiveSpan(`execute_tool ${name}`, { attributes }, async (span) => {
    const result = await run();
    span.setAttribute("gen_ai.tool.call.result", JSON.stringify(result));
    span.end();
    return result;
  });
}

/** Stands for the provider. */
async function ask(prompt) {
  return { input: prompt.length, output: 12 };
}

/** Says that the bot is connected: when that changes, and every 30 s. */
function announce(connected) {
  const attributes = { "bot.id": "7001", "bot.platform": "telegram", "bot.connected": connected };
  logger.emit({ eventName: "bot.state", attributes });
}

announce(true);
const again = setInterval(announce, 30_000, true);
logger.emit({ severityNumber: SeverityNumber.INFO, body: "started" });
await turn({ id: "u-1", name: "Ada" }, "g-1", "What is the weather?");
clearInterval(again);
await sdk.shutdown(); // what waits is sent
