import { ATTRIBUTES, STEP_ATTRIBUTES } from "../contract/attributes.ts";
import type { Step } from "../contract/fact.ts";
import type { Attributes, SpanShape } from "../contract/span.ts";
import { cutText } from "../lib/text.ts";
import { nameOf } from "./values.ts";

const NAME_MAX = 256;
/** Characters that are kept of an attribute. */
const TEXT_MAX = 128;

/** What is kept of a span that is no fact. @param durationNs undefined where a time is not valid: then nothing is */
export function stepOf(span: SpanShape, durationNs: number | undefined): Step | undefined {
  if (durationNs === undefined) return undefined;
  return {
    name: cutText(span.name, NAME_MAX),
    timeMs: span.end.ms,
    timeNs: span.end.ns,
    durationNs,
    failed: span.error || nameOf(span.attributes[ATTRIBUTES.errorType[0]]) !== undefined,
    service: nameOf(span.resource["service.name"]),
    attributes: attributesOf(span.attributes),
  };
}

function attributesOf(attributes: Attributes): string | undefined {
  let kept: Record<string, string | number | boolean> | undefined;
  for (const name of STEP_ATTRIBUTES) {
    const value = attributes[name];
    if (typeof value === "string") (kept ??= {})[name] = cutText(value, TEXT_MAX);
    else if (typeof value === "boolean" || Number.isFinite(value)) (kept ??= {})[name] = value as number | boolean;
  }
  return kept && JSON.stringify(kept);
}
