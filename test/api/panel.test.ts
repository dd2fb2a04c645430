import { describe, expect, test } from "vitest";
import type { ModelsData, StatsData, ToolsData } from "../../src/contract/wire/stats.ts";
import * as wire from "../../src/contract/wire/panel.ts";
import { fed, MINUTE, NOW, panel } from "./panel.ts";
import { startWhole } from "./whole.ts";

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
