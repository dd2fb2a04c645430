import { describe, expect, test } from "vitest";
import type {
  ChannelsData,
  GroupsData,
  ModelsData,
  StatsData,
  ToolsData,
  UsersData,
} from "../../src/contract/wire/stats.ts";
import { message, request, tool } from "./facts.ts";
import { startWhole } from "./whole.ts";

const NOON = Date.UTC(2026, 10, 24, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe("GET /api/stats", () => {
  test("contract §4: `period`: `day` = today, `week` / `month` = the last 7 / 30 calendar days with today", async () => {
    const { take, data } = await startWhole();
    take([0, 1, 6, 7, 29, 30, 80].map((days) => message(NOON - days * DAY)));
    const totals = async (period: string) => {
      const { summary, daily } = await data<StatsData>(`/api/stats?period=${period}`);
      return [summary.totalMessages, daily.length, daily.at(0)?.date, daily.at(-1)?.date];
    };
    expect(await totals("day")).toEqual([1, 1, "2026-11-24", "2026-11-24"]);
    expect(await totals("week")).toEqual([3, 7, "2026-11-18", "2026-11-24"]);
    expect(await totals("month")).toEqual([5, 30, "2026-10-26", "2026-11-24"]);
    expect(await totals("all")).toEqual([7, 81, "2026-09-05", "2026-11-24"]);
    expect(await data("/api/stats")).toEqual(await data("/api/stats?period=all"));
  });

  test("contract §4: Calendar days in the configured time zone.", async () => {
    // Kathmandu is at +05:45: its 25 November begins at 18:15 UTC on the 24th.
    const midnight = Date.UTC(2026, 10, 24, 18, 15);
    const { take, data, clock } = await startWhole({ zone: "Asia/Kathmandu", nowMs: midnight - 1 });
    take([message(midnight - 1), message(midnight - DAY), message(midnight - DAY - 1)]);
    const today = async () => (await data<StatsData>("/api/stats?period=day")).daily;
    expect(await today()).toMatchObject([{ date: "2026-11-24", messages: 2 }]);
    clock.ms = midnight;
    expect(await today()).toMatchObject([{ date: "2026-11-25", messages: 0 }]);
    take([message(midnight)]);
    expect(await today()).toMatchObject([{ date: "2026-11-25", messages: 1 }]);
    expect((await data<StatsData>("/api/stats?period=week")).summary.totalMessages).toBe(4);
  });

  test("contract §4: `daily` ascends to today, with a zero row for a quiet day.", async () => {
    const { take, data } = await startWhole();
    take([message(NOON - 2 * DAY, { responses: 2 }), tool(NOON - 2 * DAY), request(NOON)]);
    const { daily, summary } = await data<StatsData>("/api/stats");
    expect(daily).toEqual([
      { date: "2026-11-22", messages: 1, responses: 2, toolCalls: 1, tokens: 0 },
      { date: "2026-11-23", messages: 0, responses: 0, toolCalls: 0, tokens: 0 },
      { date: "2026-11-24", messages: 0, responses: 0, toolCalls: 0, tokens: 120 },
    ]);
    expect(summary).toEqual({
      totalMessages: 1,
      aiResponses: 2,
      toolCalls: 1,
      tokensUsed: 120,
      activeUsers: 0,
      activeGroups: 0,
    });
  });

  test("contract §4: `activeUsers` / `activeGroups`: distinct over the whole period, by messages.", async () => {
    const { take, data } = await startWhole();
    take([
      message(NOON, { userId: "a", groupId: "1" }),
      message(NOON - DAY, { userId: "a", groupId: "2" }),
      message(NOON - DAY, { userId: "b" }),
      request(NOON, { userId: "c", groupId: "3" }),
    ]);
    const active = async (query: string) => {
      const { activeUsers, activeGroups } = (await data<StatsData>(`/api/stats?${query}`)).summary;
      return [activeUsers, activeGroups];
    };
    expect(await active("period=week")).toEqual([2, 2]);
    expect(await active("period=day")).toEqual([1, 1]);
    expect(await active("groupId=2")).toEqual([1, 1]);
  });

  test("contract §4: An unknown group: zeros, and for `all` no days", async () => {
    const { take, data } = await startWhole();
    take([message(NOON, { groupId: "1" })]);
    for (const groupId of ["nobody", "__proto__", "%22", "1%20"]) {
      const { summary, daily } = await data<StatsData>(`/api/stats?groupId=${groupId}`);
      expect([Object.values(summary).join(""), daily]).toEqual(["000000", []]);
      expect((await data<StatsData>(`/api/stats?groupId=${groupId}&period=week`)).daily).toHaveLength(7);
    }
  });

  test("with nothing stored there is nothing", async () => {
    const { data } = await startWhole();
    expect((await data<StatsData>("/api/stats")).daily).toEqual([]);
    expect((await data<StatsData>("/api/stats?period=month")).daily).toHaveLength(30);
  });
});

describe("contract §4: `period` and `groupId` are accepted on every `/api/stats/*` list too (default `all`).", () => {
  test("lists are of the selection", async () => {
    const { take, data } = await startWhole();
    const [here, there] = [
      { groupId: "1", userId: "a" },
      { groupId: "2", userId: "b" },
    ];
    take([message(NOON, here), request(NOON, { ...here, model: "new" }), tool(NOON, { ...here, tool: "new" })]);
    const before = NOON - 9 * DAY;
    take([
      message(before, there),
      request(before, { ...there, model: "old" }),
      tool(before, { ...there, tool: "old" }),
    ]);
    const lists = async (query: string) => [
      (await data<ModelsData>(`/api/stats/models?${query}`)).models.map(({ model }) => model),
      (await data<ToolsData>(`/api/stats/tools?${query}`)).tools.map(({ name }) => name),
      (await data<UsersData>(`/api/stats/users?${query}`)).users.map(({ userId }) => userId),
      (await data<GroupsData>(`/api/stats/groups?${query}`)).groups.map(({ groupId }) => groupId),
      (await data<ChannelsData>(`/api/stats/channels?${query}`)).channels.map(({ requests }) => requests),
    ];
    expect(await lists("")).toEqual([
      ["new", "old"],
      ["new", "old"],
      ["a", "b"],
      ["1", "2"],
      [2, 0],
    ]);
    expect(await lists("period=week")).toEqual([["new"], ["new"], ["a"], ["1"], [1, 0]]);
    expect(await lists("groupId=2")).toEqual([["old"], ["old"], ["b"], ["2"], [1, 0]]);
    expect(await lists("groupId=2&period=day")).toEqual([[], [], [], [], [0, 0]]);
  });
});

describe("lists", () => {
  test("contract §4: `avgLatency`: mean ms of the requests that succeeded, 0 where none did", async () => {
    const { take, data } = await startWhole();
    take([
      request(NOON, { durationNs: 1_000_400_000 }),
      request(NOON, { durationNs: 2_000_600_000 }),
      request(NOON, { durationNs: 9e9, failed: true }),
      request(NOON, { model: "down", failed: true }),
    ]);
    expect((await data<ModelsData>("/api/stats/models")).models).toEqual([
      { model: "gpt-4o", requests: 3, tokens: 360, avgLatency: 1501, errors: 1 },
      { model: "down", requests: 1, tokens: 120, avgLatency: 0, errors: 1 },
    ]);
  });

  test("contract §3: Ids (`uin`, `userId`, `groupId`) are strings, always; the same id on two platforms is one", async () => {
    const { take, data } = await startWhole();
    const owner = { userId: "7", groupId: "8" };
    take([message(NOON, { ...owner, platform: "qq" }), message(NOON, { ...owner, platform: "telegram" })]);
    expect((await data<UsersData>("/api/stats/users")).users).toMatchObject([{ userId: "7", messages: 2 }]);
    expect((await data<GroupsData>("/api/stats/groups")).groups).toMatchObject([{ groupId: "8", activeUsers: 1 }]);
  });

  test("contract §3: Counts and milliseconds are integers.", async () => {
    const { take, data } = await startWhole();
    take([1, 2].map((ns) => request(NOON, { durationNs: ns * 333_333_333 })));
    take([1, 2].map((ns) => tool(NOON, { durationNs: ns * 333_333_333 })));
    expect((await data<ModelsData>("/api/stats/models")).models[0]?.avgLatency).toBe(500);
    expect((await data<ToolsData>("/api/stats/tools")).tools[0]?.avgDuration).toBe(500);
  });

  test("contract §3: Rates are 0…1, at most 4 decimals; a success rate is 1 only where nothing failed.", async () => {
    const { take, data } = await startWhole();
    take([...Array.from({ length: 29_999 }, () => tool(NOON, { durationNs: 0 })), tool(NOON, { failed: true })]);
    const { tools } = await data<ToolsData>("/api/stats/tools");
    expect(tools).toEqual([{ name: "get_weather", calls: 30_000, avgDuration: 0, successRate: 0.9999 }]);
  });

  test("contract §4: `sort`: `messages` (default) or `tokens`, descending, ties by userId; `limit` default 20", async () => {
    const { take, data } = await startWhole();
    const ids = Array.from({ length: 25 }, (_, i) => `u${String(i).padStart(2, "0")}`);
    take(ids.map((userId) => message(NOON, { userId })));
    take([message(NOON, { userId: "u24" }), request(NOON, { userId: "u23" }), request(NOON, { userId: "x" })]);
    const users = async (query: string) =>
      (await data<UsersData>(`/api/stats/users?${query}`)).users.map(({ userId }) => userId);
    expect(await users("")).toEqual(["u24", ...ids.slice(0, 19)]);
    expect(await users("sort=tokens&limit=3")).toEqual(["u23", "x", "u00"]);
    expect(await users("limit=1000")).toHaveLength(26);
  });

  test("contract §4: `nickname`: of the user's newest fact of all that has one, else the id (a group's `name` likewise)", async () => {
    const { take, data } = await startWhole();
    take([
      message(NOON, { userId: "1", userName: "new 👋", groupId: "7", groupName: "G new" }),
      message(NOON - 20 * DAY, { userId: "1", userName: "old", groupId: "7", groupName: "G old" }),
      message(NOON + 1, { userId: "1", groupId: "8" }),
      message(NOON, { userId: "2", groupId: "7" }),
    ]);
    // Also where the period has the older name only.
    const { users } = await data<UsersData>("/api/stats/users?groupId=7");
    expect(users.map(({ userId, nickname }) => [userId, nickname])).toEqual([
      ["1", "new 👋"],
      ["2", "2"],
    ]);
    const { groups } = await data<GroupsData>("/api/stats/groups");
    expect(groups.map(({ groupId, name }) => [groupId, name])).toEqual([
      ["7", "G new"],
      ["8", "8"],
    ]);
  });

  test("contract §3: Times under `/api/stats` and `/api/system`: `2024-12-15T15:30:00Z` (UTC, whole seconds, cut).", async () => {
    const { take, data } = await startWhole();
    take([message(NOON - DAY, { userId: "1", groupId: "2" }), request(NOON - 1, { userId: "1", groupId: "2" })]);
    const { users } = await data<UsersData>("/api/stats/users");
    expect(users).toEqual([
      { userId: "1", nickname: "1", messages: 1, tokens: 120, lastActive: "2026-11-24T11:59:59Z" },
    ]);
    const { groups } = await data<GroupsData>("/api/stats/groups?sort=tokens");
    expect(groups).toEqual([
      {
        groupId: "2",
        name: "2",
        messages: 1,
        responses: 0,
        toolCalls: 0,
        tokens: 120,
        activeUsers: 1,
        lastActive: "2026-11-24T11:59:59Z",
      },
    ]);
    const { channels } = await data<ChannelsData>("/api/stats/channels");
    expect(channels[0]?.lastUsed).toBe("2026-11-24T11:59:59Z");
  });

  test("contract §4: every configured or announced (§9) channel, used or not, and every other one seen; by requests, ties by id", async () => {
    const { take, data } = await startWhole();
    const announced = { event: "bot.channel.state" as const, timeMs: NOON, models: [] };
    const failing = Array.from({ length: 5 }, () => request(NOON - 9 * DAY, { channel: "failing", failed: true }));
    take(
      [request(NOON, { channel: "seen" }), request(NOON, { channel: "seen" }), ...failing],
      [
        { ...announced, channelId: "announced", name: "Announced", status: "error" },
        { ...announced, channelId: "off", status: "disabled" },
      ],
    );
    const unused = { requests: 0, errors: 0, avgLatency: 0, lastUsed: null };
    const seen = { requests: 2, errors: 0, avgLatency: 1000, lastUsed: "2026-11-24T12:00:00Z" };
    const rows = {
      failing: { id: "failing", name: "failing", status: "error" },
      seen: { id: "seen", name: "seen", status: "active", ...seen },
      announced: { id: "announced", name: "Announced", status: "error", ...unused },
      configured: { id: "configured", name: "Only configured", status: "active", ...unused },
      off: { id: "off", name: "off", status: "disabled", ...unused },
    };
    const used = { requests: 5, errors: 5, avgLatency: 0, lastUsed: "2026-11-15T12:00:00Z" };
    // `lastUsed` within the selection, null if never; the status is of all time.
    expect((await data<ChannelsData>("/api/stats/channels?period=week")).channels).toEqual([
      rows.seen,
      rows.announced,
      rows.configured,
      { ...rows.failing, ...unused },
      rows.off,
    ]);
    expect((await data<ChannelsData>("/api/stats/channels")).channels).toEqual([
      { ...rows.failing, ...used },
      rows.seen,
      rows.announced,
      rows.configured,
      rows.off,
    ]);
  });
});
