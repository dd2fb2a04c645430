import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPeer, type Sent } from "../../src/demo/onebot-peer.ts";
import type { Provider, ProviderCall } from "../../src/demo/provider.ts";
import { startProvider } from "../../src/demo/provider.ts";
import { createRandom } from "../../src/demo/random.ts";
import { CHANNELS } from "../../src/demo/simulated-channels.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { data } from "../started/ask.ts";
import { freePort } from "../started/port.ts";
import { cleanUp, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";
import { CHANNEL, BOT as DISCORD_BOT, startDiscord } from "./discord.ts";
import { startTelegram } from "./telegram.ts";

/* Each example runs as it is, against a simulated platform and a simulated provider, with botel in it. */

const EXAMPLES = join(import.meta.dirname, "../../examples/bots");
const GROUP = { id: "2001", name: "Tea room" };
const PATIENCE = 30_000;

let provider: Provider;
const calls: ProviderCall[] = [];
const ends: (() => Promise<unknown>)[] = [];
const children = new Set<ChildProcess>();

beforeAll(async () => {
  provider = await startProvider({
    channels: [CHANNELS[0]!],
    random: createRandom(1),
    clock: systemClock,
    slowness: 0,
    faults: () => undefined,
    onCall: (call) => calls.push(call),
  });
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const end of ends) await end();
  await provider.stop();
  await cleanUp();
});

interface Example {
  url: string;
  input(line: object): void;
  output(): string;
}

async function run(script: string[], env: Record<string, string>): Promise<Example> {
  const port = String(await freePort());
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:BOTEL_|OTEL_|PORT$|NODE_OPTIONS$|VITEST)/.test(name),
  );
  const [openai] = provider.channels;
  const child = spawn(process.execPath, ["--import", join(import.meta.dirname, "resolve.mjs"), ...script], {
    cwd: EXAMPLES,
    env: {
      ...Object.fromEntries(inherited),
      BOTEL_PORT: port,
      BOTEL_OTLP_PORT: "0",
      BOTEL_DATA_DIR: temporary(),
      OPENAI_BASE_URL: openai!.baseUrl,
      OPENAI_API_KEY: openai!.apiKey,
      ...env,
    },
  });
  children.add(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  calls.length = 0;
  return {
    url: `http://127.0.0.1:${port}`,
    input: (line) => void child.stdin.write(`${JSON.stringify(line)}\n`),
    output: () => text,
  };
}

interface Expected {
  bot: { platform: string; uin: string };
  messages: number;
  responses: number;
  groups: number;
  users: [id: string, name: string][];
  tools?: number;
}

/** What botel says of the bot: who said what, and what the provider saw. */
async function expectSeen({ url, output }: Example, expected: Expected): Promise<void> {
  const { summary } = await until(
    () => data<{ summary: Record<string, number> }>(url, "/api/stats"),
    ({ summary }) =>
      summary["totalMessages"] === expected.messages ? undefined : `${JSON.stringify(summary)}\n${output()}`,
    PATIENCE,
  );
  expect(summary).toMatchObject({
    totalMessages: expected.messages,
    aiResponses: expected.responses,
    toolCalls: expected.tools ?? 0,
    tokensUsed: calls.reduce((sum, { usage }) => sum + usage!.prompt_tokens + (usage!.completion_tokens ?? 0), 0),
    activeGroups: expected.groups,
    activeUsers: expected.users.length,
  });
  const { models } = await data<{ models: object[] }>(url, "/api/stats/models");
  expect(models).toMatchObject([{ model: "gpt-4o", requests: calls.length, errors: 0 }]);
  const { channels } = await data<{ channels: object[] }>(url, "/api/stats/channels");
  expect(channels).toMatchObject([{ id: "openai-main", requests: calls.length }]);
  const { users } = await data<{ users: { userId: string; nickname: string }[] }>(url, "/api/stats/users");
  expect(new Set(users.map(({ userId, nickname }) => `${userId} ${nickname}`))).toEqual(
    new Set(expected.users.map((user) => user.join(" "))),
  );
  const { bot } = await data<{ bot: object }>(url, "/api/system/status");
  expect(bot).toEqual({ connected: true, ...expected.bot });
}

async function heard(sent: readonly unknown[], count: number, { output }: Example): Promise<void> {
  await until(
    () => sent.length,
    (length) => (length >= count ? undefined : `${length} replies\n${output()}`),
    PATIENCE,
  );
}

