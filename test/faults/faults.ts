// What the tests of faults share.
import { message } from "../oracle/makers.ts";
import { ask, data } from "../started/ask.ts";
import { until } from "../started/until.ts";
import { post, traces } from "../ingest/requests.ts";

interface Served {
  url: string;
  output(): string;
}

/** Sends messages over OTLP. @returns the status of the answer */
export async function sendMessages({ url }: Served, count: number, at?: number): Promise<number> {
  const { path, body, contentType } = traces(
    Array.from({ length: count }, (_, n) => message({ user: `u${n % 10}`, responses: 1, at })),
    false,
  );
  return (await post(url, path, body, { "content-type": contentType })).status;
}

export async function totalMessages({ url }: Served): Promise<number> {
  return (await data<{ summary: { totalMessages: number } }>(url, "/api/stats")).summary.totalMessages;
}

/** Waits until so many messages are answered. */
export function untilMessages(served: Served, count: number, withinMs = 20_000): Promise<number> {
  return until(
    () => totalMessages(served),
    (total) => (total === count ? undefined : `${total} messages`),
    withinMs,
  );
}

/** Waits until a line is in the log. */
export function untilSaid(served: Served, line: string | RegExp, withinMs = 20_000): Promise<string> {
  return until(
    () => served.output(),
    (text) => (new RegExp(line).test(text) ? undefined : `not said: ${line}\n${text}`),
    withinMs,
  );
}

/** How often a line is in the log. */
export function timesSaid(served: Served, line: RegExp): number {
  return served
    .output()
    .split("\n")
    .filter((text) => line.test(text)).length;
}

/** Every documented endpoint whose answer does not say how well botel is. */
export const READS = [
  "/api/system/status",
  "/api/system/info",
  "/api/stats?period=week",
  "/api/stats/models",
  "/api/stats/tools",
  "/api/stats/users",
  "/api/stats/groups",
  "/api/stats/channels",
  "/api/logs",
  "/api/logs/tools",
  "/api/logs/errors",
  "/metrics",
  "/livez",
];

export async function statusesOfReads({ url }: Served): Promise<number[]> {
  return (await Promise.all(READS.map((path) => ask(url, path)))).map(({ status }) => status);
}
