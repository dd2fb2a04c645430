import { SpanStatusCode } from "@opentelemetry/api";
import type { Span, TimeInput } from "@opentelemetry/api";
import { ATTRIBUTES, OTHER_ERROR } from "../contract/attributes.ts";
import { cutText } from "../lib/text.ts";
import { quiet } from "./quiet.ts";

const MESSAGE_MAX = 4_096;

/** @returns what marks the span as failed; the same error told twice (by `fail`, then thrown) is one. */
export function createFailing(span: Span, at: TimeInput | undefined): (error: unknown) => void {
  let told: { error: unknown } | undefined;
  return (error) => {
    if (told !== undefined && told.error === error) return;
    told = { error };
    quiet(() => {
      const message = messageOf(error);
      span.setAttribute(ATTRIBUTES.errorType[0], errorTypeOf(error));
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      if (message !== "") span.recordException(error instanceof Error ? error : message, at);
    });
  };
}

/**
 * `error.type` of what was thrown, of few values: its code, else its HTTP status, else its class, else `_OTHER`.
 *
 * @example a refused connection: `ECONNREFUSED`; an `APIError` with status 429 and no code: `429`
 */
function errorTypeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return OTHER_ERROR;
  const { code, status, name } = error as { code?: unknown; status?: unknown; name?: unknown };
  if (typeof code === "string" && /^[\w.-]{1,64}$/.test(code)) return code;
  if (typeof status === "number" && status >= 100 && status <= 599) return String(status);
  if (typeof name === "string" && /^[\w.-]{1,64}$/.test(name) && name !== "Error") return name;
  const made = error.constructor?.name;
  return made && made !== "Error" && made !== "Object" ? made : OTHER_ERROR;
}

function messageOf(error: unknown): string {
  if (typeof error === "string") return cutText(error, MESSAGE_MAX);
  const message = quiet(() => (error as { message?: unknown } | null | undefined)?.message);
  return typeof message === "string" ? cutText(message, MESSAGE_MAX) : "";
}
