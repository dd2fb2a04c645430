import { onTestFinished } from "vitest";
import { createApi } from "../../src/api/api.ts";
import type { ApiDeps, Failed, LiveClient } from "../../src/api/deps.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { Endpoint } from "../../src/api/endpoint.ts";
import { listen } from "../../src/api/listen.ts";
import { accessOf } from "./access.ts";

export interface StartedApi {
  url: string;
  port: number;
  /** What failed inside so far. */
  failed: Failed[];
  /** Clients of the event stream so far, with how often each was told that it drained or closed. */
  clients: (LiveClient & { drains: number; closed: boolean })[];
  get: (path: string, init?: RequestInit) => Promise<Response>;
}

/** The API on a free loopback port for one test, with answers that hold nothing; `deps` replaces some. */
export async function startApi(deps: Partial<ApiDeps> = {}): Promise<StartedApi> {
  const failed: Failed[] = [];
  const clients: StartedApi["clients"] = [];
  const live: ApiDeps["live"] = {
    maxClients: 20,
    subscribe(client) {
      const known = { ...client, drains: 0, closed: false };
      clients.push(known);
      return { drained: () => (known.drains += 1), close: () => (known.closed = true) };
    },
  };
  const app = createApi({ ...empty, access: accessOf(), live, report: (failure) => failed.push(failure), ...deps });
  const server = await listen(app, { host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close(0));
  const { url, port } = server;
  return { url, port, failed, clients, get: (path, init) => fetch(url + path, init) };
}

const memory = { used: 50, total: 100, percentage: 50 };
const page = { nextBefore: null };

/** A botel that has just started, and has seen nothing. */
const empty: Omit<ApiDeps, "live" | "report" | "access"> = {
  answers: () => ({
    stats: () => ({
      summary: { totalMessages: 0, aiResponses: 0, toolCalls: 0, tokensUsed: 0, activeUsers: 0, activeGroups: 0 },
      daily: [],
    }),
    models: () => ({ models: [] }),
    tools: () => ({ tools: [] }),
    users: () => ({ users: [] }),
    groups: () => ({ groups: [] }),
    channels: () => ({ channels: [] }),
    logs: () => ({ logs: [], ...page }),
    toolLogs: () => ({ logs: [], ...page }),
    errors: () => ({ errors: [], ...page }),
    trace: ({ traceId }) => ({ traceId, startTime: "2024-12-15T15:30:00.000Z", duration: 0, spans: [] }),
  }),
  system: {
    status: () => ({
      status: "running",
      version: "1.2.3",
      uptime: 1,
      startTime: "2024-12-15T15:30:00Z",
      nodejs: process.version,
      memory,
      bot: { connected: false, platform: null, uin: null },
      bots: [],
      demo: false,
    }),
    info: () => ({
      version: "1.2.3",
      platform: "linux",
      arch: "x64",
      nodejs: process.version,
      features: { mcp: false, memory: false, galgame: false },
      adapters: [],
      mcpServers: 0,
      totalTools: 0,
    }),
    health: () => ({
      healthy: true,
      checks: {
        database: { status: "ok", latency: 1 },
        bot: { status: "disabled" },
        channels: { status: "disabled", available: 0 },
      },
    }),
  },
  metrics: { render: () => ({ contentType: "text/plain; version=0.0.4; charset=utf-8", body: "# nothing\n" }) },
  ready: () => true,
  clock: systemClock,
};

/** A path of the endpoint that is answered: what it requires is given. */
export function addressOf({ path, parameters }: Pick<Endpoint, "path" | "parameters">): string {
  const required = Object.entries(parameters).filter(([, parameter]) => parameter.required && parameter.in !== "path");
  const query = required.map(([name]) => `${name}=${EXAMPLES[name]}`).join("&");
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => EXAMPLES[name] ?? "");
  return query === "" ? address : `${address}?${query}`;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  paths: "%2Fapi%2Fstats%3Fperiod%3Dday,%2Fapi%2Fsystem%2Finfo",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  at: "1734276600000",
};
