import type { Memory } from "./memory.ts";

const HELP = `/help: this list
/models: the models
/model NAME: choose one for this chat
/reset: forget the conversation
Anything else is a question; in a group, name me with @ or begin with "!".`;

/**
 * @param text what was said, as it was said
 * @returns the output of a command; undefined where `text` is none: a command's output is no response (contract §1)
 */
export function runCommand(text: string, chat: string, memory: Memory, models: readonly string[]): string | undefined {
  const [, name, argument] = /^\/([a-z]+)(?:\s+(\S+))?\s*$/.exec(text) ?? [];
  switch (name) {
    case "help":
      return HELP;
    case "models":
      return models.map((model) => (model === memory.model(chat) ? `${model} (chosen)` : model)).join("\n");
    case "model":
      return choose(argument, chat, memory, models);
    case "reset":
      memory.forget(chat);
      return "Forgotten.";
    default:
      return undefined;
  }
}

function choose(model: string | undefined, chat: string, memory: Memory, models: readonly string[]): string {
  if (model === undefined || !models.includes(model)) return `Choose one of ${models.join(", ")}.`;
  memory.choose(chat, model);
  return `This chat now talks to ${model}.`;
}
