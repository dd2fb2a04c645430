import type { Language } from "./people.ts";
import { LOTS } from "./lots.ts";
import type { Random } from "./random.ts";

/** A call that a question makes a model want. */
export interface WantedCall {
  name: string;
  args: Record<string, unknown>;
}

/** Something that people ask about: how they ask, and how a simulated model understands it. */
interface Topic {
  /** How often beside the others. */
  weight: number;
  ask(random: Random, language: Language): string;
  /** @returns the calls that the question makes a model want; none where it is about something else */
  understand(question: string): WantedCall[];
  /** What such a call gives, for the history. @returns undefined where it fails */
  pretend?(args: Record<string, unknown>, random: Random): unknown;
}

/** The bot knows no weather of the last one. */
const CITIES = [
  "北京",
  "上海",
  "成都",
  "Tokyo",
  "Seoul",
  "Berlin",
  "Moscow",
  "Cairo",
  "Delhi",
  "São Paulo",
  "Atlantis",
];
const ZONES = ["Asia/Shanghai", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Europe/Moscow"];
const SKIES = ["clear", "cloudy", "overcast", "light rain", "windy", "fog"];

const weather: Topic = {
  weight: 5,
  ask(random, language) {
    const [city, other] = [random.pick(CITIES), random.pick(CITIES)];
    const both = random.chance(0.15) && other !== city;
    const where = both ? `${city} / ${other}` : city;
    return {
      en: `What is the weather like in ${where}?`,
      zh: `${where}今天天气怎么样?`,
      ja: `今日の${where}の天気は?`,
      de: `Wie ist das Wetter in ${where}?`,
      ru: `Какая погода: ${where}?`,
      ko: `${where} 날씨 어때?`,
    }[language];
  },
  understand(question) {
    if (!/weather|天气|天気|wetter|погода|날씨/i.test(question)) return [];
    return CITIES.filter((city) => question.includes(city)).map((city) => ({ name: "get_weather", args: { city } }));
  },
  pretend(args, random) {
    if (args["city"] === "Atlantis") return undefined;
    return { city: args["city"], temperature: random.whole(-8, 34), sky: random.pick(SKIES), unit: "°C" };
  },
};

const time: Topic = {
  weight: 3,
  ask(random, language) {
    const zone = random.pick(ZONES);
    return {
      en: `What time is it in ${zone}?`,
      zh: `${zone} 现在几点了?`,
      ja: `${zone} は今何時?`,
      de: `Welche Uhrzeit ist es in ${zone}?`,
      ru: `Который час в ${zone}?`,
      ko: `${zone} 지금 몇 시야?`,
    }[language];
  },
  understand(question) {
    const zone = ZONES.find((zone) => question.includes(zone));
    return zone === undefined ? [] : [{ name: "get_time", args: { zone } }];
  },
  pretend: (args, random) => ({ zone: args["zone"], time: `${random.whole(0, 23)}:${random.whole(10, 59)}` }),
};

const arithmetic: Topic = {
  weight: 4,
  ask(random, language) {
    const [a, b, c] = [random.whole(2, 99), random.whole(2, 99), random.whole(0, 12)];
    const sum = random.pick([`(${a} + ${b}) * ${c}`, `${a} * ${b} - ${c}`, `${a * b} / ${c}`, `${a} ^ 3 + ${b}`]);
    return {
      en: `What is ${sum} ?`,
      zh: `${sum} 等于多少?`,
      ja: `${sum} はいくつ?`,
      de: `Was ergibt ${sum} ?`,
      ru: `Сколько будет ${sum} ?`,
      ko: `${sum} 얼마야?`,
    }[language];
  },
  understand(question) {
    const expression = /[(\d][\d\s().+*/^-]*[)\d]/.exec(question)?.[0].trim();
    return expression !== undefined && /\d\)? [-+*/^] /.test(expression)
      ? [{ name: "calculate", args: { expression } }]
      : [];
  },
  pretend(args, random) {
    const expression = String(args["expression"]);
    return expression.endsWith("/ 0") ? undefined : { expression, value: random.whole(1, 9999) };
  },
};

