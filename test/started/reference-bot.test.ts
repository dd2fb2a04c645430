import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fault } from "../../src/demo/faults.ts";
import { simulatedModel, type Model } from "../../src/demo/model.ts";
import { type Peer, type Sent, startPeer } from "../../src/demo/onebot-peer.ts";
import { type Provider, type ProviderCall, startProvider } from "../../src/demo/provider.ts";
import { createRandom } from "../../src/demo/random.ts";
import { CHANNELS, OTHER_CHANNELS } from "../../src/demo/simulated-channels.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ask, data, pages } from "./ask.ts";
import { cleanUp, startServe, temporary, type Started } from "./started.ts";
import { until } from "./until.ts";

/*
 * The reference bot as a process of its own, on a real platform's and three real providers' protocols, with a real MCP
 * server: what every endpoint says of it is compared with what the platform and the providers saw.
 */

const BOT = "3889001000";
const [ALICE, BOB, CAROL] = [
  { id: "1001", name: "Alice" },
  { id: "1002", name: "小明" },
  { id: "1003", name: "Carol" },
];
const GROUP = { id: "2001", name: "Tea room" };
const MCP = {
  name: "local",
  command: process.execPath,
  args: [fileURLToPath(new URL("../bot/mcp-server.ts", import.meta.url))],
};
const [OPENAI, CLAUDE, GEMINI] = ["openai-main", "claude-main", "gemini-main"] as const;
/** In the order of priority. */
const SIMULATED = [CHANNELS[0]!, ...OTHER_CHANNELS].map((channel) => ({ ...channel, outage: undefined }));

const model: Model = (request, random) => {
  const question = request.messages.findLast(({ role }) => role === "user")?.content;
  const answered = request.messages.at(-1)?.role === "tool";
  if (question === "Reverse botel" && !answered)
    return { text: "", calls: [{ name: "reverse", args: { text: "botel" } }] };
  return simulatedModel(request, random);
};

let bot: Started;
let peer: Peer;
let provider: Provider;
const faults: Record<string, (Fault | undefined)[]> = {};
const sent: Sent[] = [];
const calls: ProviderCall[] = [];
const said: { person: typeof ALICE; group: boolean; answered: boolean; tokens: number }[] = [];

/** Says something and waits for what the bot says to it. */
async function say(
  person: typeof ALICE,
  text: string,
  where: { group?: boolean; silent?: boolean; fixed?: boolean } = {},
) {
  const { group = false, silent = false, fixed = false } = where;
  const [before, from] = [sent.length, calls.length];
  peer.say({ person, text: group && !silent ? `!${text}` : text, ...(group && { group: GROUP }) });
  if (!silent)
    await until(
      () => sent.length,
      (count) => (count > before ? undefined : `no answer to ${text}`),
      30_000,
    );
  said.push({ person, group, answered: !silent && !fixed, tokens: tokensOf(calls.slice(from)) });
  return sent.at(-1)?.text ?? "";
}

function tokensOf(some: readonly ProviderCall[]): number {
  return some.reduce((sum, { usage }) => sum + (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0), 0);
}

beforeAll(async () => {
  peer = await startPeer({
    clock: systemClock,
    botId: BOT,
    groups: [GROUP],
    heartbeat: 1000,
    onSent: (message) => sent.push(message),
  });
  provider = await startProvider({
    channels: SIMULATED,
    random: createRandom(1),
    clock: systemClock,
    slowness: 0,
    model,
    faults: ({ id }) => faults[id]?.shift(),
    onCall: (call) => calls.push(call),
  });
  const settings = { bot: { onebot: { url: peer.url }, channels: provider.channels, mcp: [MCP] } };
  bot = await startServe({ dataDir: temporary(), config: stringify(settings) });
  await until(
    () => data<{ mcpServers: number }>(bot.url, "/api/system/info"),
    ({ mcpServers }) => (mcpServers === 1 ? undefined : "the MCP server is not connected"),
    30_000,
  );
}, 90_000);
afterAll(async () => {
  await cleanUp();
  await Promise.all([peer.stop(), provider.stop()]);
});

