import type { Random } from "./random.ts";

export type Language = "en" | "zh" | "ja" | "de" | "ru" | "ko";

/** Somebody who talks to the bot, or near it. */
export interface Person {
  id: string;
  name: string;
  language: Language;
  /** How much they talk beside the others; a few talk most. */
  talks: number;
}

export interface Group {
  id: string;
  name: string;
  members: Person[];
  /** As of a person. */
  talks: number;
  /** The model that they chose for the bot; absent: the bot's first. */
  model?: string;
}

export interface Society {
  people: readonly Person[];
  groups: readonly Group[];
}

/** The bot's own id on the simulated platform. */
export const BOT_ID = "3889001000";

const NAMES: readonly [Language, string][] = [
  ["zh", "小林"],
  ["zh", "王小明"],
  ["zh", "夜猫子"],
  ["zh", "陈晨"],
  ["zh", "阿杰"],
  ["zh", "雨后彩虹"],
  ["zh", "李雷"],
  ["zh", "韩梅梅"],
  ["zh", "喵喵酱"],
  ["zh", "張曉雲"],
  ["zh", "老周"],
  ["zh", "星海"],
  ["en", "Maya"],
  ["en", "O'Brien"],
  ["en", "Priya Nair"],
  ["en", "अर्जुन"],
  ["en", "நிலா"],
  ["en", "Tomás Ó Flaithearta"],
  ["en", "זוהר"],
  ["en", "ليلى حداد"],
  ["en", "سامي"],
  ["en", "Nguyễn Thị Hoa"],
  ["en", "สมชาย"],
  ["en", "Ἀλέξανδρος"],
  ["en", "🦊 fox"],
  ["en", "x_Void_x"],
  ["en", "José María"],
  ["de", "Jürgen Groß"],
  ["de", "Käthe"],
  ["de", "Łukasz"],
  ["ja", "さくら"],
  ["ja", "田中健一"],
  ["ja", "ユキ"],
  ["ja", "ことり"],
  ["ru", "Алёна"],
  ["ru", "Дмитрий"],
  ["ru", "Ніна"],
  ["ko", "김민준"],
  ["ko", "하늘"],
  ["ko", "박서연"],
];

const GROUPS: readonly { name: string; size: number; talks: number; model?: string }[] = [
  { name: "深夜食堂", size: 14, talks: 9 },
  { name: "TypeScript 交流群", size: 16, talks: 7 },
  { name: "Board games & dice 🎲", size: 9, talks: 5, model: "gemini-2.5-flash" },
  { name: "Hiking – Wandern – ハイキング", size: 8, talks: 3, model: "deepseek-chat" },
  { name: "数学研究室", size: 10, talks: 4, model: "deepseek-reasoner" },
  { name: "Кофейня", size: 6, talks: 2, model: "claude-sonnet-4-5" },
  { name: "한국어 공부방", size: 7, talks: 2, model: "qwen2.5-7b-instruct" },
  { name: "bot testing", size: 5, talks: 1 },
];

/** @returns the same 40 people in the same 8 groups for the same seed */
export function createSociety(random: Random): Society {
  const people = NAMES.map(([language, name], index): Person => {
    return { id: String(100_200_300 + index * 7919), name, language, talks: random.spread(1, 0.9) };
  });
  const groups = GROUPS.map(({ name, size, talks, model }, index): Group => {
    return { id: String(765_432_100 + index * 101), name, talks, model, members: draw(people, size, random) };
  });
  return { people, groups };
}

function draw(people: readonly Person[], size: number, random: Random): Person[] {
  const rest = [...people];
  return Array.from({ length: size }, () => rest.splice(random.whole(0, rest.length - 1), 1)).flat();
}
