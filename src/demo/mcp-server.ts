import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { LOTS } from "./lots.ts";
import type { Random } from "./random.ts";

export interface McpPeer {
  /** As the bot is to be told. */
  readonly url: string;
  stop(): Promise<void>;
}

/** An MCP server of the demo's own, over streamable HTTP on a loopback port: it draws fortunes. */
export async function startMcpPeer(random: Random): Promise<McpPeer> {
  const http = createServer((request, response) => {
    answer(random)
      .then((transport) => transport.handleRequest(request, response))
      .catch(() => response.destroy());
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    async stop() {
      http.close();
      http.closeAllConnections();
      await once(http, "close");
    },
  };
}

/** No sessions: each request is answered by a server of its own, as the protocol's SDK wants it then. */
async function answer(random: Random): Promise<StreamableHTTPServerTransport> {
  const server = new McpServer({ name: "fortune", version: "1.0.0" });
  server.registerTool("draw_lot", { description: "Draws the fortune of today, as a temple's lots do" }, () => {
    const lot = random.pick(LOTS);
    return { content: [{ type: "text", text: lot }], structuredContent: { lot } };
  });
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await server.connect(transport);
  return transport;
}
