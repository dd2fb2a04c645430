import type { AttributeValue } from "../contract/span.ts";
import type { Usage } from "./usage.ts";
import { countOf } from "./values.ts";

/** Longer details are not read. */
const MAX_CHARS = 16_384;

/**
 * Tokens out of Langfuse's `usage_details`: numbers by name, each of tokens that no other one counts (`input` has no
 * cached ones), but for `total`. A name tells by its words whether it is input or output. In OpenAI's own names, which
 * Langfuse takes too, the details are parts.
 *
 * @returns undefined where there is nothing to count
 */
export function detailedUsage(text: AttributeValue): Usage | undefined {
  const details = detailsOf(text);
  if (details === undefined) return undefined;
  const usage: Usage = {
    inputTokens: 0,
    outputTokens: 0,
    cachedTokens: 0,
    cacheCreationTokens: 0,
    reasoningTokens: 0,
    usageMissing: false,
  };
  let counted = false;
  for (const [name, value] of details) {
    const side = sideOf(name);
    if (side === undefined) continue;
    const count = countOf(value as AttributeValue);
    if (count === undefined) {
      for (const [part, tokens] of entriesOf(value)) note(usage, side, part, countOf(tokens as AttributeValue) ?? 0);
      continue;
    }
    counted = true;
    usage[side] += count;
    note(usage, side, name, count);
  }
  return counted ? usage : undefined;
}

type Side = "inputTokens" | "outputTokens";

/** Notes what a count is a part of. */
function note(usage: Usage, side: Side, name: string, count: number): void {
  if (side === "outputTokens") {
    if (/reasoning|thought/i.test(name)) usage.reasoningTokens += count;
  } else if (/cache.*(?:creation|write)/i.test(name)) usage.cacheCreationTokens += count;
  else if (/cache/i.test(name)) usage.cachedTokens += count;
}

function sideOf(name: string): Side | undefined {
  if (/input|prompt/i.test(name)) return "inputTokens";
  return /output|completion|thought/i.test(name) ? "outputTokens" : undefined;
}

function detailsOf(text: AttributeValue): [string, unknown][] | undefined {
  if (typeof text !== "string" || text.length > MAX_CHARS) return undefined;
  try {
    return entriesOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
