import { createRequire } from "node:module";
import { traceTool } from "@arizeai/openinference-core";
import { OpenAIInstrumentation } from "@arizeai/openinference-instrumentation-openai";
import { converse, provider, throwDice } from "../calls.mjs";
import { startTracing } from "./tracing.mjs";

const tracing = startTracing();
new OpenAIInstrumentation().setTracerProvider(tracing);
const { OpenAI } = createRequire(import.meta.url)("openai");

await converse(new OpenAI({ ...provider.up, maxRetries: 0 }), new OpenAI({ ...provider.down, maxRetries: 0 }));
traceTool(throwDice, { name: "roll_dice" })({ count: 2, sides: 6 });
await tracing.shutdown();
