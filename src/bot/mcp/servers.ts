import type { McpServerSettings } from "../../config/settings.ts";
import type { Tool } from "../tools/tool.ts";
import { connectMcpServer, type McpServer, type McpServerOptions } from "./server.ts";

/** All MCP servers of the bot. */
export interface McpServers {
  /** How many are connected. */
  readonly connected: number;
  /** Of those, each under a name of its own. */
  readonly tools: readonly Tool[];
  stop(): Promise<void>;
}

/** What providers take as the name of a tool. */
const NAME = /^[\w-]{1,64}$/;

/**
 * @param taken names of the bot's own tools
 */
export function connectMcpServers(
  settings: readonly McpServerSettings[],
  taken: readonly string[],
  options: Omit<McpServerOptions, "settings">,
): McpServers {
  const servers = settings.map((one) => connectMcpServer({ ...options, settings: one }));
  return {
    get connected() {
      return servers.filter(({ connected }) => connected).length;
    },
    get tools() {
      return named(servers, taken);
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** A name that is taken gets its server's before it; a tool whose name no provider would take is left out. */
function named(servers: readonly McpServer[], taken: readonly string[]): Tool[] {
  const names = new Set(taken);
  const tools: Tool[] = [];
  for (const server of servers) {
    for (const tool of server.tools) {
      const name = names.has(tool.name) ? `${server.name}_${tool.name}` : tool.name;
      if (!NAME.test(name) || names.has(name)) continue;
      names.add(name);
      tools.push({ ...tool, name });
    }
  }
  return tools;
}
