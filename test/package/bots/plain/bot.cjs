// The same, as CommonJS.
const OpenAI = require("openai");
const pino = require("pino");

async function main() {
  const { messages, modelUrl, say, untilTold } = await import("../world.mjs");
  const client = new OpenAI({ baseURL: modelUrl, apiKey: "k", maxRetries: 0 });
  await client.chat.completions.create({ model: "gpt-4o", messages });
  pino({ level: "info" }, pino.destination(1)).error("pino says");
  say("done");
  await untilTold();
}

void main();
