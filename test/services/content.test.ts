import { afterAll, describe, expect, test } from "vitest";
import { ENDPOINTS } from "../../src/api/api.ts";
import { encode } from "../ingest/reference.ts";
import { keyValues, post, requestsOf, send } from "../ingest/requests.ts";
import type { Item } from "../oracle/items.ts";
import { ask, data } from "../started/ask.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, startServe, temporary, type Started } from "../started/started.ts";
import { until } from "../started/until.ts";
import { KEPT, MARK, marked } from "./content.ts";
import { filesOf } from "./files.ts";

afterAll(cleanUp);

/** Reads the live events until a metric has told of facts. */
async function listen(url: string): Promise<() => string> {
  const stream = await fetch(`${url}/api/system/events`);
  let text = "";
  void (async () => {
    for await (const part of stream.body!) text += Buffer.from(part as Uint8Array).toString();
  })().catch(() => undefined);
  return () => text;
}

/** All that botel answers. */
async function answers(url: string, items: readonly Item[]): Promise<string> {
  const { traceId } = items.find((item) => item.type === "span") as { traceId: string };
  const paths = ENDPOINTS.map(({ path }) => `${path.replace("{traceId}", traceId)}?limit=1000&at=${Date.now()}`);
  const all = await Promise.all(
    [...paths, "/metrics", "/api/openapi.json", "/"].map(async (path) => (await ask(url, path)).body),
  );
  const accept = { headers: { accept: "application/openmetrics-text" } };
  all.push((await ask(url, "/metrics", accept)).body);
  return all.map((body) => (typeof body === "string" ? body : JSON.stringify(body))).join("\n");
}

function files(folder: string): string {
  return [...filesOf(folder).values()].map((bytes) => bytes.toString("utf8")).join("\n");
}

/** The places whose mark is in a text. */
function marksIn(text: string): string[] {
  return [...new Set(text.match(new RegExp(`${MARK}[^"\\\\]{0,80}`, "g")))];
}

async function expectClean(started: Started, dataDir: string, items: readonly Item[], events: () => string) {
  await until(events, (text) => (/event: metric/.test(text) ? undefined : "no metric event"), 15_000);
  const places = {
    answers: await answers(started.url, items),
    events: events(),
    files: files(dataDir),
    output: started.output(),
  };
  for (const [place, text] of Object.entries(places)) expect([place, marksIn(text)]).toEqual([place, []]);
  // The search finds what is there.
  for (const kept of ["arguments", "result", "exception", "line", "note"]) {
    expect(places.answers).toContain(`${KEPT} ${kept}`);
    expect(places.files).toContain(`${KEPT} ${kept}`);
  }
  const calls = items.filter((item) => item.type === "span" && item.name.startsWith(`chat ${MARK}`)).length;
  const { models } = await data<{ models: { requests: number }[] }>(started.url, "/api/stats/models");
  expect(models.reduce((sum, { requests }) => sum + requests, 0)).toBe(calls + 1);
  await started.stop();
  expect(marksIn(files(dataDir) + started.output())).toEqual([]);
}

// contract §6: "Prompts and replies are never stored."
describe("a mark in every place where an instrumentation could put a prompt or a reply", () => {
  test("is nowhere on disk, in answers, events, metrics and output: in the bot's process", async () => {
    const dataDir = temporary();
    const bot = await startBot({ dataDir });
    const events = await listen(bot.url);
    const items = marked();
    await fed(bot, items);
    await expectClean(bot, dataDir, items, events);
  });

  test.each([{ json: true }, { json: false }])("likewise over OTLP, JSON: $json", async ({ json }) => {
    const dataDir = temporary();
    const serve = await startServe({ dataDir });
    const events = await listen(serve.url);
    const items = marked();
    for (const one of requestsOf(items, json, { "service.name": "bot", "my.prompt": `${MARK} resource` })) {
      await send(serve.url, one);
    }
    await sendRest(serve.url);
    await expectClean(serve, dataDir, items, events);
  });
});

/** Places that the oracle's items do not have: events, links, scopes, and metrics with their exemplars. */
async function sendRest(url: string): Promise<void> {
  const nowNs = String(BigInt(Date.now()) * 1_000_000n);
  const said = (place: string) => keyValues({ "gen_ai.prompt": `${MARK} ${place}`, content: `${MARK} ${place}` });
  const span = {
    traceId: Buffer.from("ab".repeat(16), "hex"),
    spanId: Buffer.from("cd".repeat(8), "hex"),
    name: `step`,
    traceState: `x=${MARK}state`,
    startTimeUnixNano: nowNs,
    endTimeUnixNano: nowNs,
    attributes: keyValues({ "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t" }),
    events: [
      { timeUnixNano: nowNs, name: "gen_ai.content.prompt", attributes: said("event") },
      { timeUnixNano: nowNs, name: `${MARK} event name`, attributes: said("other event") },
    ],
    links: [{ traceId: Buffer.from("ef".repeat(16), "hex"), spanId: Buffer.alloc(8, 1), attributes: said("link") }],
  };
  const scope = { name: "scope", attributes: said("scope") };
  const traces = encode("ExportTraceServiceRequest", { resourceSpans: [{ scopeSpans: [{ scope, spans: [span] }] }] });
  const point = (attributes: object[]) => ({ timeUnixNano: nowNs, asInt: "1", attributes });
  const sum = { aggregationTemporality: 2, isMonotonic: true };
  const metrics = [
    { name: "calls", sum: { ...sum, dataPoints: [point(keyValues({ "gen_ai.input.messages": `${MARK} point` }))] } },
    { name: "replies", sum: { ...sum, dataPoints: [point(keyValues({ "ai.response.text": `${MARK} point` }))] } },
    { name: "shown", sum: { ...sum, dataPoints: [point(keyValues({ model: "m" }))] } },
  ];
  const measured = encode("ExportMetricsServiceRequest", { resourceMetrics: [{ scopeMetrics: [{ scope, metrics }] }] });
  const headers = { "content-type": "application/x-protobuf" };
  expect((await post(url, "/v1/traces", traces, headers)).status).toBe(200);
  expect((await post(url, "/v1/metrics", measured, headers)).status).toBe(200);
  await until(
    () => ask(url, "/metrics"),
    ({ body }) => (String(body).includes("shown_total") ? undefined : "the bot's metrics are not shown"),
    10_000,
  );
}
