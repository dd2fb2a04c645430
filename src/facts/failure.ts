import { ATTRIBUTES, OTHER_ERROR } from "../contract/attributes.ts";
import type { SpanFact } from "../contract/fact.ts";
import type { Attributes, SpanShape } from "../contract/span.ts";
import type { Fields } from "./fields.ts";
import type { Redactor } from "./redact.ts";
import { nameOf } from "./values.ts";

const MESSAGE_MAX = 4_096;
export const STACK_MAX = 16_384;

const NO_ATTRIBUTES: Attributes = {};

const NO_FAILURE: Failure = { failed: false, errorType: undefined, errorMessage: undefined, stack: undefined };

export type Failure = Pick<SpanFact, "failed" | "errorType" | "errorMessage" | "stack">;

/**
 * Whether and how a span failed: status ERROR, `error.type` set, or what a dialect has for it. An exception event alone is no failure (it may have
 * been handled); of several, the last one tells.
 */
export function failureOf(span: SpanShape, fields: Fields, { errorText }: Redactor): Failure {
  const type = nameOf(fields.errorType);
  if (!span.error && type === undefined && fields.observationLevel !== "ERROR") return NO_FAILURE;
  const exception = span.events.findLast((event) => event.name === "exception")?.attributes ?? NO_ATTRIBUTES;
  return {
    failed: true,
    errorType: type ?? nameOf(exception[ATTRIBUTES.exceptionType[0]]) ?? OTHER_ERROR,
    errorMessage:
      errorText(exception[ATTRIBUTES.exceptionMessage[0]], MESSAGE_MAX) ??
      errorText(span.statusMessage, MESSAGE_MAX) ??
      errorText(fields.statusText, MESSAGE_MAX),
    stack: errorText(exception[ATTRIBUTES.exceptionStack[0]], STACK_MAX),
  };
}
