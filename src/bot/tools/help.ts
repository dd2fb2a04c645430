import { textOf, type Tool } from "./tool.ts";

interface Page {
  title: string;
  text: string;
}

/** What the bot knows of itself. */
const PAGES: readonly Page[] = [
  {
    title: "Talking to the bot",
    text: "In a private chat every message is answered. In a group, name the bot with @ or begin with an exclamation mark.",
  },
  {
    title: "Commands",
    text: "/help lists the commands, /models the models, /model NAME chooses one for this chat, /reset forgets the conversation.",
  },
  {
    title: "Memory",
    text: "The bot remembers the last six exchanges of a chat and forgets them with /reset or when it is started again.",
  },
  {
    title: "Models and channels",
    text: "Models are reached through channels in order of priority. Where one fails, the next one answers: failover.",
  },
  {
    title: "Weather and time",
    text: "Ask for the weather of a city, or for the time in a city or time zone.",
  },
  {
    title: "Calculator and dice",
    text: "The bot works out arithmetic such as (2 + 3) * 4, and rolls dice such as three dice with twenty sides.",
  },
  {
    title: "Privacy",
    text: "Prompts and replies are never stored. Counts, durations and tool calls are kept for statistics.",
  },
];
const SHOWN = 2;

export const help: Tool = {
  name: "search_help",
  description: "Searches the bot's own help for what it can do and how it is used.",
  parameters: {
    type: "object",
    properties: { query: { type: "string", description: "A few English words" } },
    required: ["query"],
  },
  run(args) {
    const words = wordsOf(textOf(args, "query"));
    const scored = PAGES.map((page) => ({ page, score: scoreOf(page, words) })).filter(({ score }) => score > 0);
    return {
      pages: scored
        .toSorted((a, b) => b.score - a.score)
        .map(({ page }) => page)
        .slice(0, SHOWN),
    };
  },
};

/** A word in the title weighs three times one in the text; `model` finds `models`. */
function scoreOf({ title, text }: Page, words: string[]): number {
  const count = (source: string, word: string) => wordsOf(source).filter((other) => other.startsWith(word)).length;
  return words.reduce((sum, word) => sum + 3 * count(title, word) + count(text, word), 0);
}

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/\p{L}{3,}/gu) ?? []).map((word) => word.replace(/s$/, ""));
}