describe("an example", () => {
  test("each is short enough to be read at a glance", () => {
    for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith(".mjs"))) {
      expect(readFileSync(join(EXAMPLES, file), "utf8").trim().split("\n").length, file).toBeLessThanOrEqual(60);
    }
  });

  test("OneBot v11", { timeout: 90_000 }, async () => {
    const sent: Sent[] = [];
    const peer = await startPeer({
      clock: systemClock,
      botId: "3889001000",
      groups: [GROUP],
      heartbeat: 1000,
      onSent: (message) => sent.push(message),
    });
    ends.push(() => peer.stop());
    const bot = await run(["onebot.mjs"], { ONEBOT_URL: peer.url });
    await until(
      () => peer.connections,
      (count) => (count === 1 ? undefined : bot.output()),
      PATIENCE,
    );
    peer.say({ person: { id: "1001", name: "Alice" }, text: "Tell me a joke" });
    await heard(sent, 1, bot);
    peer.say({ person: { id: "1002", name: "小明" }, group: GROUP, text: "!Tell me a joke" });
    await heard(sent, 2, bot);
    peer.say({ person: { id: "1002", name: "小明" }, group: GROUP, text: "lol" });
    await expectSeen(bot, {
      bot: { platform: "onebot", uin: "3889001000" },
      messages: 3,
      responses: 2,
      groups: 1,
      users: [
        ["1001", "Alice"],
        ["1002", "小明"],
      ],
    });
  });

  test("Telegram, by grammY", { timeout: 90_000 }, async () => {
    const telegram = await startTelegram("42:token");
    ends.push(() => telegram.stop());
    const bot = await run(["telegram.mjs"], { TELEGRAM_TOKEN: "42:token", TELEGRAM_API: telegram.url });
    const ann = { id: 1001, first_name: "Ann" };
    telegram.say({ from: ann, chat: { id: 1001, type: "private" }, text: "Roll 2d6 for me" });
    await heard(telegram.sent, 1, bot);
    telegram.say({ from: ann, chat: { id: -2001, type: "supergroup", title: "Tea room" }, text: "Tell me a joke" });
    await heard(telegram.sent, 2, bot);
    expect(telegram.sent.map(({ chat }) => chat)).toEqual(["1001", "-2001"]);
    await expectSeen(bot, {
      bot: { platform: "telegram", uin: "77" },
      messages: 2,
      responses: 2,
      tools: 1,
      groups: 1,
      users: [["1001", "Ann"]],
    });
  });

  test("Discord, by discord.js", { timeout: 90_000 }, async () => {
    const discord = await startDiscord();
    ends.push(() => discord.stop());
    const bot = await run(["discord.mjs"], { DISCORD_TOKEN: "token", DISCORD_API: discord.api });
    await until(
      () => discord.connections,
      (count) => (count === 1 ? undefined : bot.output()),
      PATIENCE,
    );
    discord.say({ id: "1001", username: "ann" }, "Tell me a joke", true);
    await heard(discord.sent, 1, bot);
    expect(discord.sent[0]!.chat).toBe(CHANNEL.id);
    discord.say({ id: "1002", username: "bob" }, "lol", false);
    await expectSeen(bot, {
      bot: { platform: "discord", uin: DISCORD_BOT.id },
      messages: 2,
      responses: 1,
      groups: 1,
      users: [
        ["1001", "ann"],
        ["1002", "bob"],
      ],
    });
  });

  test("a plug-in of Yunzai's kind", { timeout: 90_000 }, async () => {
    const host = join(import.meta.dirname, "yunzai-host.mjs");
    const bot = await run([host, join(EXAMPLES, "yunzai.mjs")], {});
    const event = {
      self_id: 3889001000,
      user_id: 1001,
      sender: { nickname: "Ann" },
      group_id: 2001,
      group_name: "Tea room",
    };
    bot.input({ ...event, msg: "#ai Tell me a joke" });
    await until(bot.output, (text) => (/^reply "/m.test(text) ? undefined : text), PATIENCE);
    bot.input({ ...event, user_id: 1002, sender: { card: "小明" }, msg: "lol" });
    await expectSeen(bot, {
      bot: { platform: "qq", uin: "3889001000" },
      messages: 2,
      responses: 1,
      groups: 1,
      users: [
        ["1001", "Ann"],
        ["1002", "小明"],
      ],
    });
  });
});
