import { createServer, type AddressInfo, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Attributes, Item, RecordItem } from "../oracle/items.ts";
import { message, newTrace, record, request, span, state, tool } from "../oracle/makers.ts";
import { ask, data } from "../started/ask.ts";
import { cleanUp, startServe, temporary, type Started } from "../started/started.ts";
import { until } from "../started/until.ts";
import { logs, requestsOf, send, traces } from "./requests.ts";

let botel: Started;
let dataDir: string;
beforeAll(async () => {
  dataDir = temporary();
  botel = await startServe({ dataDir });
});
afterAll(cleanUp);

async function tell(items: readonly Item[], json = false, resource?: Attributes): Promise<void> {
  for (const one of requestsOf(items, json, resource)) await send(botel.url, one);
}

interface Row {
  [name: string]: unknown;
}
const rows = async (path: string, list: string): Promise<Row[]> =>
  (await data<Record<string, Row[]>>(botel.url, path))[list]!;
const modelRow = async (model: string): Promise<Row | undefined> =>
  (await rows("/api/stats/models", "models")).find((row) => row["model"] === model);
const linesOf = async (text: string): Promise<Row[]> =>
  (await rows("/api/logs?limit=1000", "logs")).filter((row) => row["message"] === text);

describe("contract §2 over OTLP", () => {
  test("A log record's identity is a hash of all of it (resource, scope, times, severity, event name, body, attributes, trace, span) and its ordinal among equals in the same request.", async () => {
    const line = record("told once", { attributes: { n: 1 } });
    const first = logs([line], false);
    for (const again of [first, first, logs([line], true)]) await send(botel.url, again);
    expect(await linesOf("told once")).toHaveLength(1);

    const others: RecordItem[] = [
      { ...line, timeNs: line.timeNs + 1n },
      { ...line, severity: line.severity + 1 },
      { ...line, eventName: "a.name" },
      { ...line, attributes: { n: 2 } },
      { ...line, traceId: newTrace() },
      { ...line, traceId: newTrace(), spanId: "00000000000000aa" },
    ];
    await tell(others);
    await tell([line], false, { "service.name": "another" });
    expect(await linesOf("told once")).toHaveLength(2 + others.length);

    const equal = record("told thrice");
    const thrice = logs([equal, equal, equal], false);
    await send(botel.url, thrice);
    await send(botel.url, thrice);
    expect(await linesOf("told thrice")).toHaveLength(3);
  });

  test("Model, channel and tool name are final when a fact is counted: from its own attributes, the OTel context in the bot's process, or an outer span in the same OTLP request.", async () => {
    const root = message();
    const step = span({ "bot.channel.id": "by-step", "gen_ai.request.model": "outer-model" }, { parent: root });
    const inner = request({ parent: step, provider: "p", input: 5 });
    const own = request({ parent: step, channel: "own-channel", model: "own-model" });
    const agent = span({ "gen_ai.operation.name": "invoke_agent" }, { parent: step });
    const beyond = request({ parent: agent, provider: "beyond" });
    await tell([inner, own, beyond, agent, step, root]);
    expect(await modelRow("outer-model")).toMatchObject({ requests: 1, tokens: 5 });
    const channels = await rows("/api/stats/channels", "channels");
    const requestsBy = Object.fromEntries(channels.map(({ id, requests }) => [id, requests]));
    expect(requestsBy).toMatchObject({ "by-step": 1, "own-channel": 1, beyond: 1 });

    const far = span({ "bot.channel.id": "far", "gen_ai.request.model": "far-model" }, { parent: root });
    const near = span({ "bot.channel.id": "near" }, { parent: far });
    await tell([request({ parent: near }), near, far]);
    const after = await rows("/api/stats/channels", "channels");
    expect(after.filter(({ id }) => id === "far" || id === "near")).toMatchObject([{ id: "near", requests: 1 }]);
    expect(await modelRow("far-model")).toMatchObject({ requests: 1 });

    const outerTool = tool({ name: "named-outside" });
    const mcp = span({ "mcp.method.name": "tools/call" }, { parent: outerTool });
    await tell([mcp, outerTool]);
    const named = (await rows("/api/stats/tools", "tools")).find((row) => row["name"] === "named-outside");
    expect(named).toMatchObject({ calls: 1 });
  });

  test("One call is one request, and one tool call: of spans of the same kind of fact nested in each other, the innermost counts.", async () => {
    const outer = request({ model: "nested", input: 100 });
    const step = span({ name: "step" }, { parent: outer });
    const inner = request({ parent: step, model: "nested", input: 40 });
    // In one request the order says nothing.
    await tell([outer, step, inner]);
    expect(await modelRow("nested")).toMatchObject({ requests: 1, tokens: 40 });

    const apart = request({ model: "nested apart", input: 100 });
    const between = span({ name: "step" }, { parent: apart });
    const innermost = request({ parent: between, model: "nested apart", input: 30 });
    for (const one of [innermost, between, apart]) await tell([one], true);
    expect(await modelRow("nested apart")).toMatchObject({ requests: 1, tokens: 30 });
  });

  test("User and group missing on a request are taken from the turn's message (the same trace; …), whichever arrives first.", async () => {
    const turns = [true, false].map((messageFirst) => {
      const root = message({ user: `joined-${messageFirst}`, group: "joined" });
      const call = request({ parent: root, input: 10 });
      return messageFirst ? [root, call] : [call, root];
    });
    for (const one of turns.flat()) await tell([one]);
    const users = await rows("/api/stats/users?groupId=joined", "users");
    expect(users.map(({ userId, tokens }) => [userId, tokens])).toEqual([
      ["joined-false", 10],
      ["joined-true", 10],
    ]);
  });

  test("it joins and nests across a restart", async () => {
    const root = message({ user: "over a restart" });
    const [outer, inner] = [request({ parent: root, model: "over a restart" }), "00000000000000f1"];
    const step = span({ name: "step" }, { parent: outer });
    await tell([request({ id: inner, parent: step, model: "over a restart", input: 7 }), step]);
    await botel.kill();
    botel = await startServe({ dataDir });
    await tell([outer, root]);
    expect(await modelRow("over a restart")).toMatchObject({ requests: 1, tokens: 7 });
    const users = await rows("/api/stats/users", "users");
    expect(users.find(({ userId }) => userId === "over a restart")).toMatchObject({ messages: 1, tokens: 7 });
  });
});

