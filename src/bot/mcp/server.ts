import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { McpServerSettings } from "../../config/settings.ts";
import type { Pace } from "../pace.ts";
import { VERSION } from "../../lib/version.ts";
import type { Tool } from "../tools/tool.ts";
import { readResult } from "./result.ts";

/** Tools of one server that are offered; what it has beyond them is left out. */
const MAX_TOOLS = 100;

export interface McpServerOptions {
  settings: McpServerSettings;
  pace: Pick<Pace, "reconnectMin" | "reconnectMax" | "actionTimeout" | "toolTimeout">;
  /** Connected or not, or other tools. */
  onChange(): void;
  report(level: "info" | "warn", line: string): void;
}

/** One MCP server, connected for as long as the bot runs. */
export interface McpServer {
  readonly name: string;
  readonly connected: boolean;
  /** None while it is away. */
  readonly tools: readonly Tool[];
  stop(): Promise<void>;
}

export function connectMcpServer({ settings, pace, onChange, report }: McpServerOptions): McpServer {
  const { name } = settings;
  let client: Client | undefined;
  let tools: readonly Tool[] = [];
  let wait: number = pace.reconnectMin;
  let [stopped, told] = [false, false];
  let retry: NodeJS.Timeout | undefined;
  let connecting = connect();

  async function connect(): Promise<void> {
    let fresh: Client | undefined;
    try {
      fresh = await openClient();
      await fresh.connect(await openTransport(settings), { timeout: pace.actionTimeout });
      await learn(fresh);
      if (stopped) return await fresh.close();
      client = fresh;
      [wait, told] = [pace.reconnectMin, false];
      report("info", `MCP server ${name} is connected, with ${tools.length} tools`);
      onChange();
    } catch (error) {
      await fresh?.close().catch(() => {});
      away(error as Error);
    }
  }

  async function openClient(): Promise<Client> {
    const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
    const fresh = new Client(
      { name: "botel-bot", version: VERSION },
      { listChanged: { tools: { onChanged: () => void relearn(fresh) } } },
    );
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's own hook
    fresh.onclose = () => {
      if (client === fresh) away();
    };
    return fresh;
  }

  async function learn(from: Client): Promise<void> {
    const { tools: listed } = await from.listTools(undefined, { timeout: pace.actionTimeout });
    tools = listed.slice(0, MAX_TOOLS).map((listing) => toolOf(from, listing));
  }

  async function relearn(from: Client): Promise<void> {
    await learn(from).catch((error: Error) =>
      report("warn", `MCP server ${name} does not list its tools: ${error.message}`),
    );
    if (client === from) onChange();
  }

  function toolOf(from: Client, { name, description = "", inputSchema }: Listing): Tool {
    return {
      name,
      description,
      parameters: inputSchema,
      async run(args) {
        const timeout = pace.toolTimeout;
        return readResult(await from.callTool({ name, arguments: args }, undefined, { timeout }));
      },
    };
  }

  /** Tries again, with growing patience; says so once. */
  function away(error?: Error): void {
    if (stopped) return;
    [client, tools] = [undefined, []];
    if (!told) report("warn", `MCP server ${name} is away, and is tried again: ${error?.message ?? "it has gone"}`);
    told = true;
    retry = setTimeout(() => {
      connecting = connect();
    }, wait);
    retry.unref();
    wait = Math.min(2 * wait, pace.reconnectMax);
    onChange();
  }

  return {
    name,
    get connected() {
      return client !== undefined;
    },
    get tools() {
      return tools;
    },
    async stop() {
      stopped = true;
      clearTimeout(retry);
      await connecting;
      await client?.close().catch(() => {});
    },
  };
}

type Listing = Awaited<ReturnType<Client["listTools"]>>["tools"][number];

async function openTransport({ command, args, env, url, headers }: McpServerSettings): Promise<Transport> {
  if (command !== undefined) {
    const { StdioClientTransport, getDefaultEnvironment } = await import("@modelcontextprotocol/sdk/client/stdio.js");
    // The environment is what the SDK holds for safe, and what is set.
    return new StdioClientTransport({ command, args, env: { ...getDefaultEnvironment(), ...env }, stderr: "ignore" });
  }
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  return new StreamableHTTPClientTransport(new URL(url as string), { requestInit: { headers } });
}
