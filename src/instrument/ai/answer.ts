import type { RequestRecord, Usage } from "../api.ts";
import { quiet } from "../quiet.ts";

/** What an answer, or the last part of a stream, may say of itself; any of it may be missing or of another type. */
export interface Answer {
  usage?: unknown;
  finishReason?: unknown;
  providerMetadata?: unknown;
  response?: { modelId?: unknown };
}

/** Whose answer it is. */
export interface Told {
  provider: string;
  /** Of the specification: `v2`, `v3`, `v4`. */
  version: string;
}

/** Writes usage and model of an answer; what cannot be read of it is left out. */
export function describeAnswer(record: RequestRecord, answer: Answer, told: Told): void {
  quiet(() => {
    const model = answer.response?.modelId;
    if (typeof model === "string") record.responseModel(model);
    if (answer.usage !== undefined) record.usage(usageOf(answer, told));
  });
}

/**
 * v3 and v4 say totals, of which cached and reasoning tokens are parts; v2 says what its provider says, and Anthropic
 * leaves cached tokens out of its input.
 */
function usageOf({ usage, providerMetadata }: Answer, { provider, version }: Told): Usage {
  if (version !== "v2") {
    const { inputTokens: input, outputTokens: output } = usage as Record<string, Record<string, unknown> | undefined>;
    return {
      inputTokens: count(input?.["total"]),
      outputTokens: count(output?.["total"]),
      cachedTokens: count(input?.["cacheRead"]),
      cacheCreationTokens: count(input?.["cacheWrite"]),
      reasoningTokens: count(output?.["reasoning"]),
    };
  }
  const flat = usage as Record<string, unknown>;
  const input = count(flat["inputTokens"]);
  const cachedTokens = count(flat["cachedInputTokens"]);
  const own = (providerMetadata as Record<string, Record<string, unknown> | undefined> | undefined)?.["anthropic"];
  const cacheCreationTokens = count(own?.["cacheCreationInputTokens"]);
  const leftOut = provider === "anthropic" ? (cachedTokens ?? 0) + (cacheCreationTokens ?? 0) : 0;
  return {
    inputTokens: input === undefined ? undefined : input + leftOut,
    outputTokens: count(flat["outputTokens"]),
    cachedTokens,
    cacheCreationTokens,
    reasoningTokens: count(flat["reasoningTokens"]),
  };
}

function count(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
