import type { Journal } from "./journal.ts";

/** What a span is to its trace. `unknown`: it is only named, as a parent or by a log record. */
export type Role = "message" | "request" | "tool" | "agent" | "link" | "unknown";

/** The kinds of fact of which one call may have several spans in each other. */
export type CallKind = "request" | "tool";

/** Row number where there is none, and where there are several. */
export const NONE = 0;
export const MANY = -1;

export interface Span {
  parentId: string | undefined;
  role: Role;
  /** A fact of this span is in the numbers. */
  counted: boolean;
  /** Row of the counted request nested in this span; {@link NONE}, {@link MANY}. */
  request: number;
  tool: number;
  /** Row of the error item that was made for this span; {@link NONE}. */
  item: number;
  /** That item has a failed fact, made by it or filled from it. */
  itemFailed: boolean;
}

/** User and group of a turn: of its message, the earliest started where there are several. */
export interface Owner {
  startMs: number;
  startNs: number;
  key: string;
  userId?: string;
  userName?: string;
  groupId?: string;
  groupName?: string;
}

export interface Trace {
  /** Epoch ms of an arrival, at most {@link STEP_MS} before the last one. */
  atMs: number;
  spans: Map<string, Span>;
  owner: Owner | undefined;
  /** Rows of facts that came without a user or a group of their own. */
  lacking: number[];
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
  /** The counted call at `row` becomes known to all spans that it is nested in. */
  rise(trace: Trace, span: Span, kind: CallKind, row: number): void;
  lack(trace: Trace, row: number): void;
  /** After a commit: forgets what is too old or too much. @returns how many facts left without an owner. */
  expire(nowMs: number): number;
}

/** Joins reach back at least this long, in ms (contract §2). */
export const JOIN_MS = 15 * 60_000;
const STEP_MS = 60_000;
/** Longer chains of parents are not followed: a sender's loop must end. */
const MAX_DEPTH = 100;

/** @param limit spans and rows held at the most; the oldest traces go first */
export function createTraces(journal: Journal, limit: number): Traces {
  const traces = new Map<string, Trace>();
  const held = { count: 0 };

  function touch(traceId: string, nowMs: number): Trace {
    let trace = traces.get(traceId);
    if (trace === undefined) {
      trace = { atMs: nowMs, spans: new Map(), owner: undefined, lacking: [] };
      journal.put(traces, traceId, trace);
    } else if (nowMs - trace.atMs > STEP_MS) {
      // The map's order is the order of `atMs`; moving at every touch would cost more than it tells.
      trace.atMs = nowMs;
      traces.delete(traceId);
      traces.set(traceId, trace);
    }
    return trace;
  }

  function span(trace: Trace, spanId: string): Span {
    let known = trace.spans.get(spanId);
    if (known === undefined) {
      known = {
        parentId: undefined,
        role: "unknown",
        counted: false,
        request: NONE,
        tool: NONE,
        item: NONE,
        itemFailed: false,
      };
      journal.put(trace.spans, spanId, known);
      journal.set(held, "count", held.count + 1);
    }
    return known;
  }

  function place(trace: Trace, spanId: string, parentId: string | undefined, role: Role): Span {
    const placed = span(trace, spanId);
    if (placed.role !== "unknown") return placed;
    journal.set(placed, "role", role);
    if (parentId !== undefined) journal.set(placed, "parentId", parentId);
    if (placed.request !== NONE && passes(placed, "request")) rise(trace, placed, "request", placed.request);
    if (placed.tool !== NONE && passes(placed, "tool")) rise(trace, placed, "tool", placed.tool);
    return placed;
  }

  function rise(trace: Trace, from: Span, kind: CallKind, row: number): void {
    let below = from;
    let rising = row;
    // Each step takes a span from NONE to a row to MANY, or stops: it ends in a loop of parents too.
    while (below.parentId !== undefined) {
      const above = span(trace, below.parentId);
      const known = above[kind];
      rising = known === NONE || known === rising ? rising : MANY;
      if (known === rising) return;
      journal.set(above, kind, rising);
      if (!passes(above, kind)) return;
      below = above;
    }
  }

  function lack(trace: Trace, row: number): void {
    journal.push(trace.lacking, row);
    journal.set(held, "count", held.count + 1);
  }

  function expire(nowMs: number): number {
    let unjoined = 0;
    for (const [traceId, trace] of traces) {
      if (held.count <= limit && nowMs - trace.atMs <= JOIN_MS + STEP_MS) break;
      traces.delete(traceId);
      held.count -= trace.spans.size + trace.lacking.length;
      if (trace.owner === undefined) unjoined += trace.lacking.length;
    }
    return unjoined;
  }

  return { touch, span, place, rise, lack, expire };
}

/** What is nested in `span` is nested in its parents too: no other fact and no agent between (contract §2). */
function passes(span: Span, kind: CallKind): boolean {
  return span.role === "link" || span.role === kind;
}

/** @returns true where the span is nested in a call of its kind that is counted. */
export function insideCounted(trace: Trace, span: Span, kind: CallKind): boolean {
  let { parentId } = span;
  for (let step = 0; parentId !== undefined && step < MAX_DEPTH; step++) {
    const above = trace.spans.get(parentId);
    if (above === undefined || !passes(above, kind)) return false;
    if (above.counted) return true;
    parentId = above.parentId;
  }
  return false;
}

/** @returns how many known spans are above this one. */
export function depthOf(trace: Trace, span: Span): number {
  let depth = 0;
  let { parentId } = span;
  while (parentId !== undefined && depth < MAX_DEPTH) {
    const above = trace.spans.get(parentId);
    if (above === undefined) break;
    depth += 1;
    parentId = above.parentId;
  }
  return depth;
}
