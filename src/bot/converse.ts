import type { JSONObject, LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Answered, Channels } from "./channels.ts";
import type { AskedCall } from "./completion.ts";
import { parseObject, type Toolbox } from "./tools/toolbox.ts";

/** Calls of one round that are executed; a model that asks for more is told so. */
const MAX_CALLS = 8;

export interface ConverseOptions {
  channels: Pick<Channels, "complete">;
  toolbox: Toolbox;
  /** Rounds of tool calls before the model has to answer in words. */
  rounds: number;
}

/**
 * Asks, executes the tools that the model calls for, and asks again, until the model answers in words.
 *
 * @param opening what the model is told first; not changed
 * @throws {NoChannelError}
 * @throws {Error} where the model gives no text even when it may call no tool
 */
export async function converse(
  opening: LanguageModelV4Prompt,
  preferred: string | undefined,
  { channels, toolbox, rounds }: ConverseOptions,
): Promise<Answered> {
  const prompt = [...opening];
  for (let round = 0; ; round += 1) {
    const mayCall = round < rounds;
    const answer = await channels.complete({ prompt, tools: toolbox.offers, mayCall }, preferred);
    if (answer.calls.length === 0 || !mayCall) {
      if (answer.text === "") throw new Error("The model gave no text");
      return answer;
    }
    prompt.push(asked(answer), await execute(answer.calls, toolbox));
  }
}

async function execute(calls: readonly AskedCall[], toolbox: Toolbox): Promise<LanguageModelV4Message> {
  const tooMany = JSON.stringify({ error: `At most ${MAX_CALLS} calls at once` });
  const results = await Promise.all(
    calls.map(async (call, index) => (index < MAX_CALLS ? toolbox.run(call) : tooMany)),
  );
  return {
    role: "tool",
    content: calls.map(({ id, name }, index) => ({
      type: "tool-result",
      toolCallId: id,
      toolName: name,
      output: { type: "text", value: results[index] ?? "" },
    })),
  };
}

function asked({ text, calls }: Answered): LanguageModelV4Message {
  return {
    role: "assistant",
    content: [
      ...(text === "" ? [] : [{ type: "text" as const, text }]),
      ...calls.map(({ id, name, args, metadata }) => ({
        type: "tool-call" as const,
        toolCallId: id,
        toolName: name,
        input: (parseObject(args) ?? {}) as JSONObject,
        ...(metadata && { providerOptions: metadata }),
      })),
    ],
  };
}
