import { expect, test } from "vitest";
import { talk } from "../../src/demo/crowd.ts";
import { createSociety } from "../../src/demo/people.ts";
import { createRandom } from "../../src/demo/random.ts";
import { livelinessAt } from "../../src/demo/rhythm.ts";
import { understand, pretendResult } from "../../src/demo/topics.ts";
import type { Tool } from "../../src/bot/tools/tool.ts";
import { BUILT_IN } from "../../src/bot/tools/toolbox.ts";
import { LOTS } from "../../src/demo/lots.ts";
import { createCalendar } from "../../src/lib/calendar.ts";

function utterances(seed: number, count: number) {
  const society = createSociety(createRandom(seed).fork("society"));
  return talk(society, createRandom(seed).fork("talk")).take(count).toArray();
}

test("40 people in 8 groups, with ids of their own and names in several scripts", () => {
  const { people, groups } = createSociety(createRandom(1));
  expect([people.length, groups.length]).toEqual([40, 8]);
  expect(new Set(people.map(({ id }) => id)).size).toBe(40);
  expect(new Set(groups.map(({ id }) => id)).size).toBe(8);
  for (const { members } of groups) expect(new Set(members).size).toBe(members.length);
  const names = people.map(({ name }) => name).join("");
  for (const script of ["Latin", "Han", "Hiragana", "Hangul", "Cyrillic", "Arabic", "Hebrew", "Devanagari", "Thai"]) {
    expect(names).toMatch(new RegExp(`\\p{Script=${script}}`, "u"));
  }
});

test("the same seed gives the same people, groups and talk; another one gives others", () => {
  expect(utterances(7, 500)).toEqual(utterances(7, 500));
  expect(utterances(7, 500)).not.toEqual(utterances(8, 500));
});

test("people talk in all groups and in private, some of it to the bot, and choose models", () => {
  const all = utterances(1, 4000);
  expect(new Set(all.map(({ group }) => group?.id)).size).toBe(9);
  const toBot = all.filter(({ group, mentions, text }) => group === undefined || mentions || text.startsWith("!"));
  expect(toBot.length / all.length).toBeGreaterThan(0.25);
  expect(toBot.length / all.length).toBeLessThan(0.45);
  expect(all.slice(0, 3).map(({ text }) => text.split(" ")[0])).toEqual(["/model", "/model", "/model"]);
});

/** The bot's own, and the one of the demo's MCP server, which never fails. */
const TOOLS: Pick<Tool, "name" | "run">[] = [...BUILT_IN, { name: "draw_lot", run: () => ({ lot: LOTS[0] }) }];

test("what people ask provokes each of the bot's tools, some failures, and answers without any", () => {
  const random = createRandom(1);
  const wanted = utterances(1, 4000).map(({ text }) => understand(text));
  const calls = wanted.flat();
  const context = { clock: { now: () => Date.UTC(2026, 10, 24) }, random: random.next };
  const outcomes = calls.map((call) => {
    const tool = TOOLS.find(({ name }) => name === call.name);
    try {
      return tool?.run(call.args, context) === undefined ? "unknown" : "ok";
    } catch {
      return "failed";
    }
  });
  expect(new Set(calls.map(({ name }) => name))).toEqual(new Set(TOOLS.map(({ name }) => name)));
  expect(outcomes).not.toContain("unknown");
  const failed = outcomes.filter((outcome) => outcome === "failed").length / outcomes.length;
  expect(failed).toBeGreaterThan(0.01);
  expect(failed).toBeLessThan(0.15);
  expect(wanted.some((calls) => calls.length > 1)).toBe(true);
});

test("a tool fails in the history where the bot's own fails", () => {
  const context = { clock: { now: () => 0 }, random: () => 0 };
  for (const call of utterances(3, 4000).flatMap(({ text }) => understand(text))) {
    const tool = TOOLS.find(({ name }) => name === call.name);
    const pretended = pretendResult(call, createRandom(1)) !== undefined;
    if (pretended) expect(() => tool?.run(call.args, context)).not.toThrow();
    else expect(() => tool?.run(call.args, context)).toThrow();
  }
});

test("the evening is lively and the night quiet, in the hours of the zone; the weekend rises late", () => {
  const calendar = createCalendar("Asia/Kathmandu");
  const at = (date: number, hour: number) =>
    livelinessAt(Date.UTC(2026, 10, date, hour) - (5 * 60 + 45) * 60_000, calendar);
  expect(at(24, 21)).toBe(1);
  expect(at(24, 4)).toBeLessThan(0.1);
  expect(at(21, 10)).toBeGreaterThan(at(24, 10)); // a Saturday
  expect(at(21, 7)).toBeLessThan(at(24, 7));
});
