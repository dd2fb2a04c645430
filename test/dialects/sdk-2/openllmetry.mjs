import { createRequire } from "node:module";
import { OpenAIInstrumentation } from "@traceloop/instrumentation-openai";
import { converse, provider } from "../calls.mjs";
import { startTracing } from "./tracing.mjs";

const tracing = startTracing();
new OpenAIInstrumentation().setTracerProvider(tracing);
const { OpenAI } = createRequire(import.meta.url)("openai");

await converse(new OpenAI({ ...provider.up, maxRetries: 0 }), new OpenAI({ ...provider.down, maxRetries: 0 }));
await tracing.shutdown();
