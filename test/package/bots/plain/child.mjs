import OpenAI from "openai";
import { messages, modelUrl } from "../world.mjs";

const client = new OpenAI({ baseURL: modelUrl, apiKey: "k", maxRetries: 0 });
await client.chat.completions.create({ model: process.argv[2], messages });
