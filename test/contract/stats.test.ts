import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dayOf, plus } from "../oracle/days.ts";
import { message, newTrace, record, request, tool } from "../oracle/makers.ts";
import { data } from "../started/ask.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, temporary } from "../started/started.ts";

const ZONE = "Asia/Kathmandu";
const DAY = 86_400_000;
const now = Date.now();
const day = (ago: number): string => plus(dayOf(BigInt(now) * 1_000_000n, ZONE), -ago);
/** Some days ago at this time, to the millisecond .900, of which whole seconds are cut. */
const at = (ago: number): number => Math.floor(now / 1000) * 1000 - 5100 - ago * DAY;
const second = (ago: number): string => `${new Date(at(ago)).toISOString().slice(0, 19)}Z`;

const turn = newTrace();
const old = newTrace();
const history = [
  // Two days ago: a turn in a group, children first, which say nothing of user and group themselves.
  request({ trace: turn, at: at(2), took: 100.5, model: "m-b", channel: "c", input: 10, output: 5, cached: 4 }),
  request({ trace: turn, at: at(2), took: 900, model: "m-b", channel: "c", input: 7, errorType: "timeout" }),
  tool({ trace: turn, at: at(2), took: 10, name: "dice" }),
  tool({ trace: turn, at: at(2), took: 21, name: "dice", errorType: "broken" }),
  message({ trace: turn, at: at(2), user: "u1", name: "Ann", group: "g1", groupName: "Old", responses: 1 }),
  // Forty days ago.
  message({ trace: old, at: at(40), user: "u1", name: "Anna", group: "g1", groupName: "Older", responses: 2 }),
  tool({ trace: old, at: at(40), took: 3, name: "clock" }),
  // Today: the same user without a name, somebody in private, and calls of no turn.
  message({ at: at(0), user: "u1", group: "g1", groupName: "New" }),
  message({ at: at(0), user: "u2", responses: 1 }),
  request({ at: at(0), took: 50, model: "m-a", provider: "deepseek", input: 1, output: 1 }),
  request({ at: at(0), took: 10, model: "\u{1F600}", channel: "c2", errorType: "x" }),
  request({ at: at(0), took: 10, model: "\uFF5E", channel: "c2", errorType: "x" }),
  // Eight days ago: one who only calls, by himself.
  request({ at: at(8), took: 0.5, model: "m-c", channel: "c", user: "u3", group: "g2", input: 100, output: 0 }),
  record("a log line is no activity", { at: at(50), attributes: { "user.id": "u9" } }),
];

let url: string;
const get = (path: string) => data<Record<string, never>>(url, path);

beforeAll(async () => {
  const bot = await startBot({ dataDir: temporary(), zone: ZONE });
  url = bot.url;
  await fed(bot, history);
});
afterAll(cleanUp);

