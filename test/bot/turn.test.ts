import { describe, expect, test } from "vitest";
import type { Model } from "../../src/demo/model.ts";
import type { Faults } from "../../src/demo/faults.ts";
import { APOLOGY } from "../../src/bot/turn.ts";
import { ALICE, BOB, GROUP, only, startWorld, until, type World } from "./world.ts";

/** Calls its tools for as long as it may. */
const insatiable: Model = ({ tool_choice: choice }) =>
  choice === "none"
    ? { text: "Enough.", calls: [] }
    : { text: "", calls: [{ name: "roll_dice", args: { count: 2, sides: 6 } }] };

const says =
  (text: string): Model =>
  () => ({ text, calls: [] });

const allFail: Faults = () => ({ kind: "status", status: 500 });

async function ended({ recorder }: World, messages: number): Promise<void> {
  await until(() => recorder.messages.length === messages);
}

describe('contract §1: "response: one reply that the bot sent and whose text a model wrote (a fixed error text or a command\'s output is none; one reply cut into several platform messages is one)"', () => {
  test("a model's reply is one", async () => {
    const world = await startWorld({ provider: { model: says("Hello.") } });
    world.peer.say({ person: ALICE, text: "Hi" });
    await ended(world, 1);
    expect(world.recorder.messages[0]?.responses).toBe(1);
    expect(world.sent.map(({ text }) => text)).toEqual(["Hello."]);
  });

  test("a fixed error text is none", async () => {
    const world = await startWorld({ faults: allFail });
    world.peer.say({ person: ALICE, text: "Hi" });
    await ended(world, 1);
    expect(world.recorder.messages[0]).toMatchObject({ responses: 0, failed: true });
    expect(world.sent.map(({ text }) => text)).toEqual([APOLOGY]);
  });

  test("a command's output is none, and asks no model", async () => {
    const world = await startWorld();
    world.peer.say({ person: ALICE, text: "/help" });
    await ended(world, 1);
    expect(world.recorder.messages[0]).toMatchObject({ responses: 0, failed: false });
    expect(world.sent[0]?.text).toContain("/model NAME");
    expect(world.recorder.requests).toEqual([]);
  });

  test("one reply cut into several platform messages is one", async () => {
    const world = await startWorld({ provider: { model: says("word ".repeat(900)) } });
    world.peer.say({ person: ALICE, group: GROUP, text: "Tell me everything", mentions: true });
    await ended(world, 1);
    expect(world.sent).toHaveLength(4);
    expect(world.sent.filter(({ quotes }) => quotes !== undefined)).toHaveLength(1);
    expect(world.recorder.messages[0]?.responses).toBe(1);
  });
});

describe("when the bot answers", () => {
  const cases: [string, Parameters<World["peer"]["say"]>[0], boolean][] = [
    ["a private message", { person: ALICE, text: "Hi" }, true],
    ["a group's message that names it", { person: ALICE, group: GROUP, text: "Hi", mentions: true }, true],
    ["a group's message with the prefix", { person: ALICE, group: GROUP, text: "!Hi" }, true],
    ["… a full-width one too", { person: BOB, group: GROUP, text: "！你好" }, true],
    ["any other message in a group", { person: ALICE, group: GROUP, text: "Hi" }, false],
    ["a private message without a word", { person: ALICE, text: "  " }, false],
  ];
  test.each(cases)("%s", async (_name, utterance, answers) => {
    const world = await startWorld({ provider: { model: says("Hello.") } });
    world.peer.say(utterance);
    await ended(world, 1);
    expect(world.sent.length === 1).toBe(answers);
  });
});

describe("tools", () => {
  test('contract §1: "tool call: one execution of a tool, built-in or MCP": asked for, executed, and told to the model', async () => {
    const world = await startWorld();
    world.peer.say({ person: ALICE, text: "What is (2 + 3) * 4 ?" });
    await ended(world, 1);
    expect(world.recorder.tools).toMatchObject([
      { name: "calculate", args: { expression: "(2 + 3) * 4" }, result: { value: 20 }, failed: false },
    ]);
    expect(world.recorder.tools[0]?.callId).toMatch(/^call_/);
    expect(world.recorder.requests).toHaveLength(2);
    expect(world.sent[0]?.text).toContain("value: 20");
  });

  test("two calls of one round are two", async () => {
    const world = await startWorld();
    world.peer.say({ person: ALICE, text: "What is the weather like in Berlin / Tokyo?" });
    await ended(world, 1);
    expect(world.recorder.tools.map(({ args }) => (args as { city: string }).city).sort()).toEqual(["Berlin", "Tokyo"]);
  });

  test("one that fails is told to the model, which answers all the same", async () => {
    const world = await startWorld();
    world.peer.say({ person: ALICE, text: "What is the weather like in Atlantis?" });
    await ended(world, 1);
    expect(world.recorder.tools).toMatchObject([{ failed: true, why: "There is no weather of Atlantis" }]);
    expect(world.recorder.messages[0]?.responses).toBe(1);
    expect(world.sent[0]?.text).toContain("There is no weather of Atlantis");
  });

  test("one that does not exist is no tool call, and ends nothing", async () => {
    let asked = 0;
    const model: Model = () =>
      (asked += 1) === 1 ? { text: "", calls: [{ name: "rm_rf", args: {} }] } : { text: "Well.", calls: [] };
    const world = await startWorld({ provider: { model } });
    world.peer.say({ person: ALICE, text: "Hi" });
    await ended(world, 1);
    expect(world.recorder.tools).toEqual([]);
    expect(world.sent[0]?.text).toBe("Well.");
  });

  test("a model that never stops calling has to answer in words after some rounds", async () => {
    const world = await startWorld({ provider: { model: insatiable }, pace: { toolRounds: 3 } });
    world.peer.say({ person: ALICE, text: "Hi" });
    await ended(world, 1);
    expect(world.recorder.tools).toHaveLength(3);
    expect(world.recorder.requests).toHaveLength(4);
    expect(world.sent[0]?.text).toBe("Enough.");
  });

  test("more than eight calls in a round are not executed", async () => {
    let asked = 0;
    const calls = Array.from({ length: 20 }, () => ({ name: "roll_dice", args: {} }));
    const model: Model = () => ((asked += 1) === 1 ? { text: "", calls } : { text: "Well.", calls: [] });
    const world = await startWorld({ provider: { model } });
    world.peer.say({ person: ALICE, text: "Hi" });
    await ended(world, 1);
    expect(world.recorder.tools).toHaveLength(8);
  });

  test("a model that gives no text at all is an error, with the fixed text", async () => {
    const world = await startWorld({ provider: { model: says("") } });
    world.peer.say({ person: ALICE, text: "Hi" });
    await ended(world, 1);
    expect(world.sent.map(({ text }) => text)).toEqual([APOLOGY]);
    expect(world.recorder.messages[0]?.responses).toBe(0);
  });
});

