import * as fc from "fast-check";
import type { StoredFact } from "../../src/contract/fact.ts";
import type { Calendar } from "../../src/lib/calendar.ts";

/** Ids that break what is not a Map, or what sorts by UTF-16. */
export const IDS = ["u1", "u2", "10001", "__proto__", "constructor", "x".repeat(3000), "\u{1F600}", "\uFF5E", "\ud800"];
export const GROUPS = ["g1", "g2", "__proto__", "toString"];

const MS = 1_000_000;
const DURATIONS = [0, 1, 499_999, 500_000, MS, 1_499_999, 1_500_000, 37 * MS + 1, 2 ** 53 - 1];

export interface Span {
  kind: "message" | "request" | "tool" | "log";
  day: number;
  /** Where in the day, 0…1. */
  at: number;
  timeNs: number;
  user?: string;
  group?: string;
  name: string;
  durationNs: number;
  failed: boolean;
  counted: boolean;
  amount: number;
}

/** @param days the facts lie in `days` days from `first` on */
export function spans(first: number, days: number): fc.Arbitrary<Span> {
  return fc.record({
    kind: fc.constantFrom("message", "message", "request", "request", "tool", "log"),
    day: fc.integer({ min: first, max: first + days - 1 }),
    at: fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    timeNs: fc.constantFrom(0, 1, 999_999),
    user: fc.option(fc.constantFrom(...IDS), { nil: undefined }),
    group: fc.option(fc.constantFrom(...GROUPS), { nil: undefined }),
    name: fc.constantFrom("gpt-4", "glm", "__proto__", "\u{1F600}", "\uFF5E"),
    durationNs: fc.oneof(fc.constantFrom(...DURATIONS), fc.integer({ min: 0, max: 90_000 * MS })),
    failed: fc.boolean(),
    counted: fc.constantFrom(true, true, true, false),
    amount: fc.integer({ min: 0, max: 5000 }),
  });
}

/** @param row order of arrival; makes the fact's key */
export function factOf(span: Span, calendar: Calendar, row: number): StoredFact {
  const { day, at, timeNs, user, group, name, durationNs, failed, counted, amount } = span;
  const [start, end] = [calendar.startOf(day), calendar.startOf(day + 1)];
  const id = row.toString(16).padStart(16, "0");
  const base = {
    key: id.repeat(3),
    timeMs: start + Math.floor((end - 1 - start) * at),
    timeNs,
    traceId: id + id,
    spanId: id,
    userId: user,
    groupId: group,
    row,
    counted,
    errorItem: counted && failed && span.kind !== "message",
  };
  const ended = { ...base, durationNs, failed, errorType: failed ? "timeout" : undefined };
  if (span.kind === "message") {
    const responseWaitNs = amount % 3 === 0 ? undefined : durationNs;
    return { ...ended, kind: "message", platform: "qq", responses: amount % 3, responseWaitNs };
  }
  if (span.kind === "tool") return { ...ended, kind: "tool", tool: name };
  if (span.kind === "log") return { ...base, kind: "log", level: failed ? "error" : "info", message: name };
  return {
    ...ended,
    kind: "request",
    operation: "chat",
    provider: "openai",
    model: name,
    channel: amount % 2 === 0 ? "main" : name,
    previousChannel: amount % 4 === 0 ? "main" : amount % 4 === 1 ? "spare" : undefined,
    inputTokens: amount,
    outputTokens: amount % 7,
    cachedTokens: amount % 2,
    cacheCreationTokens: 0,
    reasoningTokens: amount % 3,
    usageMissing: amount === 0,
    firstChunkNs: amount % 5 === 0 ? durationNs : undefined,
  };
}