describe("contract §4, GET /api/stats", () => {
  const zero = { messages: 0, responses: 0, toolCalls: 0, tokens: 0 };

  test("summary{totalMessages,aiResponses,toolCalls,tokensUsed,activeUsers,activeGroups}, daily[{date,messages,responses,toolCalls,tokens}]", async () => {
    expect(await get("/api/stats?period=week")).toEqual({
      summary: { totalMessages: 3, aiResponses: 2, toolCalls: 2, tokensUsed: 24, activeUsers: 2, activeGroups: 1 },
      daily: [
        ...[6, 5, 4, 3].map((ago) => ({ date: day(ago), ...zero })),
        { date: day(2), messages: 1, responses: 1, toolCalls: 2, tokens: 22 },
        { date: day(1), ...zero },
        { date: day(0), messages: 2, responses: 1, toolCalls: 0, tokens: 2 },
      ],
    });
  });

  test("`period`: `day` = today, `week` / `month` = the last 7 / 30 calendar days with today, `all` (the default) = since the first message, request or tool call of the selection.", async () => {
    const first = async (path: string): Promise<unknown[]> => {
      const { daily } = (await get(path)) as unknown as { daily: { date: string }[] };
      return [daily.length, daily[0]?.date];
    };
    expect(await first("/api/stats?period=day")).toEqual([1, day(0)]);
    expect(await first("/api/stats?period=week")).toEqual([7, day(6)]);
    expect(await first("/api/stats?period=month")).toEqual([30, day(29)]);
    expect(await first("/api/stats?period=all")).toEqual([41, day(40)]);
    expect(await first("/api/stats")).toEqual([41, day(40)]);
    expect(await first("/api/stats?groupId=g2")).toEqual([9, day(8)]);
  });

  test("`daily` ascends to today, with a zero row for a quiet day.", async () => {
    const { daily } = (await get("/api/stats")) as unknown as { daily: { date: string; messages: number }[] };
    expect(daily.map(({ date }) => date)).toEqual(Array.from({ length: 41 }, (_, i) => day(40 - i)));
    expect(daily[1]).toEqual({ date: day(39), ...zero });
  });

  test("Calendar days in the configured time zone.", async () => {
    const bot = await startBot({ dataDir: temporary(), zone: "Pacific/Apia" });
    // 10:59:59.999 and 11:00 UTC: the last moment of a day in Apia (+13:00) and the first of the next.
    const noon = Math.floor((now - 3 * DAY) / DAY) * DAY + 11 * 3_600_000;
    await fed(bot, [message({ at: noon - 1 }), message({ at: noon }), message({ at: noon + 1 })]);
    const { daily } = await data<{ daily: { date: string; messages: number }[] }>(bot.url, "/api/stats");
    expect(daily.slice(0, 2).map(({ messages }) => messages)).toEqual([1, 2]);
    expect(daily[0]!.date).toBe(new Date(noon).toISOString().slice(0, 10));
  });

  test("`activeUsers` / `activeGroups`: distinct over the whole period, by messages.", async () => {
    // u3 in g2 has a request only: no activity by messages.
    expect(await get("/api/stats")).toMatchObject({ summary: { totalMessages: 4, activeUsers: 2, activeGroups: 1 } });
    expect(await get("/api/stats?groupId=g2")).toMatchObject({ summary: { activeUsers: 0, activeGroups: 0 } });
  });

  test("An unknown group: zeros, and for `all` no days", async () => {
    const summary = { totalMessages: 0, aiResponses: 0, toolCalls: 0, tokensUsed: 0, activeUsers: 0, activeGroups: 0 };
    expect(await get("/api/stats?groupId=nowhere")).toEqual({ summary, daily: [] });
    expect(await get("/api/stats?groupId=nowhere&period=day")).toEqual({ summary, daily: [{ date: day(0), ...zero }] });
  });

  test("`period` and `groupId` are accepted on every `/api/stats/*` list too (default `all`).", async () => {
    expect(await get("/api/stats/models?period=day&groupId=g1")).toEqual({ models: [] });
    expect(await get("/api/stats/tools?period=day")).toEqual({ tools: [] });
    expect(await get("/api/stats/users?period=day")).toMatchObject({ users: [{ userId: "u1" }, { userId: "u2" }] });
    expect(await get("/api/stats/groups?groupId=g2")).toMatchObject({ groups: [{ groupId: "g2" }] });
    expect(await get("/api/stats/channels?groupId=g2")).toMatchObject({ channels: [{ id: "c", requests: 1 }, {}, {}] });
    for (const list of ["models", "tools", "users", "groups", "channels"]) {
      expect(await get(`/api/stats/${list}`)).toEqual(await get(`/api/stats/${list}?period=all`));
    }
  });
});

