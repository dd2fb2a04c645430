import type { CompletionUsage } from "openai/resources/completions";
import type { Usage } from "../index.ts";

/** What OpenAI's dialects add to the usage of their own. */
interface Dialects {
  /** DeepSeek. */
  prompt_cache_hit_tokens?: number;
}

/** The provider's totals, as they are: cached and reasoning tokens are parts of input and output. */
export function readUsage(usage: CompletionUsage & Dialects): Usage {
  return {
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens,
  };
}
