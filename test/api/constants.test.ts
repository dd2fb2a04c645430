import { expect, test } from "vitest";
import { log, message, request, tool } from "./facts.ts";
import { documented } from "./page.ts";
import { startWhole, type Whole } from "./whole.ts";

/** What is of the process that answers, or of its machine: the same in both of one test. */
const OF_THE_PROCESS = /\.(success|version|nodejs|platform|arch|memory\.\w+|latency)$/;

// contract §4: "All documented ones, and nothing in them left as a constant:"
test.each(documented.filter(({ example }) => example))("nothing in $path is a constant", async ({ path, example }) => {
  const [one, other] = [await startWell(), await startIll()];
  const [first, second] = [await answer(one, path), await answer(other, path)];
  const leaves = leavesOf(example).filter((leaf) => !OF_THE_PROCESS.test(leaf) || leaf.endsWith(".bot.platform"));
  expect(leaves.length).toBeGreaterThan(0);
  for (const leaf of leaves) expect([leaf, at(second, leaf)]).not.toEqual([leaf, at(first, leaf)]);
});

/** Everything is well. */
async function startWell(): Promise<Whole> {
  const whole = await startWhole();
  const [timeMs, owner] = [whole.clock.ms, { userId: "1", groupId: "1", traceId: "a".repeat(32) }];
  whole.take(
    [
      message(timeMs, { ...owner, responses: 1 }),
      request(timeMs, { ...owner, failed: true, errorMessage: "429", stack: "at a" }),
      request(timeMs, owner),
      tool(timeMs, { ...owner, args: "1", result: "1" }),
      log(timeMs, { ...owner, model: "gpt-4o" }),
    ],
    [
      { event: "bot.state", timeMs, botId: "1", platform: "qq", connected: true },
      { event: "bot.channel.state", timeMs, channelId: "openai-main", adapter: "openai", status: "active", models: [] },
      { event: "bot.inventory", timeMs, features: ["mcp", "memory", "galgame"], adapters: [], mcpServers: 1, tools: 1 },
    ],
  );
  whole.tick();
  return whole;
}

/** Everything is another, and nothing is well. */
async function startIll(): Promise<Whole> {
  const whole = await startWhole({ nowMs: Date.UTC(2026, 10, 25, 13) });
  const [timeMs, owner] = [whole.clock.ms, { userId: "2", groupId: "2", traceId: "b".repeat(32) }];
  const [channel, model] = ["other", "other"];
  const botId = "2";
  const five = Array.from({ length: 5 }, () => [
    message(timeMs, { botId, userId: "3", userName: "3", groupId: "3", responses: 1 }),
    message(timeMs, { botId, ...owner, responses: 1 }),
    request(timeMs, { ...owner, channel, model, failed: true, errorMessage: "500", stack: "at b" }),
    tool(timeMs, { ...owner, tool: "other", args: "2", result: "2", failed: true, durationNs: 5 }),
  ]);
  whole.take([...five.flat(), log(timeMs + 1, { ...owner, level: "error", message: "other", model, channel })]);
  whole.take(
    [],
    [
      { event: "bot.state", timeMs, botId, platform: "telegram", connected: false },
      { event: "bot.channel.state", timeMs, channelId: channel, adapter: "gemini", status: "error", models: [] },
      { event: "bot.channel.state", timeMs, channelId: "configured", status: "disabled", models: [] },
      { event: "bot.inventory", timeMs, features: [], adapters: [], mcpServers: 2, tools: 2 },
    ],
  );
  whole.tick();
  whole.tick();
  whole.system.latency(undefined);
  return whole;
}

async function answer({ get }: Whole, path: string): Promise<unknown> {
  return (await get(path)).json();
}

/** Paths of all fields of a documented answer that hold a plain value, as `.data.logs.0.level`. */
function leavesOf(example: unknown, path = ""): string[] {
  if (typeof example !== "object" || example === null || /\.(args|result|meta)$/.test(path)) return [path];
  const fields = Object.entries(example).filter(([name]) => !Array.isArray(example) || name === "0");
  return fields.flatMap(([name, value]) => leavesOf(value, `${path}.${name}`));
}

function at(answer: unknown, leaf: string): unknown {
  const names = leaf.split(".").slice(1);
  return names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], answer);
}
