import type { Memory } from "./memory.ts";
import type { Quota, Use } from "./quota.ts";
import { reportStats, type AskBotel } from "./report.ts";

const HELP = `/help: this list
/models: the models
/model NAME: choose one for this chat
/reset: forget the conversation
/stats: what was said and answered
/limits: what is left of today
Anything else is a question; in a group, name me with @ or begin with "!".`;

export interface CommandOptions {
  memory: Memory;
  models: readonly string[];
  quota: Quota;
  /** Absent: no botel is known to the bot. */
  askBotel?: AskBotel;
}

/** Where, and by whom, it was said. */
export interface Said {
  text: string;
  chat: string;
  groupId?: string;
  userId: string;
}

/**
 * @returns the output of a command; undefined where the text is none: a command's output is no response (contract §1)
 */
export async function runCommand(said: Said, options: CommandOptions): Promise<string | undefined> {
  const { text, chat, groupId, userId } = said;
  const { memory, models, quota } = options;
  const [, name, argument] = /^\/([a-z]+)(?:\s+(\S+))?\s*$/.exec(text) ?? [];
  switch (name) {
    case "help":
      return HELP;
    case "models":
      return models.map((model) => (model === memory.model(chat) ? `${model} (chosen)` : model)).join("\n");
    case "model":
      return choose(argument, chat, options);
    case "reset":
      memory.forget(chat);
      return "Forgotten.";
    case "stats":
      return stats(options.askBotel, groupId);
    case "limits":
      return limits(quota.use(groupId, userId));
    default:
      return undefined;
  }
}

function choose(model: string | undefined, chat: string, { memory, models }: CommandOptions): string {
  if (model === undefined || !models.includes(model)) return `Choose one of ${models.join(", ")}.`;
  memory.choose(chat, model);
  return `This chat now talks to ${model}.`;
}

async function stats(ask: AskBotel | undefined, groupId: string | undefined): Promise<string> {
  const unknown = "The statistics do not answer at the moment.";
  return ask === undefined ? unknown : reportStats(ask, groupId).catch(() => unknown);
}

function limits({ group, user }: ReturnType<Quota["use"]>): string {
  const lines = [`You: ${ofLimit(user)} answers today.`];
  return group === undefined ? lines.join("") : [`This group: ${ofLimit(group)} answers today.`, ...lines].join("\n");
}

function ofLimit({ used, limit }: Use): string {
  return limit === 0 ? `${used}` : `${used} of ${limit}`;
}
