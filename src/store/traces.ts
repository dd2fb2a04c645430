import type { OwnerKind } from "../contract/fact.ts";
import type { Journal } from "./journal.ts";
import { createSpanTable, NO_SPAN, type Role, type Span, type SpanTable } from "./span-table.ts";
import { createWaiting } from "./waiting.ts";
import type { Waiting } from "./waiting.ts";

/** User and group of a turn: of its message, the earliest started where there are several. */
export interface Owner {
  /** Its end and its duration. */
  timeMs: number;
  timeNs: number;
  durationNs: number;
  spanId: string;
  /** Its user or group is excluded: nothing of the turn is kept. */
  excluded: boolean;
  userId?: string;
  userName?: string;
  groupId?: string;
  groupName?: string;
}

export interface Trace {
  /** Epoch ms of an arrival, at most {@link STEP_MS} before the last one. */
  atMs: number;
  /** The journal's round that began it. */
  readonly born: number;
  /** The first of its spans: most traces have a handful. */
  spans: Span;
  size: number;
  owner: Owner | undefined;
  hasFact: boolean;
  /** Rows of facts that came without a user or a group of their own. */
  lacking: number[] | undefined;
}

/**
 * The traces of the last 15 minutes of arrivals: all that joins need (contract §2). Every change goes through the
 * journal. Bounded by age and by what it holds.
 */
export interface Traces {
  /** @returns the trace, a new one where it is not known. */
  touch(traceId: string, nowMs: number): Trace;
  /** @returns the span, one of role `unknown` where it is not known. */
  span(trace: Trace, spanId: string): Span;
  /** Says what a span is; the first to say it wins. */
  place(trace: Trace, spanId: string, parentId: string | undefined, role: Role): Span;
  /** All that is known of the spans. */
  readonly spans: Omit<SpanTable, "find" | "add" | "place" | "drop">;
  lack(trace: Trace, row: number): void;
  readonly waiting: Waiting;
  /** Gives turns of that owner another id, and no name. */
  rename(kind: OwnerKind, from: string, to: string): void;
  /** After a commit: forgets what is too old or too much. @returns how many facts left without an owner. */
  expire(nowMs: number): number;
}

/** Joins reach back at least this long, in ms (contract §2). */
export const JOIN_MS = 15 * 60_000;
const STEP_MS = 60_000;
/** Spans of one trace that are held; the nesting of more is not seen. */
const MAX_SPANS = 5000;
/** Spans that one commit may bring: what is too much goes only after it. */
const LARGEST_COMMIT = 100_000;

/** @param limit spans and rows held at the most; the oldest traces go first */
export function createTraces(journal: Journal, limit: number): Traces {
  const traces = new Map<string, Trace>();
  let held = 0;
  /** Since the last look; what is undone is not held. */
  const grown = { undone: 0, count: 0 };
  const waiting = createWaiting(journal);
  const spans = createSpanTable(journal, limit + LARGEST_COMMIT);

  function touch(traceId: string, nowMs: number): Trace {
    let trace = traces.get(traceId);
    if (trace === undefined) {
      trace = {
        atMs: nowMs,
        born: journal.round,
        spans: NO_SPAN,
        size: 0,
        owner: undefined,
        hasFact: false,
        lacking: undefined,
      };
      journal.put(traces, traceId, trace);
    } else if (nowMs - trace.atMs > STEP_MS) {
      // The map's order is the order of `atMs`; moving at every touch would cost more than it tells.
      trace.atMs = nowMs;
      traces.delete(traceId);
      traces.set(traceId, trace);
    }
    return trace;
  }

  function add(trace: Trace, id: string, parent: Span, role: Role): Span {
    const span = trace.size >= MAX_SPANS ? NO_SPAN : spans.add(trace.spans, id, parent, role);
    if (span === NO_SPAN) return span;
    // A trace that is new is forgotten as a whole.
    if (trace.born !== journal.round) {
      journal.set(trace, "spans", trace.spans);
      journal.set(trace, "size", trace.size);
    }
    trace.spans = span;
    trace.size += 1;
    grow();
    return span;
  }

  function span(trace: Trace, spanId: string): Span {
    return spans.find(trace.spans, spanId) || add(trace, spanId, NO_SPAN, "unknown");
  }

  function place(trace: Trace, spanId: string, parentId: string | undefined, role: Role): Span {
    const known = spans.find(trace.spans, spanId);
    if (known !== NO_SPAN && spans.isPlaced(known)) return known;
    const parent = parentId === undefined || parentId === spanId ? NO_SPAN : span(trace, parentId);
    if (known === NO_SPAN) return add(trace, spanId, parent, role);
    spans.place(known, parent, role);
    return known;
  }

  function lack(trace: Trace, row: number): void {
    if (trace.lacking === undefined) journal.set(trace, "lacking", []);
    journal.push(trace.lacking as number[], row);
    grow();
  }

  function grow(): void {
    if (grown.undone !== journal.undone) [grown.undone, grown.count] = [journal.undone, 0];
    grown.count += 1;
  }

  function expire(nowMs: number): number {
    waiting.expire(nowMs - JOIN_MS);
    held += grown.count;
    grown.count = 0;
    let unjoined = 0;
    for (const [traceId, { atMs, size, spans: first, lacking = [], owner }] of traces) {
      if (held <= limit && nowMs - atMs <= JOIN_MS + STEP_MS) break;
      traces.delete(traceId);
      spans.drop(first);
      held -= size + lacking.length;
      if (owner === undefined) unjoined += lacking.length;
    }
    return unjoined;
  }

  function rename(kind: OwnerKind, from: string, to: string): void {
    for (const trace of traces.values()) {
      const { owner } = trace;
      if (owner === undefined) continue;
      if (kind === "user" && owner.userId === from) trace.owner = { ...owner, userId: to, userName: undefined };
      if (kind === "group" && owner.groupId === from) trace.owner = { ...owner, groupId: to, groupName: undefined };
    }
  }

  return { touch, span, place, spans, lack, waiting, rename, expire };
}