test("every number of every endpoint is what platform and providers saw", { timeout: 180_000 }, async () => {
  // Each protocol, with tools; commands are no responses.
  await say(ALICE, "What is (2 + 3) * 4 ?", { group: true });
  await say(ALICE, "/model claude-sonnet-4-5", { fixed: true });
  await say(ALICE, "Roll 2d6 for me");
  await say(BOB, "/model gemini-2.5-flash", { fixed: true });
  await say(BOB, "What is the weather like in Tokyo / Atlantis?");
  expect(await say(BOB, "Reverse botel")).toContain("letob");

  // A stream that dies is tried again.
  faults[CLAUDE] = [{ kind: "dies", chunks: 4, politely: false }];
  await say(ALICE, "Tell me a joke");

  // Four failures open the breaker: two turns fail over, the third does not even ask.
  faults[OPENAI] = Array.from({ length: 4 }, () => ({ kind: "status" as const, status: 503 }));
  for (let n = 0; n < 3; n += 1) await say(BOB, "Tell me a joke", { group: true });

  // The platform loses its connections, and the bot comes back.
  peer.drop();
  for (const wanted of [0, 1]) {
    await until(
      () => peer.connections,
      (count) => (count === wanted ? undefined : `${count} connections`),
      30_000,
    );
  }
  await say(ALICE, "Tell me a joke");
  await say(CAROL, "lol", { group: true, silent: true });

  const total = {
    messages: said.length,
    responses: said.filter(({ answered }) => answered).length,
    tokens: tokensOf(calls),
  };
  const { url } = bot;
  await until(
    () => data<{ summary: { totalMessages: number } }>(url, "/api/stats"),
    ({ summary }) => (summary.totalMessages === total.messages ? undefined : `${summary.totalMessages} messages`),
    20_000,
  );

  const summary = {
    totalMessages: total.messages,
    aiResponses: total.responses,
    toolCalls: 5,
    tokensUsed: total.tokens,
    activeUsers: 3,
    activeGroups: 1,
  };
  const stats = await data<{ summary: object; daily: { messages: number }[] }>(url, "/api/stats");
  expect(stats.summary).toEqual(summary);
  expect(stats.daily.reduce((sum, day) => sum + day.messages, 0)).toBe(total.messages);

  // Of the died stream the provider says nothing.
  const requests = Object.fromEntries(
    [OPENAI, CLAUDE, GEMINI].map((id) => [
      id,
      calls.filter(({ channel }) => channel === id).length + Number(id === CLAUDE),
    ]),
  );
  const errors = { [OPENAI]: 4, [CLAUDE]: 1, [GEMINI]: 0 };
  const { channels } = await data<{ channels: Row[] }>(url, "/api/stats/channels");
  expect(Object.fromEntries(channels.map(({ id, ...row }) => [id, row]))).toMatchObject(
    Object.fromEntries(
      SIMULATED.map(({ id, name }) => [
        id,
        {
          name,
          requests: requests[id],
          errors: errors[id as keyof typeof errors],
          status: id === OPENAI ? "error" : "active",
        },
      ]),
    ),
  );
  const { models } = await data<{ models: Row[] }>(url, "/api/stats/models");
  expect(Object.fromEntries(models.map(({ model, ...row }) => [model, row]))).toMatchObject(
    Object.fromEntries(
      SIMULATED.map(({ id, models: [{ name }] }) => [
        name,
        {
          requests: requests[id],
          errors: errors[id as keyof typeof errors],
          tokens: tokensOf(calls.filter(({ channel }) => channel === id)),
        },
      ]),
    ),
  );
  for (const row of [...models, ...channels]) expect(Number.isSafeInteger(row["avgLatency"])).toBe(true);

  const { tools } = await data<{ tools: Row[] }>(url, "/api/stats/tools");
  expect(tools.map(({ name, calls: count, successRate }) => [name, count, successRate])).toEqual([
    ["get_weather", 2, 0.5],
    ["calculate", 1, 1],
    ["reverse", 1, 1],
    ["roll_dice", 1, 1],
  ]);

  const { users } = await data<{ users: Row[] }>(url, "/api/stats/users");
  const ofUser = (person: typeof ALICE) => said.filter((one) => one.person === person);
  expect(
    Object.fromEntries(users.map(({ userId, nickname, messages, tokens }) => [userId, [nickname, messages, tokens]])),
  ).toEqual(
    Object.fromEntries(
      [ALICE, BOB, CAROL].map((person) => [
        person.id,
        [person.name, ofUser(person).length, ofUser(person).reduce((sum, { tokens }) => sum + tokens, 0)],
      ]),
    ),
  );
  const inGroup = said.filter(({ group }) => group);
  const { groups } = await data<{ groups: Row[] }>(url, "/api/stats/groups");
  expect(groups).toMatchObject([
    {
      groupId: GROUP.id,
      name: GROUP.name,
      messages: inGroup.length,
      responses: inGroup.filter(({ answered }) => answered).length,
      toolCalls: 1,
      tokens: inGroup.reduce((sum, { tokens }) => sum + tokens, 0),
      activeUsers: 3,
    },
  ]);

  expect(await data(url, "/api/system/info")).toMatchObject({
    features: { mcp: true, memory: true, galgame: false },
    adapters: ["claude", "gemini", "openai"],
    mcpServers: 1,
    totalTools: 5 + 3,
  });
  expect(await data(url, "/api/system/status")).toMatchObject({
    status: "running",
    bot: { connected: true, platform: "onebot", uin: BOT },
  });
  expect(await data(url, "/api/system/health")).toMatchObject({
    healthy: true,
    checks: { bot: { status: "ok" }, channels: { status: "ok", available: 2 } },
  });

  const logs = await pages(url, "/api/logs", "logs", { level: "info", limit: 1000 });
  const processed = (logs.rows as Row[]).filter(({ message }) => message === "Chat request processed");
  expect(processed).toHaveLength(total.responses);
  const toolLogs = (await data<{ logs: Row[] }>(url, "/api/logs/tools")).logs;
  const byTime = toolLogs.map(({ toolName, status, userId }) => [toolName, status, userId]).toReversed();
  expect([byTime[0], byTime[1], byTime[4]]).toEqual([
    ["calculate", "success", ALICE.id],
    ["roll_dice", "success", ALICE.id],
    ["reverse", "success", BOB.id],
  ]);
  expect(new Set(byTime.slice(2, 4).map(String))).toEqual(
    new Set([`get_weather,success,${BOB.id}`, `get_weather,error,${BOB.id}`]),
  );
  expect(toolLogs.find(({ toolName }) => toolName === "reverse")).toMatchObject({
    args: { text: "botel" },
    result: { text: "letob" },
  });
  const failures = (await data<{ errors: Row[] }>(url, "/api/logs/errors")).errors;
  const contexts = failures.map(({ context }) => (context as Row)["channel"]);
  expect(contexts.filter((channel) => channel === OPENAI)).toHaveLength(4);
  expect(contexts.filter((channel) => channel === CLAUDE)).toHaveLength(1);
  expect(failures).toHaveLength(6);

  const line = toolLogs.find(({ toolName }) => toolName === "reverse")!;
  const at = encodeURIComponent(String(line["timestamp"]));
  const trace = await data<{ spans: Row[] }>(url, `/api/traces/${String(line["traceId"])}?at=${at}`);
  const kinds = trace.spans.map(({ kind }) => String(kind));
  expect(kinds.toSorted((a, b) => a.localeCompare(b))).toEqual(["log", "message", "request", "request", "tool"]);

  const metrics = String((await ask(url, "/metrics")).body);
  const sum = (name: string, having = "") =>
    [...metrics.matchAll(new RegExp(`^${name}(?:\\{([^\\n]*)\\})? (\\S+)`, "gm"))]
      .filter(([, labels = ""]) => labels.includes(having))
      .reduce((all, [, , value]) => all + Number(value), 0);
  expect([sum("bot_messages_total"), sum("bot_responses_total"), sum("bot_tool_calls_total")]).toEqual([
    total.messages,
    total.responses,
    5,
  ]);
  expect(sum("bot_requests_total")).toBe(calls.length + 1);
  for (const id of [OPENAI, CLAUDE, GEMINI]) {
    expect(sum("bot_requests_total", `bot_channel_id="${id}"`)).toBe(requests[id]);
    expect(sum("bot_channel_up", `bot_channel_id="${id}"`)).toBe(id === OPENAI ? 0 : 1);
  }

  // The bot's own commands tell the same.
  expect(await say(CAROL, "/stats", { group: true, fixed: true })).toContain(
    `Today: ${inGroup.length} messages, ${inGroup.filter(({ answered }) => answered).length} answers, 1 tool calls`,
  );
  expect(await say(CAROL, "/limits", { group: true, fixed: true })).toBe(
    "This group: 4 answers today.\nYou: 0 answers today.",
  );
});

type Row = Record<string, unknown>;
