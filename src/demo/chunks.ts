import type { ModelAnswer, ModelRequest } from "./model.ts";
import type { SimulatedModel } from "./simulated-channels.ts";
import { usage, usageOf, type SimulatedUsage } from "./usage.ts";

type Delta = Record<string, unknown>;

export interface ChunksOptions {
  /** Id of the completion; unique. */
  id: string;
  /** Epoch ms. */
  at: number;
  model: SimulatedModel;
  reasoning?: number;
}

/** @returns an answer as the chunks of a stream, each as it goes over the wire */
export function chunksOf(request: ModelRequest, answer: ModelAnswer, options: ChunksOptions): object[] {
  const { id, at, model } = options;
  const total = usageOf(request, answer, options.reasoning);
  const deltas = deltasOf(answer, id);
  const finish = finishOf(answer);
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
    return chunk([{ index: 0, delta, finish_reason: index === deltas.length - 1 ? finish : null }], used);
  });
  return model.cumulativeUsage === true ? chunks : [...chunks, chunk([], total)];
}

/** @returns an answer in one piece, for a request that asks for no stream */
export function wholeOf(request: ModelRequest, answer: ModelAnswer, options: ChunksOptions): WholeAnswer {
  const { id, at, model, reasoning } = options;
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
    usage: usageOf(request, answer, reasoning),
  };
}

export interface WholeAnswer {
  id: string;
  object: string;
  created: number;
  model: string;
  choices: object[];
  usage: SimulatedUsage;
}

function finishOf({ calls }: ModelAnswer): string {
  return calls.length > 0 ? "tool_calls" : "stop";
}

function callId(id: string, index: number): string {
  return `call_${id}_${index}`;
}

function deltasOf(answer: ModelAnswer, id: string): Delta[] {
  const words = answer.text.match(/\S+\s*|\s+/g) ?? [];
  const calls = answer.calls.flatMap(({ name, args }, index): Delta[] => {
    const text = JSON.stringify(args);
    const half = Math.ceil(text.length / 2);
    const call = { index, id: callId(id, index), type: "function", function: { name, arguments: "" } };
    const rest = [text.slice(0, half), text.slice(half)].map((part) => ({ index, function: { arguments: part } }));
    return [call, ...rest].map((part) => ({ tool_calls: [part] }));
  });
  return [{ role: "assistant", content: "" }, ...words.map((content) => ({ content })), ...calls, {}];
}

function soFar(total: SimulatedUsage, part: number): SimulatedUsage {
  const { cached_tokens: cached } = total.prompt_tokens_details;
  return usage(total.prompt_tokens, cached, Math.ceil(total.completion_tokens * part));
}