const dice: Topic = {
  weight: 3,
  ask(random, language) {
    const [count, sides] = [random.whole(1, 5), random.pick([6, 6, 8, 12, 20])];
    const roll = `${count}d${sides}`;
    return {
      en: `Roll ${roll} for me`,
      zh: `帮我掷骰子 ${roll}`,
      ja: `${roll} を振って`,
      de: `Würfle mal ${roll}`,
      ru: `Брось кубики ${roll}`,
      ko: `주사위 ${roll} 굴려줘`,
    }[language];
  },
  understand(question) {
    const [, count, sides] = /\b(\d{1,2})d(\d{1,3})\b/.exec(question) ?? [];
    return count === undefined ? [] : [{ name: "roll_dice", args: { count: Number(count), sides: Number(sides) } }];
  },
  pretend(args, random) {
    const rolls = Array.from({ length: Number(args["count"]) }, () => random.whole(1, Number(args["sides"])));
    return { rolls, sum: rolls.reduce((sum, roll) => sum + roll, 0) };
  },
};

const help: Topic = {
  weight: 1,
  ask: (_random, language) =>
    ({
      en: "Which commands do you know?",
      zh: "你有哪些命令(commands)?",
      ja: "どんなコマンド(commands)がある?",
      de: "Welche Befehle (commands) kennst du?",
      ru: "Какие у тебя команды (commands)?",
      ko: "명령어(commands) 뭐 있어?",
    })[language],
  understand: (question) =>
    question.includes("ommands") ? [{ name: "search_help", args: { query: "commands" } }] : [],
  pretend: () => ({ pages: [{ title: "Commands", text: "/help lists the commands." }] }),
};

/** The tool of the demo's MCP server. */
const fortune: Topic = {
  weight: 2,
  ask: (_random, language) =>
    ({
      en: "Draw my fortune (omikuji)",
      zh: "帮我抽个签,看看今日运势",
      ja: "おみくじを引いて",
      de: "Zieh mir ein Los (Omikuji)",
      ru: "Вытяни мне жребий (omikuji)",
      ko: "오미쿠지(omikuji) 뽑아줘",
    })[language],
  understand: (question) => (/omikuji|抽个签|おみくじ/i.test(question) ? [{ name: "draw_lot", args: {} }] : []),
  pretend: (_args, random) => ({ lot: random.pick(LOTS) }),
};

const life: Topic = {
  weight: 6,
  ask: (random, language) =>
    random.pick(
      {
        en: ["Recommend me a book for the weekend", "Tell me a joke", "Explain closures in one paragraph"],
        zh: ["推荐一部电影吧", "讲个笑话", "用一句话解释一下闭包", "今晚吃什么好?"],
        ja: ["おすすめの本は?", "面白い話をして", "夕飯は何がいい?"],
        de: ["Erzähl mir einen Witz", "Was koche ich heute Abend?"],
        ru: ["Расскажи анекдот", "Посоветуй фильм на вечер"],
        ko: ["재미있는 얘기 해줘", "저녁 뭐 먹지?"],
      }[language],
    ),
  understand: () => [],
};

const TOPICS: readonly Topic[] = [weather, time, arithmetic, dice, help, fortune, life];

const BY_TOOL = new Map([
  ["get_weather", weather],
  ["get_time", time],
  ["calculate", arithmetic],
  ["roll_dice", dice],
  ["search_help", help],
  ["draw_lot", fortune],
]);

const CHATTER: Record<Language, readonly string[]> = {
  en: ["lol", "good morning everyone", "same here", "who is up for a game tonight?", "that build is still red", "brb"],
  zh: ["哈哈哈", "早上好", "确实", "今晚有人开黑吗", "饿了", "下班了下班了", "笑死"],
  ja: ["おはよう", "それな", "お腹すいた", "今日は寒いね", "草"],
  de: ["Moin", "Mahlzeit!", "Genau", "Bin gleich da"],
  ru: ["Доброе утро", "Ага", "Ну и погодка", "Скоро буду"],
  ko: ["안녕하세요", "ㅋㅋㅋ", "맞아요", "배고파"],
};

export function askSomething(random: Random, language: Language): string {
  const weights = TOPICS.map(({ weight }) => weight);
  return random.weighted(TOPICS, weights).ask(random, language);
}

/** What people say to each other. */
export function chatter(random: Random, language: Language): string {
  return random.pick(CHATTER[language]);
}

/** @returns the calls that `question` makes a model want, at most one topic's */
export function understand(question: string): WantedCall[] {
  return TOPICS.map((topic) => topic.understand(question)).find((calls) => calls.length > 0) ?? [];
}

/** @returns undefined where the tool fails, or there is no such tool */
export function pretendResult({ name, args }: WantedCall, random: Random): unknown {
  return BY_TOOL.get(name)?.pretend?.(args, random);
}
