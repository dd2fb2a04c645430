import { LEAVES_OUT } from "../contract/attributes.ts";
import type { RequestFact } from "../contract/fact.ts";
import type { Attributes } from "../contract/span.ts";
import type { Fields } from "./fields.ts";
import { detailedUsage } from "./usage-details.ts";
import { countOf } from "./values.ts";

export type Usage = Pick<
  RequestFact,
  "inputTokens" | "outputTokens" | "cachedTokens" | "cacheCreationTokens" | "reasoningTokens" | "usageMissing"
>;

/** Who counted. */
export interface Sender {
  attributes: Attributes;
  resource: Attributes;
  provider: string | undefined;
}

/**
 * Tokens of a request (contract §2): cached and reasoning tokens are parts of input and output. Who is known to leave
 * them out, or whose own total says so, has them added; so has whoever counts more cached tokens than input.
 */
export function usageOf(fields: Fields, sender: Sender): Usage {
  const input = countOf(fields.inputTokens);
  const output = countOf(fields.outputTokens);
  const cachedTokens = countOf(fields.cachedTokens) ?? 0;
  const cacheCreationTokens = countOf(fields.cacheCreationTokens) ?? 0;
  const reasoningTokens = countOf(fields.reasoningTokens) ?? 0;
  const cache = cachedTokens + cacheCreationTokens;
  if (input === undefined && output === undefined && cache === 0) {
    const detailed = detailedUsage(fields.usageDetails);
    if (detailed !== undefined) return detailed;
  }
  const beyond = (countOf(fields.totalTokens) ?? 0) - (input ?? 0) - (output ?? 0);
  const told = beyond > 0 ? toldBy(beyond, cache, reasoningTokens) : undefined;
  const addsCache = told?.cache === true || cache > (input ?? 0) || leavesOut("cache", sender);
  const addsReasoning = told?.reasoning === true || leavesOut("reasoning", sender);
  return {
    inputTokens: (input ?? 0) + (addsCache ? cache : 0),
    outputTokens: (output ?? 0) + (addsReasoning ? reasoningTokens : 0),
    cachedTokens,
    cacheCreationTokens,
    reasoningTokens,
    usageMissing: input === undefined && output === undefined && cache === 0,
  };
}

/** Which parts the sender's own total has beside input and output. */
function toldBy(
  beyond: number,
  cache: number,
  reasoning: number,
): { cache?: boolean; reasoning?: boolean } | undefined {
  if (beyond === cache) return { cache: true };
  if (beyond === reasoning) return { reasoning: true };
  return beyond === cache + reasoning ? { cache: true, reasoning: true } : undefined;
}

function leavesOut(part: "cache" | "reasoning", { attributes, resource, provider }: Sender): boolean {
  return LEAVES_OUT.some(
    (known) =>
      known.part === part &&
      known.provider === provider &&
      (known.language === undefined || known.language === resource["telemetry.sdk.language"]) &&
      known.writes.every((name) => attributes[name] !== undefined) &&
      known.omits?.every((name) => attributes[name] === undefined) !== false,
  );
}
