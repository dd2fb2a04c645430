import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { McpServerSettings } from "../../src/config/settings.ts";
import type { Model } from "../../src/demo/model.ts";
import { serveOverHttp } from "./mcp-server.ts";
import { ALICE, ending, startWorld, until, type World } from "./world.ts";

const PROGRAM = fileURLToPath(new URL("mcp-server.ts", import.meta.url));
const STDIO: McpServerSettings = { name: "local", command: process.execPath, args: [PROGRAM], env: {}, headers: {} };
const overHttp = (url: string): McpServerSettings => ({
  name: "remote",
  url,
  args: [],
  env: {},
  headers: { "x-key": "k" },
});

/** Calls the tool once, and then says what it gave. */
const calls =
  (name: string, args: Record<string, unknown> = {}): Model =>
  ({ messages }) => {
    const result = messages.findLast(({ role }) => role === "tool");
    return result === undefined ? { text: "", calls: [{ name, args }] } : { text: String(result.content), calls: [] };
  };

async function connected({ recorder }: World, servers: number): Promise<void> {
  await until(() => recorder.inventories.at(-1)?.mcpServers === servers);
}

async function say(world: World): Promise<string> {
  const before = world.sent.length;
  world.peer.say({ person: ALICE, text: "Go on" });
  await until(() => world.sent.length > before);
  return world.sent.at(-1)!.text;
}

describe("an MCP server", () => {
  test("over its standard input and output: its tools are offered, called, and counted once", async () => {
    const world = await startWorld({
      settings: { mcp: [STDIO] },
      provider: { model: calls("reverse", { text: "botel" }) },
    });
    await connected(world, 1);
    expect(world.recorder.inventories.at(-1)).toEqual({
      features: ["mcp", "memory"],
      adapters: ["openai"],
      mcpServers: 1,
      tools: 5 + 3,
    });
    expect(await say(world)).toBe('{"text":"letob"}');
    expect(world.recorder.tools).toMatchObject([
      { name: "reverse", args: { text: "botel" }, result: { text: "letob" }, failed: false },
    ]);
  });

  test("over streamable HTTP, with headers: what it says has failed is a failed tool call, which the model is told", async () => {
    const server = ending(await serveOverHttp());
    const world = await startWorld({ settings: { mcp: [overHttp(server.url)] }, provider: { model: calls("fail") } });
    await connected(world, 1);
    expect(await say(world)).toBe('{"error":"It did not work out"}');
    expect(world.recorder.tools).toMatchObject([{ name: "fail", failed: true, why: "It did not work out" }]);
    expect(new Set(server.seen)).toEqual(new Set(["k"]));
  });

  test("a name that the bot has itself gets the server's before it", async () => {
    const world = await startWorld({ settings: { mcp: [STDIO] }, provider: { model: calls("local_roll_dice") } });
    await connected(world, 1);
    expect(await say(world)).toBe('{"text":"loaded"}');
  });

  test("one that is away is said once, holds up no answer, and is reached when it comes", async () => {
    const { port, url, stop } = await serveOverHttp();
    await stop();
    const world = await startWorld({ settings: { mcp: [overHttp(url)] } });
    await until(() => world.recorder.logs.some(({ message }) => message.includes("MCP server remote is away")));
    expect(await say(world)).not.toBe("");
    ending(await serveOverHttp(port));
    await connected(world, 1);
    expect(world.recorder.logs.filter(({ message }) => message.includes("is away"))).toHaveLength(1);
  });

  test("one that ends is away, and is started again", async () => {
    const sdk = import.meta.resolve("@modelcontextprotocol/sdk/server/stdio.js");
    const script = `const { createTestServer } = await import(${JSON.stringify(PROGRAM)});
      const { StdioServerTransport } = await import(${JSON.stringify(sdk)});
      await createTestServer().connect(new StdioServerTransport());
      setTimeout(() => process.exit(), 300);`;
    const world = await startWorld({
      settings: { mcp: [{ ...STDIO, args: ["--input-type=module", "-e", script] }] },
    });
    await until(() => world.recorder.inventories.filter(({ mcpServers }) => mcpServers === 1).length >= 2);
    expect(
      world.recorder.inventories.some(({ mcpServers, features }) => mcpServers === 0 && !features.includes("mcp")),
    ).toBe(true);
  });
});
