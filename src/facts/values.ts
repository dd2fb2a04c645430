import type { AttributeValue, Instant } from "../contract/span.ts";
import { cutText } from "../lib/text.ts";

/** Characters that are kept of an id, a name, a model, a type. */
const NAME_MAX = 256;
/** No real count is larger; sums of such counts stay exact. */
const COUNT_MAX = 1e12;

/** @returns an id or a name as text; numbers are written out; undefined where it is empty or no text. */
export function nameOf(value: AttributeValue): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : cutText(value, NAME_MAX);
  if (typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value))) return String(value);
  return undefined;
}

/** @returns a whole number from 0 on, rounded down; undefined where it is none. */
export function countOf(value: AttributeValue): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof number === "bigint") return countOf(Number(number));
  return typeof number === "number" && number >= 0 && number <= COUNT_MAX ? Math.floor(number) : undefined;
}

/** Seconds; nothing that is measured takes longer. */
const LONGEST = 1e6;

/** @returns whole ns of seconds with fractions; undefined where they are none. */
export function nsOf(seconds: AttributeValue): number | undefined {
  return typeof seconds === "number" && seconds >= 0 && seconds < LONGEST ? Math.round(seconds * 1e9) : undefined;
}

/** @returns names out of a list, at most 1,000; a lone name is a list of one. */
export function namesOf(value: AttributeValue): string[] {
  const list = Array.isArray(value) ? value.slice(0, 1000) : [value];
  return list.map(nameOf).filter((name) => name !== undefined);
}

export function isInstant(time: Instant | undefined): time is Instant {
  return (
    time !== undefined &&
    Number.isSafeInteger(time.ms) &&
    time.ms > 0 &&
    Number.isInteger(time.ns) &&
    time.ns >= 0 &&
    time.ns < 1_000_000
  );
}

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;

/** @returns whether it is 32 lower-case hex digits, not all 0. */
export function isTraceId(id: string | undefined): id is string {
  return id !== undefined && TRACE_ID.test(id);
}

/** @returns whether it is 16 lower-case hex digits, not all 0. */
export function isSpanId(id: string | undefined): id is string {
  return id !== undefined && SPAN_ID.test(id);
}
