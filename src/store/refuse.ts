import type { Fact, RefusalReason } from "../contract/fact.ts";

/** Facts may be dated this far ahead of the store's clock, in ms (contract §2). */
export const AHEAD_MS = 10 * 60_000;

/** Times that facts must lie between, epoch ms. */
export interface Bounds {
  /** The store's clock. */
  nowMs: number;
  /** Raw facts before it are kept no more. */
  keptFromMs: number;
  /** Days before it are sealed. */
  sealedUntilMs: number;
}

const SPAN_KEY = /^[0-9a-f]{48}$/;
const RECORD_KEY = /^(?:[0-9a-f]{2}){1,64}$/;
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

/** @returns why the fact is refused (contract §2, "Late facts"); undefined where it is not. */
export function refusal(fact: Fact, bounds: Bounds): RefusalReason | undefined {
  if (!(fact.kind === "log" ? validRecordIds(fact) : validSpanIds(fact))) return "invalid_id";
  if (!validTimes(fact)) return "invalid_time";
  if (fact.timeMs > bounds.nowMs + AHEAD_MS) return "too_far_ahead";
  if (fact.timeMs < bounds.keptFromMs) return "too_old";
  if (fact.timeMs < bounds.sealedUntilMs) return "sealed_day";
  return undefined;
}

function validSpanIds(fact: Exclude<Fact, { kind: "log" }>): boolean {
  const { key, traceId, spanId, parentId } = fact;
  return (
    SPAN_KEY.test(key) &&
    traceId.length === 32 &&
    spanId.length === 16 &&
    key.startsWith(traceId) &&
    key.endsWith(spanId) &&
    (parentId === undefined || SPAN_ID.test(parentId))
  );
}

function validRecordIds(fact: Extract<Fact, { kind: "log" }>): boolean {
  const { key, traceId, spanId } = fact;
  if (!RECORD_KEY.test(key)) return false;
  if (traceId === undefined) return spanId === undefined;
  return TRACE_ID.test(traceId) && (spanId === undefined || SPAN_ID.test(spanId));
}

function validTimes(fact: Fact): boolean {
  const { timeMs, timeNs } = fact;
  if (!Number.isSafeInteger(timeMs) || timeMs < 0 || timeMs > LAST_MS) return false;
  if (!Number.isInteger(timeNs) || timeNs < 0 || timeNs > 999_999) return false;
  return fact.kind === "log" || (Number.isSafeInteger(fact.durationNs) && fact.durationNs >= 0);
}

/** The last whole ms whose nanoseconds fit 64 bits. */
const LAST_MS = 9_223_372_036_853;
