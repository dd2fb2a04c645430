import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createQuota } from "../../src/bot/quota.ts";
import { SPENT } from "../../src/bot/turn.ts";
import type { BotSettings } from "../../src/config/settings.ts";
import { createCalendar } from "../../src/lib/calendar.ts";
import { ALICE, BOB, GROUP, startWorld, until, type World } from "./world.ts";

const dataDir = mkdtempSync(join(tmpdir(), "botel-quota-"));
afterAll(() => rmSync(dataDir, { recursive: true }));

const LIMITED: Partial<BotSettings> = {
  limits: { groupAnswersPerDay: 3, userAnswersPerDay: 2 },
  groups: { "2002": { enabled: true, answersPerDay: 1, model: "deepseek-chat", prompt: "You are a pirate." } },
};

/** Says something that is meant for the bot, and gives what it answers. */
async function say(world: World, person = ALICE, text = "Hi", group: typeof GROUP | null = GROUP): Promise<string> {
  const [before, ended] = [world.sent.length, world.recorder.messages.length];
  world.peer.say({ person, group: group ?? undefined, text: group === null ? text : `!${text}` });
  // The turn's end too: only then is the answer counted.
  await until(() => world.sent.length > before && world.recorder.messages.length > ended);
  return world.sent.at(-1)!.text;
}

const OTHER = { id: "2002", name: "Harbour" };
const answers = { provider: { model: () => ({ text: "Hello.", calls: [] }) } };

describe("limits", () => {
  test("a person has so many answers a day, a group too; what they used is told, and a fixed text is no answer", async () => {
    const world = await startWorld({ ...answers, settings: LIMITED });
    expect([await say(world), await say(world), await say(world)]).toEqual(["Hello.", "Hello.", SPENT]);
    expect(await say(world, ALICE, "/limits")).toBe("This group: 2 of 3 answers today.\nYou: 2 of 2 answers today.");
    expect([await say(world, BOB), await say(world, BOB)]).toEqual(["Hello.", SPENT]);
    expect(await say(world, BOB, "/limits", null)).toBe("You: 1 of 2 answers today.");
    await until(() => world.recorder.messages.length === 7);
    const responses = world.recorder.messages.map((message) => message.responses);
    expect(responses.reduce((sum, count) => sum + count)).toBe(3);
  });

  test("a group may have a limit, a model and words of its own", async () => {
    const asked: string[] = [];
    const model = ({ model, messages }: { model: string; messages: readonly { content?: unknown }[] }) => {
      asked.push(`${model}: ${String(messages[0]?.content)}`);
      return { text: "Arr.", calls: [] };
    };
    const peer = { groups: [GROUP, OTHER] };
    const world = await startWorld({ settings: LIMITED, provider: { model }, peer });
    expect([await say(world, BOB, "Hi", OTHER), await say(world, ALICE, "Hi", OTHER)]).toEqual(["Arr.", SPENT]);
    expect(asked).toEqual(["deepseek-chat: You are a pirate."]);
  });

  test("a group that is switched off is heard and not answered", async () => {
    const world = await startWorld({ ...answers, settings: { groups: { [GROUP.id]: { enabled: false } } } });
    world.peer.say({ person: ALICE, group: GROUP, text: "!Hi" });
    expect(await say(world, ALICE, "Hi", null)).toBe("Hello.");
    await until(() => world.recorder.messages.length === 2);
    expect(world.recorder.messages.map(({ responses }) => responses)).toEqual([0, 1]);
  });

  test("what was used is kept over a restart; a damaged file counts for nothing", async () => {
    const settings = LIMITED;
    for (const expected of [
      ["Hello.", "Hello."],
      [SPENT, SPENT],
    ]) {
      const world = await startWorld({ ...answers, settings, bot: { dataDir } });
      expect([await say(world), await say(world)]).toEqual(expected);
      await world.bot.stop();
    }
    const file = join(dataDir, "bot-quota.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ groups: [[GROUP.id, 2]], users: [[ALICE.id, 2]] });
    for (const broken of ["{", '{"day":1,"groups":[[1,2]],"users":[]}']) {
      writeFileSync(file, broken);
      const world = await startWorld({ ...answers, settings, bot: { dataDir } });
      expect(await say(world)).toBe("Hello.");
      await world.bot.stop();
    }
  });

  test("each day of the time zone begins anew", () => {
    let now = Date.parse("2026-11-25T15:59:59Z");
    const quota = createQuota({
      limits: LIMITED.limits!,
      groups: {},
      calendar: createCalendar("Asia/Shanghai"),
      now: () => now,
    });
    quota.spend("g", "u");
    expect(quota.use("g", "u")).toEqual({ group: { used: 1, limit: 3 }, user: { used: 1, limit: 2 } });
    now += 1000;
    expect(quota.use("g", "u")).toEqual({ group: { used: 0, limit: 3 }, user: { used: 0, limit: 2 } });
    expect(quota.use("__proto__", "constructor").user.used).toBe(0);
  });
});

describe("/stats", () => {
  test("says what botel's own API says, of the group where it is asked", async () => {
    const asked: string[] = [];
    const askBotel = (path: string) => {
      asked.push(path);
      if (path.startsWith("/api/stats/models")) {
        return Promise.resolve({ models: [{ model: "gpt-4o", requests: 4, tokens: 99 }] });
      }
      const summary = {
        totalMessages: 7,
        aiResponses: 3,
        toolCalls: 2,
        tokensUsed: 99,
        activeUsers: 1,
        activeGroups: 1,
      };
      return Promise.resolve({ summary, daily: [] });
    };
    const world = await startWorld({ bot: { askBotel } });
    expect(await say(world, ALICE, "/stats")).toBe(
      "This group\nToday: 7 messages, 3 answers, 2 tool calls, 99 tokens\n30 days: 7 messages, 3 answers, 2 tool calls, 99 tokens\ngpt-4o: 4 requests, 99 tokens",
    );
    expect(asked.every((path) => path.endsWith(`&groupId=${GROUP.id}`))).toBe(true);
  });

  test("says so where botel does not answer", async () => {
    const world = await startWorld({ bot: { askBotel: () => Promise.reject(new Error("503")) } });
    expect(await say(world, ALICE, "/stats", null)).toBe("The statistics do not answer at the moment.");
  });
});
