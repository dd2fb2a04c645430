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
  const finish = answer.calls.length > 0 ? "tool_calls" : "stop";
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

function deltasOf(answer: ModelAnswer, id: string): Delta[] {
  const words = answer.text.match(/\S+\s*|\s+/g) ?? [];
  const calls = answer.calls.flatMap(({ name, args }, index): Delta[] => {
    const text = JSON.stringify(args);
    const half = Math.ceil(text.length / 2);
    const call = { index, id: `call_${id}_${index}`, type: "function", function: { name, arguments: "" } };
    const rest = [text.slice(0, half), text.slice(half)].map((part) => ({ index, function: { arguments: part } }));
    return [call, ...rest].map((part) => ({ tool_calls: [part] }));
  });
  return [{ role: "assistant", content: "" }, ...words.map((content) => ({ content })), ...calls, {}];
}

function soFar(total: SimulatedUsage, part: number): SimulatedUsage {
  const { cached_tokens: cached } = total.prompt_tokens_details;
  return usage(total.prompt_tokens, cached, Math.ceil(total.completion_tokens * part));
}
