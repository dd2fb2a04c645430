import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";
import type { Answered, Channels } from "./channels.ts";
import type { AskedCall } from "./completion.ts";
import type { Toolbox } from "./tools/toolbox.ts";

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
  opening: readonly ChatCompletionMessageParam[],
  preferred: string | undefined,
  { channels, toolbox, rounds }: ConverseOptions,
): Promise<Answered> {
  const messages = [...opening];
  for (let round = 0; ; round += 1) {
    const mayCall = round < rounds;
    const answer = await channels.complete({ messages, tools: toolbox.offers, mayCall }, preferred);
    if (answer.calls.length === 0 || !mayCall) {
      if (answer.text === "") throw new Error("The model gave no text");
      return answer;
    }
    messages.push(asked(answer), ...(await execute(answer.calls, toolbox)));
  }
}

async function execute(calls: readonly AskedCall[], toolbox: Toolbox): Promise<ChatCompletionMessageParam[]> {
  const tooMany = JSON.stringify({ error: `At most ${MAX_CALLS} calls at once` });
  const contents = await Promise.all(
    calls.map(async (call, index) => (index < MAX_CALLS ? toolbox.run(call) : tooMany)),
  );
  return contents.map((content, index) => ({ role: "tool", tool_call_id: calls[index]?.id ?? "", content }));
}

function asked({ text, calls }: Answered): ChatCompletionMessageParam {
  return {
    role: "assistant",
    content: text || null,
    tool_calls: calls.map(({ id, name, args }) => ({ id, type: "function", function: { name, arguments: args } })),
  };
}
