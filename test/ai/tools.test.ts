import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, isStepCount, tool } from "ai";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { observeModel, observeTools } from "../../src/ai.ts";
import { instrument, wrapMcpClient, wrapTool } from "../../src/index.ts";
import { createTestServer } from "../bot/mcp-server.ts";
import { startObserved } from "./captured-provider.ts";

let world: Awaited<ReturnType<typeof startObserved>>;
beforeAll(async () => {
  world = await startObserved();
});
afterAll(() => world.stop());
afterEach(() => world.clear());

test("a wrapped function is a tool call, and gives and throws what it always did", async () => {
  const error = new TypeError("no sides");
  const roll = wrapTool("roll", ({ sides }: { sides: number }, more: { toolCallId: string }) => {
    if (sides === 0) throw error;
    return `${sides} ${more.toolCallId}`;
  });
  expect(await roll({ sides: 6 }, { toolCallId: "c1" })).toBe("6 c1");
  await expect(roll({ sides: 0 }, { toolCallId: "c2" })).rejects.toBe(error);
  expect(world.captured.of("tool")).toMatchObject([
    { tool: "roll", failed: false, args: '{"sides":6}', result: '"6 c1"' },
    { tool: "roll", failed: true, errorType: "TypeError", args: '{"sides":0}' },
  ]);
});

test("tools of the AI SDK, also one that gives its result step by step", async () => {
  const inputSchema = z.object({}).loose();
  const tools = observeTools({
    roll_dice: tool({ inputSchema, execute: () => ({ sum: 4 }) }),
    get_time: tool({
      inputSchema,
      async *execute() {
        yield { time: "?" };
        yield { time: "noon" };
      },
    }),
    elsewhere: tool({ inputSchema }),
  });
  const { baseUrl, apiKey, id } = world.openai;
  const model = observeModel(createOpenAICompatible({ name: "openai", baseURL: baseUrl, apiKey })("gpt-4o"), {
    channel: id,
  });
  const ask = (prompt: string) => generateText({ model, prompt, tools, stopWhen: isStepCount(2) });
  const message = { platform: "qq", botId: "1", userId: "42" };
  await instrument.message(message, () => ask("Roll 2d6 for me"));
  const { steps } = await instrument.message(message, () => ask("What time is it in Asia/Tokyo?"));
  expect(steps[0]!.toolResults.map(({ output }) => output)).toEqual([{ time: "noon" }]);
  expect(world.captured.of("tool")).toMatchObject([
    { tool: "roll_dice", failed: false, result: '{"sum":4}', userId: "42" },
    { tool: "get_time", failed: false, args: '{"zone":"Asia/Tokyo"}', result: '{"time":"noon"}', userId: "42" },
  ]);
});

test("an MCP client's calls, what the server marks as failed too", async () => {
  const [here, there] = InMemoryTransport.createLinkedPair();
  await createTestServer().connect(there);
  const client = wrapMcpClient(new Client({ name: "test", version: "1" }));
  await client.connect(here);
  expect((await client.listTools()).tools).toHaveLength(3);
  expect(await client.callTool({ name: "reverse", arguments: { text: "botel" } })).toMatchObject({
    content: [{ text: "letob" }],
  });
  expect(await client.callTool({ name: "fail" })).toMatchObject({ isError: true });
  await client.close();
  await expect(client.callTool({ name: "reverse" })).rejects.toThrow();
  expect(world.captured.of("tool")).toMatchObject([
    { tool: "reverse", failed: false, args: '{"text":"botel"}' },
    { tool: "fail", failed: true, errorMessage: "It did not work out" },
    { tool: "reverse", failed: true },
  ]);
});
