import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { trace } from "@opentelemetry/api";
import { McpInstrumentation } from "@traceloop/instrumentation-mcp";
import { z } from "zod";
import { throwDice } from "../calls.mjs";
import { startTracing } from "./tracing.mjs";

const tracing = startTracing();
const instrumentation = new McpInstrumentation();
instrumentation.setTracerProvider(tracing);
instrumentation.manuallyInstrument({ Client });

const throwing = { description: "Throws dice", inputSchema: { count: z.number(), sides: z.number() } };
const asText = (result) => ({ content: [{ type: "text", text: JSON.stringify(result) }] });

/** @returns a client of a server of its own */
async function connect() {
  const server = new McpServer({ name: "dice", version: "1.0.0" });
  server.registerTool("roll_dice", throwing, (args) => asText(throwDice(args)));
  server.registerTool("lose_dice", throwing, () => ({ ...asText("they are gone"), isError: true }));
  const [here, there] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: "dialects", version: "1.0.0" });
  await Promise.all([server.connect(there), client.connect(here)]);
  return client;
}

const args = { count: 2, sides: 6 };
const client = await connect();
await client.listTools();
await client.callTool({ name: "roll_dice", arguments: args });
await client.callTool({ name: "lose_dice", arguments: args });
await client.close();

// A tool of the bot that asks a server: one call.
const attributes = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "roll_dice" };
await trace.getTracer("bot").startActiveSpan("execute_tool roll_dice", { attributes }, async (span) => {
  const inner = await connect();
  await inner.callTool({ name: "roll_dice", arguments: args });
  await inner.close();
  span.end();
});
await tracing.shutdown();