describe("contract §4, the lists", () => {
  test("models[{model,requests,tokens,avgLatency,errors}] by requests, descending, ties by name (code points, as all ties). `avgLatency`: mean ms of the requests that succeeded, 0 where none did", async () => {
    expect(await get("/api/stats/models")).toEqual({
      models: [
        { model: "m-b", requests: 2, tokens: 22, avgLatency: 101, errors: 1 },
        { model: "m-a", requests: 1, tokens: 2, avgLatency: 50, errors: 0 },
        { model: "m-c", requests: 1, tokens: 100, avgLatency: 1, errors: 0 },
        { model: "\uFF5E", requests: 1, tokens: 0, avgLatency: 0, errors: 1 },
        { model: "\u{1F600}", requests: 1, tokens: 0, avgLatency: 0, errors: 1 },
      ],
    });
  });

  test("tools[{name,calls,avgDuration,successRate}] by calls, descending, ties by name. `avgDuration`: mean ms of all calls", async () => {
    expect(await get("/api/stats/tools")).toEqual({
      tools: [
        { name: "dice", calls: 2, avgDuration: 16, successRate: 0.5 },
        { name: "clock", calls: 1, avgDuration: 3, successRate: 1 },
      ],
    });
  });

  test("users[{userId,nickname,messages,tokens,lastActive}] whoever has a message, request or tool call in the period. `lastActive`: the newest message, request or tool call in the period", async () => {
    expect(await get("/api/stats/users")).toMatchObject({
      users: [
        { userId: "u1", nickname: "Ann", messages: 3, tokens: 22, lastActive: second(0) },
        { userId: "u2", nickname: "u2", messages: 1, tokens: 0, lastActive: second(0) },
        { userId: "u3", nickname: "u3", messages: 0, tokens: 100, lastActive: second(8) },
      ],
    });
    expect(await get("/api/stats/users?groupId=g2")).toMatchObject({ users: [{ userId: "u3" }] });
  });

  test("`nickname`: of the user's newest fact of all that has one, else the id (a group's `name` likewise);", async () => {
    // The newest of all, also where it is not in the period.
    expect(await get("/api/stats/users?period=day")).toMatchObject({
      users: [{ nickname: "Ann" }, { nickname: "u2" }],
    });
    expect(await get("/api/stats/groups")).toMatchObject({ groups: [{ name: "New" }, { name: "g2" }] });
  });

  test("`nickname`: of the user's newest fact of all, over a kill too, whichever order its names came in", async () => {
    const dataDir = temporary();
    const named = (name: string, later: number) => message({ user: "u", name, at: at(1) + later });
    const first = await startBot({ dataDir });
    // The second confirms a name, the third brings another.
    for (const one of [named("N1", 0), named("N1", 10), named("N2", 30)]) await fed(first, [one]);
    await first.kill();
    const second = await startBot({ dataDir });
    await fed(second, [named("N3", 20)]);
    expect(await data(second.url, "/api/stats/users")).toMatchObject({ users: [{ nickname: "N2" }] });
  });

  test("`sort`: `messages` (default) or `tokens`, descending, ties by userId; `limit` default 20;", async () => {
    const order = async (query: string): Promise<string[]> => {
      const { users } = (await get(`/api/stats/users${query}`)) as unknown as { users: { userId: string }[] };
      return users.map(({ userId }) => userId);
    };
    expect(await order("")).toEqual(["u1", "u2", "u3"]);
    expect(await order("?sort=messages")).toEqual(["u1", "u2", "u3"]);
    expect(await order("?sort=tokens")).toEqual(["u3", "u1", "u2"]);
    expect(await order("?sort=tokens&limit=2")).toEqual(["u3", "u1"]);
    const bot = await startBot({ dataDir: temporary() });
    await fed(
      bot,
      Array.from({ length: 25 }, (_, i) => message({ user: `p${25 - i}` })),
    );
    const { users } = await data<{ users: { userId: string }[] }>(bot.url, "/api/stats/users");
    expect(users.map(({ userId }) => userId)).toEqual(
      Array.from({ length: 25 }, (_, i) => `p${i + 1}`)
        .sort()
        .slice(0, 20),
    );
  });

  test("groups[{groupId,name,messages,responses,toolCalls,tokens,activeUsers,lastActive}] the page shows no shape for it: this one, sorted and limited as users", async () => {
    const g1 = { groupId: "g1", name: "New", messages: 3, responses: 3, toolCalls: 3, tokens: 22, activeUsers: 1 };
    const g2 = { groupId: "g2", name: "g2", messages: 0, responses: 0, toolCalls: 0, tokens: 100, activeUsers: 0 };
    const rows = [
      { ...g1, lastActive: second(0) },
      { ...g2, lastActive: second(8) },
    ];
    expect(await get("/api/stats/groups")).toEqual({ groups: rows });
    expect(await get("/api/stats/groups?sort=tokens&limit=1")).toEqual({ groups: [rows[1]] });
  });

  test("channels[{id,name,status,requests,errors,avgLatency,lastUsed}] every configured or announced (§9) channel, used or not, and every other one seen; by requests, ties by id. `name` falls back to the id; `lastUsed` within the selection, null if never", async () => {
    const c = { id: "c", name: "c", status: "active", requests: 3, errors: 1, avgLatency: 51, lastUsed: second(2) };
    const c2 = { id: "c2", name: "c2", status: "active", requests: 2, errors: 2, avgLatency: 0, lastUsed: second(0) };
    const deepseek = { id: "deepseek", requests: 1, errors: 0, avgLatency: 50, lastUsed: second(0) };
    expect(await get("/api/stats/channels")).toMatchObject({ channels: [c, c2, deepseek] });
    expect(await get("/api/stats/channels?period=day")).toMatchObject({
      channels: [c2, deepseek, { ...c, requests: 0, errors: 0, avgLatency: 0, lastUsed: null }],
    });
  });
});
