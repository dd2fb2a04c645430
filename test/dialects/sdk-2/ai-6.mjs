import { createOpenAICompatible } from "openai-compatible-2";
import { embed, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai-6";
import { diceSchema, fails, instructions, provider, question, throwDice, wantsDice } from "../calls.mjs";
import { startTracing } from "./tracing.mjs";

const tracing = startTracing();
const from = (endpoint) => createOpenAICompatible({ name: "openai", includeUsage: true, ...endpoint });
const [up, down] = [from(provider.up), from(provider.down)];
const common = {
  maxRetries: 0,
  experimental_telemetry: { isEnabled: true, metadata: { userId: "u-1" } },
};
const talk = { ...common, system: instructions, model: up(provider.model) };

await generateText({ ...talk, prompt: question });
await streamText({ ...talk, prompt: question }).consumeStream();
await fails(() => generateText({ ...talk, model: down(provider.model), prompt: question }));
const roll_dice = tool({ inputSchema: jsonSchema(diceSchema), execute: throwDice });
await generateText({ ...talk, prompt: wantsDice, tools: { roll_dice }, stopWhen: stepCountIs(3) });
await embed({ ...common, model: up.textEmbeddingModel(provider.embeddingModel), value: `about ${provider.secret}` });
await tracing.shutdown();
