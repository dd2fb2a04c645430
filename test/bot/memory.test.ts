import { expect, test } from "vitest";
import { createMemory } from "../../src/bot/memory.ts";

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
