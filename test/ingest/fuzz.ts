import { sample } from "fast-check";
import { data } from "../started/ask.ts";
import type { Started } from "../started/started.ts";
import { asJson, logRequest, metricRequest, traceRequest } from "./messages.ts";
import { mutated, randomOf, type Payload, type Random } from "./mutations.ts";
import { message } from "../oracle/makers.ts";
import { encode } from "./reference.ts";
import { post, send, traces } from "./requests.ts";

export interface Fuzzed {
  sent: number;
  /** Answers by their status. */
  statuses: Record<number, number>;
  /** What must not happen, one line each. */
  wrong: string[];
  /** Largest resident size of the process, MB. */
  largestMb: number;
}

const CORPUS = [
  { path: "/v1/traces", message: "ExportTraceServiceRequest", requests: traceRequest },
  { path: "/v1/logs", message: "ExportLogsServiceRequest", requests: logRequest },
  { path: "/v1/metrics", message: "ExportMetricsServiceRequest", requests: metricRequest },
];

function corpus(seed: number): Payload[] {
  return CORPUS.flatMap(({ path, message: type, requests }) =>
    sample(requests, { seed, numRuns: 100 }).flatMap((request) => [
      { path, headers: { "content-type": "application/x-protobuf" }, body: encode(type, request) },
      { path, headers: { "content-type": "application/json" }, body: asJson(request) },
    ]),
  );
}

/** Sends payloads that are broken: none may be answered 5xx but 503, and a good request is served after each hundred. */
export async function fuzz(botel: Started, count: number, seed: number): Promise<Fuzzed> {
  const random = randomOf(seed);
  const good = corpus(seed);
  const found: Fuzzed = { sent: 0, statuses: {}, wrong: [], largestMb: 0 };
  while (found.sent < count && found.wrong.length < 10) {
    const size = Math.min(100, count - found.sent);
    await Promise.all(Array.from({ length: size }, () => one(botel.url, pick(good, random), random, found)));
    await goodOne(botel.url, found);
    const { memory } = await data<{ memory: { used: number } }>(botel.url, "/api/system/status");
    found.largestMb = Math.max(found.largestMb, Math.round(memory.used / 1e6));
  }
  return found;
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)]!;
}

async function one(url: string, good: Payload, random: Random, found: Fuzzed): Promise<void> {
  const { path, headers, body } = mutated(good, random);
  found.sent += 1;
  const what = `${path} ${JSON.stringify(headers)} ${body.toString("base64").slice(0, 2000)}`;
  try {
    const response = await post(url, path, body, headers);
    const text = await response.text();
    found.statuses[response.status] = (found.statuses[response.status] ?? 0) + 1;
    if (response.status >= 500 && response.status !== 503) found.wrong.push(`${response.status} ${text}: ${what}`);
    if (text.includes("that botel can read")) found.wrong.push(`an error inside: ${what}`);
  } catch (error) {
    found.wrong.push(`${String(error)}: ${what}`);
  }
}

let served = 0;

async function goodOne(url: string, found: Fuzzed): Promise<void> {
  served += 1;
  const group = `good-${served}`;
  await send(url, traces([message({ group })], served % 2 === 0));
  const { summary } = await data<{ summary: { totalMessages: number } }>(url, `/api/stats?groupId=${group}`);
  if (summary.totalMessages !== 1) found.wrong.push(`the good request ${group} is not counted`);
}
