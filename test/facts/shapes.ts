import type { Attributes, RecordShape, SpanShape } from "../../src/contract/span.ts";
import { createMapping } from "../../src/facts/mapping.ts";
import { PATTERN_NAMES } from "../../src/lib/mask.ts";

export const TRACE = "0af7651916cd43dd8448eb211c80319c";
export const SPAN = "b7ad6b7169203331";
export const PARENT = "00f067aa0ba902b7";
export const KEY = "0".repeat(47) + "1";

/** 2024-12-15T15:30:00.250Z. */
export const END_MS = 1_734_276_600_250;

export const mapping = createMapping({
  maxChars: 4000,
  redactKeys: ["password", "token", "api_key", "authorization"],
  redactPatterns: [...PATTERN_NAMES],
  errorTexts: true,
});

/** A span of 1.5 s that ended at {@link END_MS} and 7 ns. */
export function span(attributes: Attributes, more: Partial<SpanShape> = {}): SpanShape {
  return {
    traceId: TRACE,
    spanId: SPAN,
    parentId: PARENT,
    name: "a span",
    start: { ms: END_MS - 1500, ns: 7 },
    end: { ms: END_MS, ns: 7 },
    error: false,
    attributes,
    events: [],
    resource: { "service.name": "a-bot" },
    ...more,
  };
}

export function record(attributes: Attributes, more: Partial<RecordShape> = {}): RecordShape {
  return {
    time: { ms: END_MS, ns: 7 },
    body: "a line",
    attributes,
    resource: { "service.name": "a-bot" },
    ...more,
  };
}
