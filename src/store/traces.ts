import type { OwnerKind } from "../contract/fact.ts";
import type { Journal } from "./journal.ts";
import { createWaiting } from "./waiting.ts";
import type { Waiting } from "./waiting.ts";

/** What a span is to its trace. `unknown`: it is only named, as a parent or by a log record. */
export type Role = "message" | "request" | "tool" | "agent" | "link" | "unknown";

/** The kinds of fact of which one call may have several spans in each other. */
export type CallKind = "request" | "tool";

/** Row number where there is none, and where there are several. */
export const NONE = 0;
export const MANY = -1;

export interface Span {
  readonly id: string;
  /** The span before it in the trace's list. */
  readonly next: Span | undefined;
  parent: Span | undefined;
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
  /** Its spans as a list: most traces have a handful, and a map for each would be most of what is held. */
  spans: Span | undefined;
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
  /** The counted call at `row` becomes known to all spans that it is nested in. */
  rise(span: Span, kind: CallKind, row: number): void;
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
/** Longer chains of parents are not followed: a sender's loop must end. */
const MAX_DEPTH = 100;
/** Spans of one trace that are held; the nesting of more is not seen. */
const MAX_SPANS = 5000;

/** @param limit spans and rows held at the most; the oldest traces go first */
export function createTraces(journal: Journal, limit: number): Traces {
  const traces = new Map<string, Trace>();
  let held = 0;
  /** Since the last look; what is undone is not held. */
  const grown = { undone: 0, count: 0 };
  const waiting = createWaiting(journal);

  function touch(traceId: string, nowMs: number): Trace {
    let trace = traces.get(traceId);
    if (trace === undefined) {
      trace = {
        atMs: nowMs,
        born: journal.round,
        spans: undefined,
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

  function find(trace: Trace, spanId: string): Span | undefined {
    for (let span = trace.spans; span !== undefined; span = span.next) if (span.id === spanId) return span;
    return undefined;
  }

  function add(trace: Trace, id: string, parent: Span | undefined, role: Role): Span {
    const span: Span = {
      id,
      next: trace.spans,
      parent,
      role,
      counted: false,
      request: NONE,
      tool: NONE,
      item: NONE,
      itemFailed: false,
    };
    if (trace.size >= MAX_SPANS) return span;
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
    return find(trace, spanId) ?? add(trace, spanId, undefined, "unknown");
  }

  function place(trace: Trace, spanId: string, parentId: string | undefined, role: Role): Span {
    const known = find(trace, spanId);
    if (known !== undefined && known.role !== "unknown") return known;
    const parent = parentId === undefined || parentId === spanId ? undefined : span(trace, parentId);
    if (known === undefined) return add(trace, spanId, parent, role);
    journal.set(known, "role", role);
    if (parent !== undefined) journal.set(known, "parent", parent);
    if (known.request !== NONE && passes(known, "request")) rise(known, "request", known.request);
    if (known.tool !== NONE && passes(known, "tool")) rise(known, "tool", known.tool);
    return known;
  }

  function rise(from: Span, kind: CallKind, row: number): void {
    let rising = row;
    // Each step takes a span from NONE to a row to MANY, or stops: it ends in a loop of parents too.
    for (let above = from.parent; above !== undefined; above = above.parent) {
      const known = above[kind];
      rising = known === NONE || known === rising ? rising : MANY;
      if (known === rising) return;
      journal.set(above, kind, rising);
      if (!passes(above, kind)) return;
    }
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
    for (const [traceId, { atMs, size, lacking = [], owner }] of traces) {
      if (held <= limit && nowMs - atMs <= JOIN_MS + STEP_MS) break;
      traces.delete(traceId);
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

  return { touch, span, place, rise, lack, waiting, rename, expire };
}

/** What is nested in `span` is nested in its parents too: no other fact and no agent between (contract §2). */
function passes(span: Span, kind: CallKind): boolean {
  return span.role === "link" || span.role === kind;
}

/** @returns true where the span is nested in a call of its kind that is counted. */
export function insideCounted(span: Span, kind: CallKind): boolean {
  let above = span.parent;
  for (let step = 0; above !== undefined && step < MAX_DEPTH; step++) {
    if (!passes(above, kind)) return false;
    if (above.counted) return true;
    above = above.parent;
  }
  return false;
}

/** @returns how many spans are above this one. */
export function depthOf(span: Span): number {
  let depth = 0;
  for (let above = span.parent; above !== undefined && depth < MAX_DEPTH; above = above.parent) depth += 1;
  return depth;
}
