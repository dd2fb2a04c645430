import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { ModelsData, StatsData, ToolsData } from "../../src/contract/wire/stats.ts";
import type { ToolLogsData } from "../../src/contract/wire/logs.ts";
import * as wire from "../../src/contract/wire/panel.ts";
import { message, request, tool } from "./facts.ts";
import { startApi } from "./started.ts";
import { startWhole, type Whole } from "./whole.ts";

const NOW = Date.UTC(2026, 10, 24, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const BASE = "/chatai/api";

/** `data` in the panel's envelope, as strict as its schema is. */
async function panel<T extends z.ZodType>(of: Pick<Whole, "get">, path: string, schema: T): Promise<z.infer<T>> {
  const answer = await of.get(BASE + path);
  const body = (await answer.json()) as { code: number; data: unknown; message: string };
  expect([path, answer.status, body.code, body.message]).toEqual([path, 200, 0, "ok"]);
  expect(Object.keys(body)).toEqual(["code", "data", "message"]);
  return schema.parse(body.data);
}

const announced = {
  event: "bot.channel.state" as const,
  timeMs: NOW - 1000,
  channelId: "openai-main",
  name: "OpenAI 主渠道",
  status: "active" as const,
  models: ["gpt-4o", "gpt-4o-mini"],
};

const ms = (n: number): number => n * 1_000_000;
const [ada, bob] = [{ userId: "u1", groupId: "g1" }, { userId: "u2" }];

/** Two days: two messages at 11 h, one at 3 h, one yesterday; requests on two channels, one failed; tool calls, one failed. */
async function fed(): Promise<Whole> {
  const whole = await startWhole({ nowMs: NOW });
  const failed = { failed: true, errorType: "timeout", errorMessage: "the model did not answer" };
  const facts = [
    message(NOW - 50 * MINUTE, { ...ada, responses: 1 }),
    message(NOW - 40 * MINUTE, ada),
    message(NOW - 9 * 3_600_000, bob),
    message(NOW - DAY, bob),
    request(NOW - MINUTE / 2, { ...ada, durationNs: ms(300), firstChunkNs: ms(20) }),
    request(NOW - 2 * MINUTE, {
      ...ada,
      durationNs: ms(100.5),
      inputTokens: 7,
      outputTokens: 3,
      model: "glm",
      channel: "spare",
      previousChannel: "openai-main",
    }),
    request(NOW - 3 * MINUTE, { ...bob, durationNs: ms(2000), outputTokens: 0, ...failed }),
    request(NOW - DAY, { durationNs: ms(1000), inputTokens: 1000, operation: "embeddings" }),
    tool(NOW - 5 * MINUTE, { ...ada, durationNs: ms(30), args: '{"city":"Ulm"}', result: '{"t":3}' }),
    tool(NOW - 6 * MINUTE, { ...bob, durationNs: ms(11.5), ...failed, stack: "Error: x\n    at y" }),
    tool(NOW - DAY, { tool: "roll", durationNs: 0 }),
  ];
  whole.take(facts, [announced]);
  return whole;
}

describe("issue 10: Its numbers come from the same folds", () => {
  test("GET /stats: every field", async () => {
    const whole = await fed();
    const { lastUpdate, ...stats } = await panel(whole, "/stats", wire.panelStats);
    expect(lastUpdate).toBe(NOW);
    expect(stats).toEqual({
      messages: {
        total: 4,
        conversations: 1,
        dbMessages: 0,
        types: {},
        topGroups: [{ id: "g1", count: 2 }],
        topUsers: [
          { id: "u1", count: 2 },
          { id: "u2", count: 2 },
        ],
        hourlyDistribution: { 3: 1, 11: 2, 12: 1 },
      },
      models: {
        totalCalls: 4,
        byModel: [
          { name: "gpt-4o", calls: 3, success: 2, failed: 1, inputTokens: 1200, outputTokens: 40 },
          { name: "glm", calls: 1, success: 1, failed: 0, inputTokens: 7, outputTokens: 3 },
        ],
        byChannel: {
          "openai-main": { calls: 3, inputTokens: 1200, outputTokens: 40 },
          spare: { calls: 1, inputTokens: 7, outputTokens: 3 },
        },
      },
      tokens: {
        total: { input: 1207, output: 43 },
        totalSum: 1250,
        byModel: [
          { name: "gpt-4o", input: 1200, output: 40, total: 1240 },
          { name: "glm", input: 7, output: 3, total: 10 },
        ],
        topUsers: [
          { userId: "u1", input: 107, output: 23, total: 130 },
          { userId: "u2", input: 100, output: 0, total: 100 },
        ],
      },
      tools: {
        totalCalls: 3,
        byTool: [
          { name: "get_weather", calls: 2, success: 1, failed: 1 },
          { name: "roll", calls: 1, success: 1, failed: 0 },
        ],
      },
      uptime: { days: 0, hours: 1, startTime: NOW - 3_600_000 },
    });
  });

  test("they are those of /api/stats", async () => {
    const whole = await fed();
    const stats = await panel(whole, "/stats", wire.panelStats);
    const { summary } = await whole.data<StatsData>("/api/stats");
    expect([stats.messages.total, stats.tokens.totalSum, stats.tools.totalCalls]).toEqual([
      summary.totalMessages,
      summary.tokensUsed,
      summary.toolCalls,
    ]);
    const { models } = await whole.data<ModelsData>("/api/stats/models");
    expect(stats.models.byModel.map(({ name, calls, failed }) => [name, calls, failed])).toEqual(
      models.map(({ model, requests, errors }) => [model, requests, errors]),
    );
    expect(stats.tokens.byModel.map(({ total }) => total)).toEqual(models.map(({ tokens }) => tokens));
    const { tools } = await whole.data<ToolsData>("/api/stats/tools");
    const { toolRanking } = await panel(whole, "/stats/tool-calls", wire.panelTools);
    expect(toolRanking.map(({ name, calls, avgDuration }) => [name, calls, avgDuration])).toEqual(
      tools.map(({ name, calls, avgDuration }) => [name, calls, avgDuration]),
    );
  });

  test("GET /stats/usage: today's, and rankings of all time", async () => {
    const whole = await fed();
    const { recent, ...usage } = await panel(whole, "/stats/usage", wire.panelUsage);
    expect(recent).toHaveLength(4);
    expect(usage).toEqual({
      today: {
        date: "2026-11-24",
        totalCalls: 3,
        successCalls: 2,
        failedCalls: 1,
        totalInputTokens: 207,
        totalOutputTokens: 23,
        avgDuration: 800, // 2400.5 / 3
        successRate: 67,
      },
      modelRanking: [
        { model: "gpt-4o", calls: 3, tokens: 1240, duration: 3300 },
        { model: "glm", calls: 1, tokens: 10, duration: 101 },
      ],
      channelRanking: [
        {
          channelId: "openai-main",
          channelName: "OpenAI 主渠道",
          calls: 3,
          successCalls: 2,
          tokens: 1240,
          duration: 3300,
        },
        { channelId: "spare", channelName: "spare", calls: 1, successCalls: 1, tokens: 10, duration: 101 },
      ],
    });
  });

  test("GET /stats/usage/recent: newest first, filtered before it is limited", async () => {
    const whole = await fed();
    const ask = (query: string) => panel(whole, `/stats/usage/recent${query}`, wire.panelRequest.array());
    const all = await ask("?limit=50");
    expect(all.map(({ timestamp }) => timestamp)).toEqual([
      NOW - MINUTE / 2,
      NOW - 2 * MINUTE,
      NOW - 3 * MINUTE,
      NOW - DAY,
    ]);
    expect(all[1]).toEqual({
      ...{
        id: expect.any(String),
        timestamp: NOW - 2 * MINUTE,
        channelId: "spare",
        channelName: "spare",
        model: "glm",
      },
      ...{ keyIndex: -1, keyName: "", strategy: "", inputTokens: 7, outputTokens: 3, totalTokens: 10, duration: 101 },
      ...{ success: true, error: null, source: "chat", stream: false, retryCount: 0, channelSwitched: true },
      ...{ fallbackUsed: false, previousChannelId: "openai-main", switchChain: ["openai-main", "spare"] },
      ...{ userId: "u1", groupId: "g1", isEstimated: false, request: null, response: null },
    });
    expect(all[0]).toMatchObject({
      channelName: "OpenAI 主渠道",
      stream: true,
      channelSwitched: false,
      switchChain: null,
    });
    expect(all[2]).toMatchObject({ success: false, error: "the model did not answer", groupId: null });
    expect(await ask("?limit=1&status=failed")).toEqual([all[2]]);
    expect(await ask("?limit=2&status=success")).toEqual([all[0], all[1]]);
    expect(await ask("?source=embeddings")).toEqual([all[3]]);
    expect(await ask("?limit=nonsense&status=__proto__")).toEqual(all);
  });

  test("GET /stats/tool-calls: every field", async () => {
    const whole = await fed();
    const { recentErrors, ...tools } = await panel(whole, "/stats/tool-calls", wire.panelTools);
    expect(recentErrors).toEqual([
      {
        id: expect.any(String),
        timestamp: NOW - 6 * MINUTE,
        toolName: "get_weather",
        error: "the model did not answer",
      },
    ]);
    expect(tools).toEqual({
      total: 3,
      success: 2,
      failed: 1,
      successRate: 67,
      toolRanking: [
        { name: "get_weather", calls: 2, success: 1, failed: 1, totalDuration: 42, avgDuration: 21, successRate: 50 },
        { name: "roll", calls: 1, success: 1, failed: 0, totalDuration: 0, avgDuration: 0, successRate: 100 },
      ],
      hourlyDistribution: { 11: 2, 12: 1 },
      recordCount: 3,
      maxRecords: 1000,
    });
  });

  test.each(["/stats/tool-calls/records", "/tools/logs"])("GET %s: every field, every filter", async (path) => {
    const whole = await fed();
    const ask = (query = "") => panel(whole, path + query, wire.panelToolCall.array());
    const all = await ask();
    const { logs } = await whole.data<ToolLogsData>("/api/logs/tools");
    expect(all.map(({ id }) => id)).toEqual(logs.map(({ id }) => id));
    expect(all[0]).toEqual({
      ...{ id: expect.any(String), timestamp: NOW - 5 * MINUTE, toolName: "get_weather", request: { city: "Ulm" } },
      ...{
        response: { t: 3 },
        success: true,
        error: null,
        errorStack: null,
        duration: 30,
        userId: "u1",
        groupId: "g1",
      },
      source: "",
    });
    expect(all[1]).toMatchObject({
      ...{ success: false, error: "the model did not answer", errorStack: "Error: x\n    at y", request: null },
      ...{ duration: 12, userId: "u2", groupId: null },
    });
    const places = async (query: string): Promise<number[]> =>
      (await ask(query)).map((one) => all.findIndex(({ id }) => id === one.id));
    expect(await places("?limit=1")).toEqual([0]);
    expect(await places("?toolName=roll")).toEqual([2]);
    expect(await places("?success=false")).toEqual([1]);
    expect(await places("?success=true&limit=1")).toEqual([0]);
    expect(await places("?userId=u2")).toEqual([1]);
    expect(await places("?groupId=g1")).toEqual([0]);
    expect(await places("?keyword=ULM")).toEqual([0]);
    expect(await places("?keyword=ROLL&limit=1")).toEqual([2]);
    expect(await places(`?startTime=${NOW - 6 * MINUTE}&endTime=${NOW - 6 * MINUTE}`)).toEqual([1]);
    expect(await places("?startTime=1e400&limit=-3&success=perhaps")).toEqual([0, 1, 2]);
  });

  test("GET /system/monitor: the requests of the last minutes, and what the process uses", async () => {
    const whole = await fed();
    const { memory, api, system, timestamp } = await panel(whole, "/system/monitor", wire.panelMonitor);
    expect(api).toEqual({
      rpm: 1,
      rpm5: 0.6,
      successRate: 67,
      avgLatency: 200, // (300 + 100.5) / 2
      tokensLastMinute: 120,
      tokensPerMinute: 46, // 230 / 5
    });
    expect(timestamp).toBe(NOW);
    expect(system).toMatchObject({ uptime: 3600, nodeVersion: process.version, platform: process.platform });
    expect(memory.rss).toBeGreaterThan(memory.heapUsed);
    expect(memory.systemTotal).toBeGreaterThan(memory.systemFree);
  });

  test("GET /channels/list: as announced", async () => {
    const whole = await fed();
    expect(await panel(whole, "/channels/list?withStats=true", wire.panelChannels)).toEqual([
      { id: "openai-main", name: "OpenAI 主渠道", status: "active", enabled: true, models: ["gpt-4o", "gpt-4o-mini"] },
      { id: "spare", name: "spare", status: "active", enabled: true, models: [] },
      { id: "configured", name: "Only configured", status: "active", enabled: true, models: [] },
    ]);
  });

  test("where nothing happened yet there is everything, and all of it is nothing", async () => {
    const whole = await startWhole({ nowMs: NOW });
    const stats = await panel(whole, "/stats", wire.panelStats);
    expect(stats.messages).toMatchObject({ total: 0, topGroups: [], hourlyDistribution: {} });
    expect((await panel(whole, "/stats/usage", wire.panelUsage)).today).toMatchObject({
      totalCalls: 0,
      successRate: 0,
    });
    expect(await panel(whole, "/stats/tool-calls", wire.panelTools)).toMatchObject({ total: 0, successRate: 0 });
    expect((await panel(whole, "/system/monitor", wire.panelMonitor)).api).toMatchObject({ rpm: 0, successRate: 0 });
  });
});

describe("what is no number", () => {
  test("the page is let in, and needs no set-up", async () => {
    const { get } = await fed();
    for (const path of ["/state", "/system/server-mode"]) {
      expect(await (await get(BASE + path)).json()).toEqual({ code: 0, data: {}, message: "ok" });
    }
    const status = await (await get(`${BASE}/config/init-status`)).json();
    expect(status).toEqual({ code: 0, data: { initCompleted: true }, message: "ok" });
  });

  test("botel's facts are not the panel's to delete: 403 in its envelope, with a sentence", async () => {
    const { get } = await fed();
    for (const [method, path] of [
      ["POST", "/stats/reset"],
      ["POST", "/stats/usage/clear"],
      ["DELETE", "/tools/logs"],
      ["PUT", "/config"],
    ] as const) {
      const answer = await get(BASE + path, { method });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(await answer.json()).toEqual({ code: 403, data: null, message: expect.stringContaining("erased") });
    }
  });

  test("what botel has not is 404, and 503 until the store is there, in its envelope", async () => {
    const { get } = await fed();
    expect((await get(`${BASE}/preset/list`)).status).toBe(404);
    const early = await startApi({ panel: () => undefined });
    const answer = await early.get(`${BASE}/stats`);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await answer.json()).toMatchObject({ code: 503, data: null });
  });

  test("it is off where it is not asked for", async () => {
    const { get } = await startApi();
    expect((await get(`${BASE}/state`)).status).toBe(404);
  });
});
