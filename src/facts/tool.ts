import { ATTRIBUTES, OPERATIONS, UNKNOWN } from "../contract/attributes.ts";
import type { SpanFact, ToolFact } from "../contract/fact.ts";
import type { Attributes, AttributeValue, Inherited, SpanShape } from "../contract/span.ts";
import type { Fields } from "./fields.ts";
import type { Redactor } from "./redact.ts";
import { nameOf } from "./values.ts";

/** @param base what the call has as any span has it */
export function toolOf(
  base: SpanFact,
  fields: Fields,
  span: SpanShape,
  inherited: Inherited | undefined,
  redactor: Redactor,
): ToolFact {
  const args = fields.args === undefined ? undefined : redactor.value(argumentsIn(fields.args, span.attributes));
  const result = fields.result === undefined ? undefined : redactor.value(fields.result);
  const truncated = args?.truncated === true || result?.truncated === true || fields.truncated === true;
  return {
    kind: "tool",
    ...base,
    tool: toolName(fields, span, inherited),
    callId: nameOf(fields.callId),
    args: args?.json,
    result: result?.json,
    truncated: truncated ? true : undefined,
  };
}

/** Where a tool's name is no attribute, the span is named after it by its dialect. */
function toolName({ tool, entity }: Fields, { name, attributes }: SpanShape, inherited: Inherited | undefined): string {
  const own = nameOf(tool) ?? nameOf(entity) ?? nameInSpanName(name) ?? inherited?.tool;
  if (own !== undefined) return own;
  return (NAMED_BY_SPAN.some((dialect) => attributes[dialect] !== undefined) ? nameOf(name) : undefined) ?? UNKNOWN;
}

const NAMED_BY_SPAN = ["langfuse.observation.type", "openinference.span.kind"];

/** Span names of tool calls are `execute_tool {name}` and `tools/call {name}` by convention. */
function nameInSpanName(spanName: string): string | undefined {
  const [operation, ...rest] = spanName.split(" ");
  const known = operation === OPERATIONS.tool || operation === OPERATIONS.mcpToolCall;
  return known ? nameOf(rest.join(" ")) : undefined;
}

const ENTITY_INPUT = "traceloop.entity.input" satisfies (typeof ATTRIBUTES.args)[number];
const PARSE_MAX = 262_144;

/** OpenLLMetry puts an MCP call's arguments beside the tool's name: `{"tool_name": …, "arguments": …}`. */
function argumentsIn(args: AttributeValue, attributes: Attributes): unknown {
  if (typeof args !== "string" || args !== attributes[ENTITY_INPUT] || args.length > PARSE_MAX) return args;
  try {
    const parsed = JSON.parse(args) as { tool_name?: unknown; arguments?: unknown } | null;
    return typeof parsed?.tool_name === "string" ? (parsed.arguments ?? {}) : args;
  } catch {
    return args;
  }
}
