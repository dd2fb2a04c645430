import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { sample } from "fast-check";
import { asJson, logRequest, metricRequest, traceRequest } from "../ingest/messages.ts";
import { randomOf, type Payload, type Random } from "../ingest/mutations.ts";
import { encode } from "../ingest/reference.ts";
import { traces } from "../ingest/requests.ts";
import { message } from "../oracle/makers.ts";
import { garbage } from "./garbage.ts";
import { createJudge, type Judge, type JudgedBy } from "./judge.ts";
import { anyRequest, operationsOf, type Document, type Material, type Operation } from "./requests.ts";
import { byBytes, send, type Target } from "./send.ts";

export interface Attacked {
  sent: number;
  /** How many of those were bytes that are no request. */
  garbage: number;
  /** Answers by their status; 0: closed without a word. */
  statuses: Record<number, number>;
  /** What must not happen, one line each. */
  wrong: string[];
  /** Resident size of the process over time: after each batch, MB. */
  rssMb: number[];
}

export interface Attack {
  url: string;
  pid: number;
  count: number;
  seed: number;
  /** Operations that the API does not describe itself. */
  more?: readonly Operation[];
  /** One that may do everything; asked for where botel has one. */
  token?: string;
  /** Called after each batch. */
  progress?: (soFar: Attacked) => void;
}

/** After so many requests memory is looked at. */
export const BATCH = 500;
const AT_ONCE = 32;
/** Of so many requests, one is bytes that are none. */
const GARBAGE_EVERY = 12;
const GOOD_GROUPS = 20;
const GIVE_UP = 30;

/** Sends requests that mean harm; after each batch a good one is taken in and counted as ever. */
export async function attack({ url, pid, count, seed, token, more = [], progress }: Attack): Promise<Attacked> {
  const random = randomOf(seed);
  const { hostname: host, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const target = { host, port: Number(port), agent };
  const good = goodOnes(url, token);
  const document = (await good.get("/api/openapi.json")) as Document & JudgedBy;
  const judge = createJudge(document, token);
  const operations = [...operationsOf(document), ...more];
  const material = { operations, payloads: payloads(seed), credentials: credentials(token) };
  const found: Attacked = { sent: 0, garbage: 0, statuses: {}, wrong: [], rssMb: [] };
  while (found.sent < count && found.wrong.length < GIVE_UP) {
    const todo = Math.min(BATCH, count - found.sent);
    let next = 0;
    const worker = async (): Promise<void> => {
      while ((next += 1) <= todo) await one(target, material, judge, random, found);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const wrong = await good.one();
    if (wrong !== undefined) found.wrong.push(wrong);
    found.rssMb.push(rssOf(pid));
    progress?.(found);
  }
  agent.destroy();
  return found;
}

async function one(target: Target, material: Material, judge: Judge, random: Random, found: Attacked): Promise<void> {
  found.sent += 1;
  const isGarbage = random() < 1 / GARBAGE_EVERY;
  const request = isGarbage ? garbage(random) : anyRequest(material, random);
  if (isGarbage) found.garbage += 1;
  const tell = (lines: readonly string[]): void => {
    if (lines.length > 0) found.wrong.push(`${lines.join("; ")}: ${shown(request)}`);
  };
  try {
    const answers = Buffer.isBuffer(request) ? await byBytes(target, request) : await send(target, request);
    if (answers.length === 0) count(found, 0);
    for (const answer of answers) {
      count(found, answer.status);
      tell(Buffer.isBuffer(request) ? judge.any(answer) : judge.answer(request, answer));
    }
  } catch (error) {
    tell([String(error)]);
  }
}

function count({ statuses }: Attacked, status: number): void {
  statuses[status] = (statuses[status] ?? 0) + 1;
}

function shown(request: Buffer | object): string {
  if (Buffer.isBuffer(request)) return JSON.stringify(request.toString("latin1").slice(0, 500));
  const text = JSON.stringify(request, (_, value: unknown) => {
    return typeof value === "string" && value.length > 200 ? `${value.slice(0, 200)}… (${value.length})` : value;
  });
  return text.slice(0, 1500);
}

function payloads(seed: number): Payload[] {
  const kinds = [
    { path: "/v1/traces", message: "ExportTraceServiceRequest", requests: traceRequest },
    { path: "/v1/logs", message: "ExportLogsServiceRequest", requests: logRequest },
    { path: "/v1/metrics", message: "ExportMetricsServiceRequest", requests: metricRequest },
  ];
  return kinds.flatMap(({ path, message: type, requests }) =>
    sample(requests, { seed, numRuns: 100 }).flatMap((request) => [
      { path, headers: { "content-type": "application/x-protobuf" }, body: encode(type, request) },
      { path, headers: { "content-type": "application/json" }, body: asJson(request) },
    ]),
  );
}

/** Mostly the right token, so that the requests get past the door; in each place where it may stand. */
function credentials(token: string | undefined): Material["credentials"] {
  if (token === undefined) return [];
  const right = (given: string): [string, string][] => [
    ["Authorization", `Bearer ${given}`],
    ["X-API-Key", given],
    ["Cookie", `auth_token=${given}`],
  ];
  const wrong = `${token.slice(0, -1)}${token.endsWith("x") ? "y" : "x"}`;
  return [...right(token), ...right(token), ...right(token), ...right(wrong)];
}

interface Good {
  get(path: string): Promise<unknown>;
  /** A message is taken in and counted. @returns what is wrong */
  one(): Promise<string | undefined>;
}

function goodOnes(url: string, token: string | undefined): Good {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const known = new Map<string, number>();
  let serial = 0;

  async function get(path: string): Promise<unknown> {
    return (await fetch(new URL(path, url), { headers, signal: AbortSignal.timeout(20_000) })).json();
  }

  async function one(): Promise<string | undefined> {
    const group = `good-${(serial += 1) % GOOD_GROUPS}`;
    const { path, contentType, body } = traces([message({ group })], serial % 2 === 0);
    const sent = { ...headers, "content-type": contentType };
    const { status } = await fetch(new URL(path, url), { method: "POST", headers: sent, body: new Uint8Array(body) });
    if (status !== 200) return `a good request was answered ${status}`;
    known.set(group, (known.get(group) ?? 0) + 1);
    const asked = `/api/stats?groupId=${group}`;
    const { data } = (await get(asked)) as { data?: { summary: { totalMessages: number } } };
    if (data?.summary.totalMessages === known.get(group)) return undefined;
    return `${asked}: ${data?.summary.totalMessages} messages instead of ${known.get(group)}`;
  }

  return { get, one };
}

/** MB. */
export function rssOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1000;
}
