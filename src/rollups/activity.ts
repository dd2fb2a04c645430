import type { RequestFact, StoredFact } from "../contract/fact.ts";

/** Tokens of a request: input + output, failed or not; cached and reasoning tokens are parts of those (contract §2). */
export function tokensOf(fact: RequestFact): number {
  return fact.inputTokens + fact.outputTokens;
}

/** Whether a fact shows its user, group or day as active: a message, a request or a tool call does (contract §4). */
export function isActivity(fact: StoredFact): boolean {
  return fact.kind !== "log";
}
