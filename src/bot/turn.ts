import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Instrument, Turn } from "../index.ts";
import type { Clock } from "../lib/clock.ts";
import type { BotSettings } from "../config/settings.ts";
import { runCommand } from "./commands.ts";
import { converse, type ConverseOptions } from "./converse.ts";
import type { Channels } from "./channels.ts";
import type { ChatMessage } from "./events.ts";
import type { Memory } from "./memory.ts";
import { PLATFORM, type OneBot } from "./onebot.ts";
import { groupOf, isSpent, type Quota } from "./quota.ts";
import type { AskBotel } from "./report.ts";

/** What is said where no model could answer: a fixed text, and so no response (contract §1). */
export const APOLOGY = "Sorry, none of my models answers at the moment. Please ask again in a minute.";

/** What is said where the day's answers are used up: a fixed text too. */
export const SPENT = "That was the last answer of today. /limits says how many there are.";

const RULES =
  "You are a chat bot among friends. Answer briefly, in the language of the question. Use a tool where one fits.";
const PREFIX = /^[!！]\s*/;
/** Characters of a question that are read. */
const MAX_QUESTION = 4000;

export interface TurnOptions extends ConverseOptions {
  instrument: Instrument;
  channels: Channels;
  memory: Memory;
  quota: Quota;
  /** An answer was spent. */
  spent(): void;
  groups: BotSettings["groups"];
  askBotel?: AskBotel;
  clock: Clock;
  /** Turns that may be answered at once. */
  limit: number;
  reply: OneBot["reply"];
}

/** Each message that the bot sees, and what the bot makes of it. */
export interface Turns {
  /** Never rejects. */
  handle(message: ChatMessage): Promise<void>;
}

export function createTurns(options: TurnOptions): Turns {
  const { instrument, channels, memory, quota, groups, clock } = options;
  let answering = 0;

  async function handle(message: ChatMessage): Promise<void> {
    const { botId, userId, userName, groupId, groupName } = message;
    const about = { platform: PLATFORM, botId, userId, userName, groupId, groupName };
    try {
      await instrument.message(about, (turn) => consider(message, turn));
    } catch (error) {
      instrument.log("error", error as Error);
    }
  }

  async function consider(message: ChatMessage, turn: Turn): Promise<void> {
    const { groupId, userId } = message;
    const own = groupId === undefined ? undefined : groupOf(groups, groupId);
    const question = own?.enabled === false ? undefined : questionOf(message);
    if (question === undefined) return;
    const chat = chatOf(message);
    const said = { text: question, chat, groupId, userId };
    const output = await runCommand(said, { ...options, models: channels.models });
    if (output !== undefined) return options.reply(message, output);
    const { group, user } = quota.use(groupId, userId);
    if (isSpent(user) || (group !== undefined && isSpent(group))) return options.reply(message, SPENT);
    if (answering >= options.limit) {
      return instrument.log("warn", `A question was not answered: ${answering} are being answered`);
    }
    answering += 1;
    try {
      await answer(message, question, chat, turn);
    } finally {
      answering -= 1;
    }
  }

  async function answer(message: ChatMessage, question: string, chat: string, turn: Turn): Promise<void> {
    const from = clock.mono();
    const { groupId, userId } = message;
    const own = groupId === undefined ? undefined : groupOf(groups, groupId);
    const model = memory.model(chat) ?? own?.model;
    const answered = await converse(opening(question, chat, own?.prompt), model, options).catch((error: Error) => {
      instrument.log("error", error);
      turn.fail(error);
      return undefined;
    });
    if (answered === undefined) return options.reply(message, APOLOGY);
    await options.reply(message, answered.text);
    turn.responded();
    quota.spend(groupId, userId);
    options.spent();
    memory.keep(chat, { question, answer: answered.text });
    instrument.log("info", "Chat request processed", {
      "gen_ai.request.model": answered.model,
      "bot.channel.id": answered.channel,
      durationMs: Math.round(clock.mono() - from),
    });
  }

  function opening(question: string, chat: string, rules = RULES): LanguageModelV4Prompt {
    const exchanges = memory.recall(chat).flatMap(({ question, answer }): LanguageModelV4Prompt => [
      { role: "user", content: [{ type: "text", text: question }] },
      { role: "assistant", content: [{ type: "text", text: answer }] },
    ]);
    return [
      { role: "system", content: rules },
      ...exchanges,
      { role: "user", content: [{ type: "text", text: question }] },
    ];
  }

  return { handle };
}

/** @returns undefined where the message is not meant for the bot: in a group, only what names it or has the prefix is */
function questionOf({ text, groupId, mentioned }: ChatMessage): string | undefined {
  const meant = groupId === undefined || mentioned || PREFIX.test(text);
  const question = text.replace(PREFIX, "").slice(0, MAX_QUESTION);
  return meant && question !== "" ? question : undefined;
}

function chatOf({ groupId, userId }: ChatMessage): string {
  return groupId === undefined ? `private ${userId}` : `group ${groupId}`;
}
