import { ATTRIBUTES, OPERATIONS } from "../contract/attributes.ts";
import type { FactKind } from "../contract/fact.ts";
import type { Attributes, AttributeValue } from "../contract/span.ts";

export type SpanKind = Exclude<FactKind, "log">;

const REQUESTS: ReadonlySet<AttributeValue> = new Set(OPERATIONS.requests);

/** What a span is, by its operation alone: the span's kind is never a condition (contract §2). */
export function kindOf(attributes: Attributes): SpanKind | undefined {
  if (attributes[ATTRIBUTES.botOperation[0]] === OPERATIONS.message) return "message";
  const operation = attributes[ATTRIBUTES.operation[0]];
  if (REQUESTS.has(operation)) return "request";
  if (operation === OPERATIONS.tool) return "tool";
  return attributes[ATTRIBUTES.mcpMethod[0]] === OPERATIONS.mcpToolCall ? "tool" : undefined;
}