test("what was taken and refused by OTLP is in /api/system/health and on /metrics", async () => {
  const other = await startServe({ dataDir: temporary() });
  const items = [message(), { ...message(), spanId: "11" }, request({ at: Date.now() + 3_600_000 })];
  for (const json of [true, false]) await send(other.url, traces(items, json));
  await until(
    () => data<{ facts: object }>(other.url, "/api/system/health"),
    ({ facts }) => {
      const { taken, duplicates, refused, otlp } = facts as Row & { otlp: Row };
      const seen = JSON.stringify([taken, duplicates, refused, otlp["waiting"], otlp["answers"]]);
      return seen === '[1,1,{"too_far_ahead":2,"invalid_id":2},0,{"200":2}]' ? undefined : seen;
    },
    20_000,
  );
  const { body } = await ask(other.url, "/metrics");
  expect(body).toContain('botel_facts_refused_total{reason="invalid_id"} 2\n');
  expect(body).toContain('botel_otlp_requests_total{status="200"} 2\n');
  expect(body).toContain("botel_otlp_requests_waiting 0\n");
});

// contract §3: "A number is never older than 1 s: a fact acknowledged over OTLP is in every answer within a second"
test("a fact acknowledged over OTLP is in every answer at once", async () => {
  for (let n = 1; n <= 20; n += 1) {
    await send(botel.url, traces([request({ model: "at once", errorType: "timeout", input: 1 })], n % 2 === 0));
    expect(await modelRow("at once")).toMatchObject({ requests: n, errors: n });
  }
});