describe("log lines", () => {
  test('a handled question is "Chat request processed", with its model, in its turn', async () => {
    const world = await startWorld();
    world.peer.say({ person: ALICE, text: "Tell me a joke" });
    await ended(world, 1);
    const line = world.recorder.logs.find(({ message }) => message === "Chat request processed");
    expect(line).toMatchObject({
      level: "info",
      trace: world.recorder.messages[0]?.trace,
      attributes: { "gen_ai.request.model": "gpt-4o", "bot.channel.id": "openai-main" },
    });
  });

  test("where all channels failed there is one error line in the turn, beside the requests", async () => {
    const world = await startWorld({ faults: allFail });
    world.peer.say({ person: ALICE, text: "Hi" });
    await ended(world, 1);
    const errors = world.recorder.logs.filter(({ level }) => level === "error");
    expect(errors.map(({ message }) => message)).toEqual([`No channel could answer: ${SERVER_ERROR}`]);
    expect(errors[0]?.trace).toBe(world.recorder.messages[0]?.trace);
    expect(world.recorder.requests.every(({ trace }) => trace === errors[0]?.trace)).toBe(true);
  });
});

const SERVER_ERROR = "The server had an error while processing your request";

test("a chat's last exchanges are remembered, and forgotten on request; another chat knows nothing of them", async () => {
  const heard: number[] = [];
  const model: Model = ({ messages }) => {
    heard.push(messages.length);
    return { text: "Hello.", calls: [] };
  };
  const world = await startWorld({ provider: { model } });
  const texts = ["one", "two", "/reset", "three"];
  for (const [index, text] of texts.entries()) {
    world.peer.say({ person: ALICE, text });
    await ended(world, index + 1);
  }
  world.peer.say({ person: BOB, text: "four" });
  await ended(world, 5);
  expect(heard).toEqual([2, 4, 2, 2]);
});

test("a chat chooses its model", async () => {
  const world = await startWorld();
  world.peer.say({ person: ALICE, group: GROUP, text: "/model qwen2.5-7b-instruct", mentions: true });
  await ended(world, 1);
  world.peer.say({ person: BOB, group: GROUP, text: "Tell me a joke", mentions: true });
  await ended(world, 2);
  expect(world.recorder.requests[0]).toMatchObject({ channel: "local-qwen", model: "qwen2.5-7b-instruct" });
  world.peer.say({ person: ALICE, group: GROUP, text: "!/model gpt-99" });
  await ended(world, 3);
  expect(world.sent.at(-1)?.text).toContain("Choose one of gpt-4o");
});

test("more questions than may be answered at once are not answered, with a warning", async () => {
  const world = await startWorld({ faults: () => ({ kind: "hangs" }), pace: { turns: 2, firstChunk: 60_000 } });
  for (let n = 0; n < 3; n += 1) world.peer.say({ person: ALICE, text: `Question ${n}` });
  await ended(world, 1);
  const warning = world.recorder.logs.find(({ level }) => level === "warn");
  expect(warning?.message).toBe("A question was not answered: 2 are being answered");
});

test("a stop ends what is under way: its request failed, its message is told, and nothing is left", async () => {
  const world = await startWorld({
    faults: () => ({ kind: "hangs" }),
    provider: { channels: only("openai-main") },
    pace: { grace: 30 },
  });
  world.peer.say({ person: ALICE, text: "Hi" });
  await until(() => world.provider.calls === 1);
  await world.bot.stop();
  expect(world.recorder.requests.map(({ why }) => why)).toEqual(["aborted"]);
  expect(world.recorder.messages).toMatchObject([{ responses: 0, failed: true }]);
});

test("a bot that is stopping hears nothing more", async () => {
  const world = await startWorld({ faults: () => ({ kind: "hangs" }), pace: { grace: 100 } });
  world.peer.say({ person: ALICE, text: "Hi" });
  await until(() => world.provider.calls === 1);
  const stopped = world.bot.stop();
  world.peer.say({ person: BOB, group: GROUP, text: "lol" });
  await stopped;
  expect(world.recorder.messages.map(({ userId }) => userId)).toEqual([ALICE.id]);
});

test('contract §9: "bot.inventory": what is really on', async () => {
  const { recorder } = await startWorld();
  expect(recorder.inventories).toEqual([{ features: ["memory"], adapters: ["openai"], mcpServers: 0, tools: 5 }]);
});
