import { expect, test } from "vitest";
import { createMemory } from "../../src/bot/memory.ts";
import { providerOf } from "../../src/bot/provider-names.ts";

const exchange = (n: number) => ({ question: `q${n}`, answer: `a${n}` });

test("a chat's newest exchanges are remembered, no more", () => {
  const memory = createMemory(10, 2);
  for (const n of [1, 2, 3]) memory.keep("tea", exchange(n));
  expect(memory.recall("tea")).toEqual([exchange(2), exchange(3)]);
  expect(memory.recall("coffee")).toEqual([]);
});

test("of too many chats the one that was quiet for longest is forgotten, with its model", () => {
  const memory = createMemory(2, 2);
  memory.choose("tea", "gpt-4o");
  memory.keep("coffee", exchange(1));
  memory.keep("tea", exchange(2));
  memory.keep("water", exchange(3));
  expect([memory.recall("coffee"), memory.recall("tea").length, memory.model("tea")]).toEqual([[], 1, "gpt-4o"]);
  memory.keep("coffee", exchange(4));
  expect([memory.recall("tea"), memory.model("tea")]).toEqual([[], undefined]);
});

test("a long text is not remembered whole", () => {
  const memory = createMemory();
  memory.keep("tea", { question: "?".repeat(9999), answer: "!".repeat(9999) });
  const [{ question, answer } = exchange(0)] = memory.recall("tea");
  expect([question.length, answer.length]).toEqual([2000, 2000]);
});

test.each([
  ["https://api.openai.com/v1", "openai", "openai"],
  ["https://api.deepseek.com", "openai", "deepseek"],
  ["https://generativelanguage.googleapis.com/v1beta/openai", "openai", "gcp.gemini"],
  ["https://notdeepseek.com/v1", "openai", "openai"],
  ["http://127.0.0.1:11434/v1", "claude", "anthropic"],
  ["http://127.0.0.1:11434/v1", "gemini", "gcp.gemini"],
] as const)("the provider behind %s, by the protocol of %s, is %s", (baseUrl, adapter, provider) => {
  const channel = { id: "main", apiKey: "", models: ["any"], priority: 1, enabled: true, baseUrl, adapter };
  expect(providerOf(channel)).toBe(provider);
  expect(providerOf({ ...channel, provider: "my own" })).toBe("my own");
});
