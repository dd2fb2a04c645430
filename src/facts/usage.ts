import type { RequestFact } from "../contract/fact.ts";
import type { Fields } from "./fields.ts";
import { countOf } from "./values.ts";

export type Usage = Pick<
  RequestFact,
  "inputTokens" | "outputTokens" | "cachedTokens" | "cacheCreationTokens" | "reasoningTokens" | "usageMissing"
>;

/**
 * Tokens of a request (contract §2): cached and reasoning tokens are parts of input and output. Where the cache's tokens
 * are more than the input they cannot be a part of it: the sender left them out, and they are added.
 */
export function usageOf(fields: Fields): Usage {
  const input = countOf(fields.inputTokens);
  const output = countOf(fields.outputTokens);
  const cachedTokens = countOf(fields.cachedTokens) ?? 0;
  const cacheCreationTokens = countOf(fields.cacheCreationTokens) ?? 0;
  const cache = cachedTokens + cacheCreationTokens;
  const inputTokens = input ?? 0;
  return {
    inputTokens: cache > inputTokens ? inputTokens + cache : inputTokens,
    outputTokens: output ?? 0,
    cachedTokens,
    cacheCreationTokens,
    reasoningTokens: countOf(fields.reasoningTokens) ?? 0,
    usageMissing: input === undefined && output === undefined && cache === 0,
  };
}
