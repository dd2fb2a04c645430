import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { OpenTelemetry } from "@ai-sdk/otel";
import { embed, generateText, jsonSchema, registerTelemetry, stepCountIs, streamText, tool } from "ai";
import { diceSchema, fails, instructions, provider, question, throwDice, wantsDice } from "../calls.mjs";
import { startTracing } from "./tracing.mjs";

const tracing = startTracing();
registerTelemetry(new OpenTelemetry());
const from = (endpoint) => createOpenAICompatible({ name: "openai", includeUsage: true, ...endpoint });
const [up, down] = [from(provider.up), from(provider.down)];
const talk = { maxRetries: 0, system: instructions, model: up(provider.model) };

await generateText({ ...talk, prompt: question });
await streamText({ ...talk, prompt: question }).consumeStream();
await fails(() => generateText({ ...talk, model: down(provider.model), prompt: question }));
const roll_dice = tool({ inputSchema: jsonSchema(diceSchema), execute: throwDice });
await generateText({ ...talk, prompt: wantsDice, tools: { roll_dice }, stopWhen: stepCountIs(3) });
const model = up.embeddingModel(provider.embeddingModel);
await embed({ maxRetries: 0, model, value: `about ${provider.secret}` });
await tracing.shutdown();
