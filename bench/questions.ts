/** Questions that a client may ask, any of them, and how long their answers take. */
import { Agent, request } from "node:http";

const DAY_MS = 86_400_000;
const agent = new Agent({ keepAlive: true });

export interface Timed {
  /** What the server says it took, ms. */
  server: number;
  /** What the client saw, ms. */
  client: number;
}

export function get(url: string): Promise<Timed> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent }, (response) => {
      response.resume();
      response.on("end", () => {
        if (response.statusCode !== 200) return reject(new Error(`${url}: ${response.statusCode}`));
        const [, server] = /dur=([\d.]+)/.exec(String(response.headers["server-timing"])) ?? [];
        return resolve({ server: Number(server), client: performance.now() - began });
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}

const PERIODS = ["day", "week", "month", "all"];
export const STATS = ["stats", "stats/models", "stats/tools", "stats/users", "stats/groups", "stats/channels"];

export function anyStats(random: () => number): [string, string] {
  const path = STATS[Math.floor(random() * STATS.length)] as string;
  const period = PERIODS[Math.floor(random() * PERIODS.length)] as string;
  const group = Math.floor(random() * 600);
  return [path, `/api/${path}?period=${period}${group < 300 ? `&groupId=group${group}` : ""}`];
}

export function anyLogs(random: () => number): [string, string] {
  const pick = (n: number): number => Math.floor(random() * n);
  const maybe = (text: string): string => (random() < 0.5 ? text : "");
  const before = maybe(`&before=${Date.now() - pick(80 * DAY_MS)}`);
  const tool = maybe(`&toolName=tool-${pick(25)}`) + maybe(`&userId=user${pick(6000)}`) + maybe("&status=error");
  const level = maybe(`&level=${["error", "warn", "info", "debug"][pick(4)]}`);
  const all: [string, string][] = [
    ["logs", `/api/logs?limit=100${level}${before}`],
    ["logs/tools", `/api/logs/tools?limit=100${tool}${before}`],
    ["logs/errors", `/api/logs/errors?limit=100${before}`],
  ];
  return all[pick(3)] as [string, string];
}

/** Turns of any time, found as a person finds them: by a line of the tool log. */
export async function anyTrace(url: string): Promise<(random: () => number) => [string, string]> {
  const found: string[] = [];
  for (let n = 0; n < 50; n += 1) {
    const before = Math.floor(Date.now() - 80 * DAY_MS * Math.random());
    const answer = await fetch(`${url}/api/logs/tools?limit=50&before=${before}`);
    const { data } = (await answer.json()) as { data: { logs: { traceId: string; timestamp: string }[] } };
    found.push(...data.logs.map(({ traceId, timestamp }) => `/api/traces/${traceId}?at=${timestamp}`));
  }
  return (random) => ["traces", found[Math.floor(random() * found.length)] as string];
}

/** Asks one after the other. @param any gives a path to show it under, and the path that is asked */
export async function measure(
  url: string,
  requests: number,
  any: (random: () => number) => [string, string],
): Promise<Map<string, Timed[]>> {
  const byPath = new Map<string, Timed[]>();
  for (let n = 0; n < requests; n += 1) {
    const [path, query] = any(Math.random);
    const timed = await get(url + query);
    const list = byPath.get(path) ?? [];
    byPath.set(path, list);
    list.push(timed);
  }
  return byPath;
}

export function show(byPath: Map<string, Timed[]>): void {
  const at = (list: Timed[], side: keyof Timed, share: number): string => {
    const sorted = list.map((timed) => timed[side]).sort((a, b) => a - b);
    return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
      .toFixed(2)
      .padStart(7);
  };
  for (const [path, list] of byPath) {
    const row = (side: keyof Timed): string =>
      `p50 ${at(list, side, 0.5)}  p99 ${at(list, side, 0.99)}  max ${at(list, side, 1)}`;
    console.log(
      `${path.padEnd(16)} n ${String(list.length).padStart(5)}   server ${row("server")}   client ${row("client")} ms`,
    );
  }
}
