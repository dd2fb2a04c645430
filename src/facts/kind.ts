import { ATTRIBUTES, OPERATIONS, SAYS_OPERATION } from "../contract/attributes.ts";
import type { Operation } from "../contract/attributes.ts";
import type { FactKind } from "../contract/fact.ts";
import type { Attributes, AttributeValue } from "../contract/span.ts";

export type SpanKind = Exclude<FactKind, "log">;

const SAYS: [name: string, meaning: ReadonlyMap<AttributeValue, Operation>][] = Object.entries(SAYS_OPERATION).map(
  ([name, meaning]) => [name, new Map(Object.entries(meaning))],
);
const REQUESTS: ReadonlySet<Operation | undefined> = new Set(OPERATIONS.requests);

/** What a span is, by its operation alone: the span's kind is never a condition (contract §2). */
export function kindOf(attributes: Attributes): SpanKind | undefined {
  if (attributes[ATTRIBUTES.botOperation[0]] === OPERATIONS.message) return "message";
  const operation = operationOf(attributes);
  if (REQUESTS.has(operation)) return "request";
  return operation === OPERATIONS.tool ? "tool" : undefined;
}

/** @returns true for an agent's span, which ends a nesting, whatever its dialect calls it. */
export function isAgent(attributes: Attributes): boolean {
  return operationOf(attributes) === OPERATIONS.agent;
}

/** @returns the operation in the conventions' words, whatever the sender's dialect. */
export function operationOf(attributes: Attributes): Operation | undefined {
  for (const [name, meaning] of SAYS) {
    const value = attributes[name];
    if (value === undefined) continue;
    const operation = meaning.get(value);
    if (operation !== undefined) return operation;
  }
  return undefined;
}
