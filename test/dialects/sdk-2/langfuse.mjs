import { observeOpenAI } from "@langfuse/openai";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { propagateAttributes, startActiveObservation } from "@langfuse/tracing";
import { OpenAI } from "openai";
import { converse, provider, throwDice } from "../calls.mjs";
import { exporter, startTracing } from "./tracing.mjs";

const tracing = startTracing(new LangfuseSpanProcessor({ exporter: exporter() }));
const observed = (endpoint) => observeOpenAI(new OpenAI({ ...endpoint, maxRetries: 0 }));

await propagateAttributes({ userId: "u-1" }, async () => {
  await converse(observed(provider.up), observed(provider.down));
  const roll = (tool) => {
    const input = { count: 2, sides: 6 };
    const output = throwDice(input);
    tool.update({ input, output });
  };
  startActiveObservation("roll_dice", roll, { asType: "tool" });
});
await tracing.forceFlush();
await tracing.shutdown();
