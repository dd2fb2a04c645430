import { ATTRIBUTES } from "../contract/attributes.ts";
import type { Mapping } from "../contract/mapping.ts";
import type { Attributes, Inherited, SpanShape } from "../contract/span.ts";
import { cutText } from "../lib/text.ts";

/**
 * What a call may take from an outer span in the same OTLP request: model, channel and tool name, where it says none
 * itself (contract §2). Outer are its ancestors, up to another fact's span or an `invoke_agent`; the nearest wins.
 */
export interface OuterSpans {
  /** @returns undefined where no outer span says anything. */
  of(span: SpanShape): Inherited | undefined;
}

/** Longer chains of parents are not followed: a sender's loop must end. */
const MAX_STEPS = 100;
const NAME_MAX = 256;

export function createOuterSpans(
  spans: readonly SpanShape[],
  { kindOf, isAgent }: Pick<Mapping, "kindOf" | "isAgent">,
): OuterSpans {
  let known: Map<string, SpanShape> | undefined;

  function parentOf({ traceId, parentId }: SpanShape): SpanShape | undefined {
    if (parentId === undefined) return undefined;
    known ??= index(spans);
    const parent = known.get(parentId);
    return parent === undefined || parent.traceId === traceId ? parent : known.get(traceId + parentId);
  }

  return {
    of(span) {
      const kind = span.parentId === undefined ? undefined : kindOf(span.attributes);
      if ((kind !== "request" && kind !== "tool") || saysAll(kind, span.attributes)) return undefined;
      let taken: Inherited | undefined;
      let outer = parentOf(span);
      for (let step = 0; outer !== undefined && step < MAX_STEPS; step += 1) {
        const { attributes } = outer;
        const above = kindOf(attributes);
        if ((above !== undefined && above !== kind) || isAgent(attributes)) break;
        taken = add(taken, attributes);
        outer = parentOf(outer);
      }
      return taken;
    },
  };
}

/** By span id; where two traces have the same one, the later also by both ids. */
function index(spans: readonly SpanShape[]): Map<string, SpanShape> {
  const known = new Map<string, SpanShape>();
  for (const span of spans) {
    const twin = known.get(span.spanId);
    if (twin === undefined || twin.traceId === span.traceId) known.set(span.spanId, span);
    else known.set(span.traceId + span.spanId, span);
  }
  return known;
}

/** Nothing would be taken: then nothing is looked up. */
function saysAll(kind: "request" | "tool", attributes: Attributes): boolean {
  if (kind === "tool") return textOf(attributes, ATTRIBUTES.tool) !== undefined;
  const model = textOf(attributes, ATTRIBUTES.requestModel) ?? textOf(attributes, ATTRIBUTES.responseModel);
  return model !== undefined && textOf(attributes, ATTRIBUTES.channel) !== undefined;
}

function add(taken: Inherited | undefined, attributes: Attributes): Inherited | undefined {
  const model = textOf(attributes, ATTRIBUTES.requestModel) ?? textOf(attributes, ATTRIBUTES.responseModel);
  const channel = textOf(attributes, ATTRIBUTES.channel);
  const tool = textOf(attributes, ATTRIBUTES.tool);
  if (model === undefined && channel === undefined && tool === undefined) return taken;
  return { model: taken?.model ?? model, channel: taken?.channel ?? channel, tool: taken?.tool ?? tool };
}

function textOf(attributes: Attributes, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = attributes[name];
    if (typeof value === "string" && value !== "") return cutText(value, NAME_MAX);
  }
  return undefined;
}
