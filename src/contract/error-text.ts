import type { StoredFact } from "./fact.ts";

/** @returns `error` of the item of `/api/logs/errors` that the fact makes: the same in the list and in the live event. */
export function errorText(fact: StoredFact): string {
  if (fact.kind === "log") return fact.message;
  return fact.errorMessage ?? fact.errorType ?? "_OTHER";
}
