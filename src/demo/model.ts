import type { Random } from "./random.ts";
import { understand, type WantedCall } from "./topics.ts";

/** A chat completion's request, as far as a simulated model reads it. */
export interface ModelRequest {
  model: string;
  messages: readonly ModelMessage[];
  tools?: readonly unknown[];
  tool_choice?: unknown;
  stream?: boolean;
}

interface ModelMessage {
  role: string;
  content?: unknown;
  tool_calls?: unknown;
}

/** What a simulated model answers: words, or calls. */
export interface ModelAnswer {
  text: string;
  calls: WantedCall[];
}

export type Model = (request: ModelRequest, random: Random) => ModelAnswer;

/** Understands the topics of the demo, calls the tool that fits, and then talks about its result. */
export const simulatedModel: Model = ({ messages, tools, tool_choice: choice }, random) => {
  const results = resultsOf(messages);
  if (results.length > 0) return { text: `${tell(results)} ${random.pick(REMARKS)}`, calls: [] };
  const question = textOf(messages.findLast(({ role }) => role === "user"));
  const calls = tools !== undefined && tools.length > 0 && choice !== "none" ? understand(question) : [];
  return calls.length > 0 ? { text: "", calls } : { text: ramble(question, random), calls: [] };
};

/** What the tools said since the last question. */
function resultsOf(messages: readonly ModelMessage[]): string[] {
  const asked = messages.findLastIndex(({ role }) => role === "user");
  return messages
    .slice(asked + 1)
    .filter(({ role }) => role === "tool")
    .map(textOf);
}

/** @param results JSON objects, as the tools gave them */
function tell(results: readonly string[]): string {
  return results
    .map((result) => {
      const entries = Object.entries(JSON.parse(result) as Record<string, unknown>);
      return entries.map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
    })
    .map((lines) => lines.join(", "))
    .join("\n");
}

function textOf(message: ModelMessage | undefined): string {
  return typeof message?.content === "string" ? message.content : "";
}

function ramble(question: string, random: Random): string {
  const sentences = /\p{Script=Han}/u.test(question)
    ? CHINESE
    : /\p{Script=Cyrillic}/u.test(question)
      ? RUSSIAN
      : ENGLISH;
  const separator = sentences === CHINESE ? "" : " ";
  return Array.from({ length: Math.ceil(random.spread(3, 0.6)) }, () => random.pick(sentences)).join(separator);
}

const REMARKS = ["There you are.", "Anything else?", "希望有帮助。", "Good luck!", "✨", "So much for that."];
const ENGLISH = [
  "That is a good question.",
  "It depends on what you like, but I would begin with something small and see where it leads.",
  "A function remembers the names that were around it when it was made, and that memory is called its closure.",
  "Two bytes walk into a bar; the bartender asks what is wrong, and one says: I feel a bit off.",
  "Soup is always right in the evening.",
  "If you want, tell me more of what you have in mind.",
];
const CHINESE = [
  "这个问题很有意思。",
  "要看你的口味,不过我会先从简单的开始。",
  "闭包就是函数记住了它出生时周围的变量。",
  "今晚喝碗热汤总不会错。",
  "程序员最怕的不是加班,是改需求。",
  "如果愿意,可以多告诉我一点。",
];
const RUSSIAN = [
  "Хороший вопрос.",
  "Всё зависит от настроения, но я бы начал с малого.",
  "Заходит байт в бар, а бармен ему: что-то ты неважно выглядишь.",
  "Расскажи чуть больше, и я подскажу точнее.",
];