describe("contract §9 over OTLP", () => {
  test("What is no fact but a state reaches botel as an OTel event: a log record with an event name, in process or over OTLP.", async () => {
    const bot = { "service.name": "bots", "service.version": "2.0" };
    const announce = (id: string, connected: boolean): RecordItem =>
      state("bot.state", { "bot.id": id, "bot.platform": "discord", "bot.connected": connected });
    await tell([announce("501", true)], false, { ...bot, "service.instance.id": "a" });
    await tell([announce("502", false)], true, { ...bot, "service.instance.id": "b" });
    const channel = { "bot.channel.id": "said", "bot.channel.name": "Said", "bot.channel.status": "disabled" };
    const inventory = { "bot.features": ["mcp"], "bot.adapters": ["openai"], "bot.mcp.servers": 2, "bot.tools": 9 };
    await tell([state("bot.channel.state", channel), state("bot.inventory", inventory)], false, bot);

    const { bot: shown, bots } = await data<{ bot: object; bots: Row[] }>(botel.url, "/api/system/status");
    expect(shown).toEqual({ connected: true, platform: "discord", uin: "501" });
    expect(bots).toMatchObject([
      { uin: "3001" },
      { uin: "501", connected: true, version: "2.0" },
      { uin: "502", connected: false },
    ]);
    const channels = await rows("/api/stats/channels", "channels");
    expect(channels.find(({ id }) => id === "said")).toMatchObject({ name: "Said", status: "disabled", requests: 0 });
    expect(await data(botel.url, "/api/system/info")).toMatchObject({
      features: { mcp: true },
      adapters: ["openai"],
      mcpServers: 2,
      totalTools: 9,
    });
    // State events are no log lines.
    expect(await linesOf("bot.state")).toEqual([]);
  });

  test("a state event without its id or its state is refused, and told", async () => {
    const { path, contentType, body } = logs([state("bot.state", { "bot.id": "5" }), state("bot.state", {})], true);
    const answer = await ask(botel.url, path, {
      method: "POST",
      headers: { "content-type": contentType },
      body: new Uint8Array(body),
    });
    expect(answer.body).toMatchObject({ partialSuccess: { rejectedLogRecords: "2" } });
  });
});

// contract §4: "Beside the documented ones: `GET /metrics` (§8), `POST /v1/traces`, `/v1/logs`, `/v1/metrics` (OTLP/HTTP,
// protobuf and JSON, gzip and deflate too, on the main port and on 4318), `GET /livez`, …"
describe("on the main port and on 4318", () => {
  function held(): Promise<{ server: Server; port: number }> {
    const server = createServer();
    return new Promise((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve({ server, port: (server.address() as AddressInfo).port })),
    );
  }

  const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

  test("the second port takes OTLP, and serves nothing else", async () => {
    const { server, port } = await held();
    await closed(server);
    const { url } = await startServe({ dataDir: temporary(), env: { BOTEL_OTLP_PORT: String(port) } });
    const second = `http://127.0.0.1:${port}`;
    await send(second, traces([message()], false));
    expect(await data(url, "/api/stats")).toMatchObject({ summary: { totalMessages: 1 } });
    for (const path of ["/", "/metrics", "/api/stats", "/livez"]) expect((await ask(second, path)).status).toBe(404);
  });

  // contract §7: "A taken 4318 is a warning, a taken main port an error (a warning in a bot)."
  test("A taken 4318 is a warning", async () => {
    const { server, port } = await held();
    const { url, output } = await startServe({ dataDir: temporary(), env: { BOTEL_OTLP_PORT: String(port) } });
    await send(url, traces([message()], true));
    await until(output, (text) => (text.includes(`port ${port} is taken`) ? undefined : text), 20_000);
    expect(output()).toContain("BOTEL_OTLP_PORT");
    await closed(server);
  });
});
