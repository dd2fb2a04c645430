import type { ModelAnswer, ModelRequest } from "./model.ts";

/** As the chat completions API tells it: the parts are parts of the totals. */
export interface SimulatedUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
  completion_tokens_details?: { reasoning_tokens: number };
}

/** Providers cache a prompt in blocks of this many tokens, and none that is shorter than eight of them. */
const CACHE_BLOCK = 16;
const CACHE_MIN = 8 * CACHE_BLOCK;
/** Tokens of the definitions of tools, each. */
const TOOL_TOKENS = 60;

/** @param reasoning tokens that were thought and not said; undefined: the model does not reason */
export function usageOf(request: ModelRequest, answer: ModelAnswer, reasoning: number | undefined): SimulatedUsage {
  const last = request.messages.at(-1);
  const before = tokensOf(JSON.stringify(request.messages.slice(0, -1))) + (request.tools?.length ?? 0) * TOOL_TOKENS;
  const prompt = before + tokensOf(JSON.stringify(last ?? ""));
  const said = tokensOf(answer.text) + answer.calls.reduce((sum, call) => sum + tokensOf(JSON.stringify(call)), 0);
  return usage(prompt, cachedOf(before), said + (reasoning ?? 0), reasoning);
}

export function usage(prompt: number, cached: number, completion: number, reasoning?: number): SimulatedUsage {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}

/** @returns how much of a prompt's beginning that was seen before the provider had cached */
export function cachedOf(tokens: number): number {
  return tokens < CACHE_MIN ? 0 : tokens - (tokens % CACHE_BLOCK);
}

/** A guess as good as any: four letters, or two thirds of an ideograph, are a token. */
export function tokensOf(text: string): number {
  const wide = text.match(/[\u3000-\u9fff\uac00-\ud7af]/g)?.length ?? 0;
  return Math.ceil(wide * 0.7 + (text.length - wide) / 4);
}
