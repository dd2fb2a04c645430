import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { message, request, state } from "../oracle/makers.ts";
import { ask, data } from "../started/ask.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, temporary } from "../started/started.ts";
import type { StartedBot } from "../started/started.ts";
import { until } from "../started/until.ts";

/** Contract §9, and what §4 makes of it, from real log records with event names. */

const dataDir = temporary();
let bot: StartedBot;

beforeAll(async () => {
  bot = await startBot({ dataDir });
});
afterAll(cleanUp);

const botState = (id: string, connected: boolean) =>
  state("bot.state", { "bot.id": id, "bot.platform": "onebot", "bot.connected": connected });
const channelState = (id: string, status: string, more: Record<string, unknown> = {}) =>
  state("bot.channel.state", { "bot.channel.id": id, "bot.channel.status": status, ...more });

async function soon(path: string, expected: object): Promise<void> {
  await until(
    () => ask(bot.url, path),
    ({ body }) => {
      try {
        expect(body).toMatchObject({ success: true, data: expected });
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    },
    3000,
  );
}

describe("contract §9", () => {
  test("`bot`: the connected one that connected last; where none is connected, the one that was last, `connected: false`; where none is known, `false` and two nulls. `uin` = `bot.id`.", async () => {
    await soon("/api/system/status", { bot: { connected: false, platform: null, uin: null } });
    await soon("/api/system/health", { checks: { bot: { status: "disabled" } } });
    await fed(bot, [botState("1", true)]);
    await soon("/api/system/status", { bot: { connected: true, platform: "onebot", uin: "1" } });
    await fed(bot, [botState("2", true)]);
    await fed(bot, [botState("1", true)]);
    await soon("/api/system/status", { bot: { connected: true, uin: "2" } });
    await fed(bot, [botState("2", false)]);
    await soon("/api/system/status", { bot: { connected: true, uin: "1" } });
    await fed(bot, [botState("1", false)]);
    await soon("/api/system/status", { status: "degraded", bot: { connected: false, uin: "1" } });
    await soon("/api/system/health", { healthy: false, checks: { bot: { status: "error" } } });
    expect((await ask(bot.url, "/api/system/health")).status).toBe(503);
    await fed(bot, [botState("1", true)]);
    await soon("/api/system/health", { healthy: true, checks: { bot: { status: "ok" } } });
  });

  test("Extra: `bots[]`, all of them, with version (`service.version`) and last seen", async () => {
    const { bots } = await data<{ bots: { uin: string }[] }>(bot.url, "/api/system/status");
    expect(bots.map(({ uin }) => uin).toSorted()).toEqual(["1", "2"]);
  });

  test("A bot known only by its messages counts as connected for 90 s after one, and never fails health.", async () => {
    await fed(bot, [message({ bot: "77", at: Date.now() }), message({ bot: "78", at: Date.now() - 120_000 })]);
    const { bots } = await data<{ bots: { uin: string; connected: boolean }[] }>(bot.url, "/api/system/status");
    expect(bots.find(({ uin }) => uin === "77")).toMatchObject({ connected: true });
    expect(bots.find(({ uin }) => uin === "78")).toMatchObject({ connected: false });
    expect((await ask(bot.url, "/api/system/health")).status).toBe(200);
  });

  test("`bot.channel.id`, `bot.channel.name`, `bot.channel.adapter`, `bot.channel.status` (`active`, `error`, `disabled`), `bot.channel.models` (strings), `error.type` (why)", async () => {
    await fed(bot, [
      channelState("main", "active", { "bot.channel.name": "OpenAI 主渠道", "bot.channel.adapter": "openai" }),
      channelState("spare", "error", { "error.type": "401", "bot.channel.adapter": "openai" }),
      channelState("off", "disabled", { "bot.channel.adapter": "claude" }),
      ...Array.from({ length: 5 }, () => request({ channel: "heard", error: true })),
      request({ channel: "fine" }),
      ...Array.from({ length: 5 }, () => request({ channel: "main", error: true })),
    ]);
    await soon("/api/stats/channels", {
      channels: [
        { id: "heard", name: "heard", status: "error", requests: 5 },
        { id: "main", name: "OpenAI 主渠道", status: "active", requests: 5, errors: 5 },
        { id: "fine", status: "active", requests: 1 },
        { id: "off", status: "disabled", requests: 0, lastUsed: null },
        { id: "spare", status: "error", requests: 0 },
      ],
    });
    await soon("/api/system/health", { checks: { channels: { status: "ok", available: 2 } } });
  });

  test("`bot.features` (the names of those on), `bot.adapters` (strings), `bot.mcp.servers` (int), `bot.tools` (int)", async () => {
    await soon("/api/system/info", {
      features: { mcp: false, memory: false, galgame: false },
      mcpServers: 0,
      totalTools: 0,
    });
    const inventory = { "bot.features": ["mcp", "voice"], "bot.adapters": ["openai", "claude"] };
    await fed(bot, [state("bot.inventory", { ...inventory, "bot.mcp.servers": 3, "bot.tools": 65 })]);
    await soon("/api/system/info", {
      features: { mcp: true, memory: false, galgame: false, voice: true },
      mcpServers: 3,
      totalTools: 65,
    });
    const { adapters } = await data<{ adapters: string[] }>(bot.url, "/api/system/info");
    expect(adapters).toContain("openai");
  });

  test("State events are no log lines.", async () => {
    const lists = [await data(bot.url, "/api/logs?limit=1000"), await data(bot.url, "/api/logs/errors?limit=1000")];
    expect(JSON.stringify(lists)).not.toMatch(/bot\.(?:state|channel\.state|inventory|connected)/);
  });

  test("What is announced is known after a restart (`disabled` stays until announced otherwise)", async () => {
    await bot.stop();
    bot = await startBot({ dataDir });
    const { channels } = await data<{ channels: { id: string; status: string }[] }>(bot.url, "/api/stats/channels");
    expect(channels.find(({ id }) => id === "off")).toMatchObject({ status: "disabled", name: "off" });
    expect(channels.find(({ id }) => id === "main")).toMatchObject({ name: "OpenAI 主渠道" });
  });
});
