import type { MessageFact, RequestFact, StoredFact, ToolFact } from "../../src/contract/fact.ts";
import { compareCodePoints } from "../../src/lib/order.ts";

// What the readings are compared with: counted over plain lists of facts, as the contract says it.

export const messagesOf = (facts: readonly StoredFact[]) =>
  facts.filter((fact) => fact.kind === "message") as MessageFact[];
export const requestsOf = (facts: readonly StoredFact[]) =>
  facts.filter((fact) => fact.kind === "request") as RequestFact[];
export const callsOf = (facts: readonly StoredFact[]) => facts.filter((fact) => fact.kind === "tool") as ToolFact[];
export const activityOf = (facts: readonly StoredFact[]) => facts.filter((fact) => fact.kind !== "log");

export const tokens = (facts: readonly StoredFact[]): number =>
  sum(requestsOf(facts).map((f) => f.inputTokens + f.outputTokens));
export const responses = (facts: readonly StoredFact[]): number => sum(messagesOf(facts).map((fact) => fact.responses));
export const newest = (facts: readonly StoredFact[]): number =>
  Math.max(...activityOf(facts).map((fact) => fact.timeMs));
export const distinct = <T>(list: readonly (T | undefined)[]): T[] =>
  [...new Set(list)].filter((id) => id !== undefined) as T[];

export function sum(values: readonly number[]): number {
  let all = 0;
  for (const value of values) all += value;
  return all;
}

/** Mean in whole ms, rounded once, half up. */
export function mean(durations: readonly number[]): number {
  if (durations.length === 0) return 0;
  let all = 0n;
  for (const each of durations) all += BigInt(each);
  const count = BigInt(durations.length);
  return Number((2n * all + count * 1_000_000n) / (2n * count * 1_000_000n));
}

/** Descending by `by`, ties by name in code points. */
export function ranked<Row>(rows: Row[], by: (row: Row) => number, name: (row: Row) => string): Row[] {
  return rows.sort((a, b) => by(b) - by(a) || compareCodePoints(name(a), name(b)));
}
