/** Asks and scrapes, in a process of its own, so that nothing here is in the way of it: `node …/asker.ts URL`. */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface Asked {
  /** ms that each answer took, as this process saw it. */
  queries: number[];
  /** The same, as the server says by `Server-Timing`. */
  inServer: number[];
  scrapes: number[];
  /** Answers that are none, one line each. */
  wrong: string[];
}

const EVERY_MS = 50;
const SCRAPE_MS = 5000;
const PERIODS = ["day", "week", "month", "all"];
const STATS = ["stats", "stats/models", "stats/tools", "stats/users", "stats/groups", "stats/channels"];
const OTHERS = [
  "system/status",
  "system/info",
  "system/health",
  "logs?limit=50",
  "logs?level=warn",
  "logs/errors?limit=50",
];
const TOOLS = ["logs/tools?limit=50", "logs/tools?toolName=get_time", "logs/tools?userId=user-3&status=success"];

const [, , url = ""] = process.argv;
const agent = new Agent({ keepAlive: true });
const asked: Asked = { queries: [], inServer: [], scrapes: [], wrong: [] };

function any<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T;
}

function anyQuery(): string {
  const choice = Math.random();
  if (choice < 0.6)
    return `/api/${any(STATS)}?period=${any(PERIODS)}${any(["", `&groupId=group-${any([0, 1, 2, 3, 4, 5, 9])}`])}`;
  return `/api/${any(choice < 0.8 ? OTHERS : TOOLS)}`;
}

function get(path: string, headers: Record<string, string> = {}): Promise<{ ms: number; server: number }> {
  const began = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<{ ms: number; server: number }>();
  const sent = request(url + path, { agent, headers, timeout: 20_000 }, (answer) => {
    answer.resume();
    answer.on("end", () => {
      if (answer.statusCode !== 200) asked.wrong.push(`GET ${path}: ${answer.statusCode}`);
      const [, server] = /dur=([\d.]+)/.exec(String(answer.headers["server-timing"])) ?? [];
      resolve({ ms: performance.now() - began, server: Number(server) });
    });
  });
  sent.on("timeout", () => sent.destroy(new Error("no answer for 20 s")));
  sent.on("error", reject);
  sent.end();
  return promise;
}

async function query(): Promise<void> {
  const path = anyQuery();
  try {
    const { ms, server } = await get(path);
    asked.queries.push(ms);
    asked.inServer.push(server);
  } catch (error) {
    asked.wrong.push(`GET ${path}: ${String(error)}`);
  }
}

async function scrape(n: number): Promise<void> {
  const accept = n % 2 === 0 ? "text/plain" : "application/openmetrics-text;version=1.0.0";
  try {
    asked.scrapes.push((await get("/metrics", { accept, "accept-encoding": "gzip" })).ms);
  } catch (error) {
    asked.wrong.push(`GET /metrics: ${String(error)}`);
  }
}

let [isOver, scraped] = [false, 0];
const scraping = setInterval(() => void scrape((scraped += 1)), SCRAPE_MS);
process.on("message", () => {
  isOver = true;
  clearInterval(scraping);
  agent.destroy();
  // What is still being sent is lost to a disconnect.
  process.send?.(asked, () => process.disconnect?.());
});
process.on("disconnect", () => (isOver = true));
process.send?.("ready");
while (!isOver) {
  const began = performance.now();
  await query();
  await sleep(Math.max(0, EVERY_MS - (performance.now() - began)));
}
