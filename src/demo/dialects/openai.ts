import type { ModelAnswer, ModelRequest } from "../model.ts";
import { usage, type SimulatedUsage } from "../usage.ts";
import { frame, wordsOf, type Answered, type Dialect } from "./dialect.ts";

type Delta = Record<string, unknown>;

/** OpenAI's chat completions. */
export const openai: Dialect = {
  route: (path) => (path === "/chat/completions" ? {} : undefined),
  keyOf: ({ authorization }) => authorization?.replace(/^Bearer /, ""),
  read({ model, messages, ...rest }) {
    if (typeof model !== "string" || !Array.isArray(messages)) return undefined;
    return { ...rest, model, messages: messages as ModelRequest["messages"] };
  },
  frames: (answered) => [...chunksOf(answered).map((chunk) => frame(chunk)), "data: [DONE]\n"],
  whole({ id, at, model, answer, usage }) {
    const calls = answer.calls.map(({ name, args }, index) => ({
      id: callId(id, index),
      type: "function",
      function: { name, arguments: JSON.stringify(args) },
    }));
    const message = { role: "assistant", content: answer.text, ...(calls.length > 0 && { tool_calls: calls }) };
    return {
      id,
      object: "chat.completion",
      created: Math.floor(at / 1000),
      model: model.name,
      choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(answer) }],
      usage,
    };
  },
  refusal: (_, message) => ({ error: { message, type: "simulated", code: null } }),
};

function chunksOf({ id, at, model, answer, usage: total }: Answered): object[] {
  const deltas = deltasOf(answer, id);
  const chunk = (choices: object[], used: SimulatedUsage | null) => ({
    id,
    object: "chat.completion.chunk",
    created: Math.floor(at / 1000),
    model: model.name,
    choices,
    usage: used,
  });
  const chunks = deltas.map((delta, index) => {
    const used = model.cumulativeUsage === true ? soFar(total, (index + 1) / deltas.length) : null;
    const finish = index === deltas.length - 1 ? finishOf(answer) : null;
    return chunk([{ index: 0, delta, finish_reason: finish }], used);
  });
  return model.cumulativeUsage === true ? chunks : [...chunks, chunk([], total)];
}

function finishOf({ calls }: ModelAnswer): string {
  return calls.length > 0 ? "tool_calls" : "stop";
}

function callId(id: string, index: number): string {
  return `call_${id}_${index}`;
}

function deltasOf(answer: ModelAnswer, id: string): Delta[] {
  const calls = answer.calls.flatMap(({ name, args }, index): Delta[] => {
    const text = JSON.stringify(args);
    const half = Math.ceil(text.length / 2);
    const call = { index, id: callId(id, index), type: "function", function: { name, arguments: "" } };
    const rest = [text.slice(0, half), text.slice(half)].map((part) => ({ index, function: { arguments: part } }));
    return [call, ...rest].map((part) => ({ tool_calls: [part] }));
  });
  return [{ role: "assistant", content: "" }, ...wordsOf(answer.text).map((content) => ({ content })), ...calls, {}];
}

function soFar(total: SimulatedUsage, part: number): SimulatedUsage {
  const { cached_tokens: cached } = total.prompt_tokens_details;
  return usage(total.prompt_tokens, cached, Math.ceil(total.completion_tokens * part));
}
