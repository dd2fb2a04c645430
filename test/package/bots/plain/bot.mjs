import OpenAI from "openai";
import pino from "pino";
import winston from "winston";
import { messages, modelUrl, say, untilTold } from "../world.mjs";

const client = new OpenAI({ baseURL: modelUrl, apiKey: "k", maxRetries: 0 });
await client.chat.completions.create({ model: "gpt-4o", messages });
const stream = await client.chat.completions.create({
  model: "gpt-4o",
  messages,
  stream: true,
  stream_options: { include_usage: true },
});
for await (const chunk of stream) void chunk;
await client.chat.completions.create({ model: "broken", messages }).catch(() => undefined);
await client.embeddings.create({ model: "small", input: "x" });

pino({ level: "info" }, pino.destination(1)).error("pino says");
winston.createLogger({ transports: [new winston.transports.Console()] }).warn("winston says");
say("done");
await untilTold();
