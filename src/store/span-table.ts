import type { Journal } from "./journal.ts";

/** What a span is to its trace. `unknown`: it is only named, as a parent or by a log record. */
export type Role = "message" | "request" | "tool" | "agent" | "link" | "unknown";
const ROLES: readonly Role[] = ["unknown", "message", "request", "tool", "agent", "link"];
const UNKNOWN = ROLES.indexOf("unknown");
const LINK = ROLES.indexOf("link");
const CALLS = { request: ROLES.indexOf("request"), tool: ROLES.indexOf("tool") };

/** The kinds of fact of which one call may have several spans in each other. */
export type CallKind = "request" | "tool";

/** Row number where there is none, and where there are several. */
export const NONE = 0;
export const MANY = -1;

/** A span's place in the table. */
export type Span = number;
/** No place: also that of a span that is not held, of which nothing is ever known. */
export const NO_SPAN: Span = 0;

/** Longer chains of parents are not followed: a sender's loop must end. */
const MAX_DEPTH = 100;

/**
 * The spans of all traces that are held, as columns of numbers: hundreds of thousands of objects would be most of what the
 * garbage collector has to look at. Every change goes through the journal.
 */
export interface SpanTable {
  /** @returns the span with that id in the list that begins with `first`; {@link NO_SPAN} where it has none. */
  find(first: Span, id: string): Span;
  /** Puts a new one in front of a list. @returns {@link NO_SPAN} where the table is full */
  add(first: Span, id: string, parent: Span, role: Role): Span;
  isPlaced(span: Span): boolean;
  /** Says what a span is of which only the name was known. */
  place(span: Span, parent: Span, role: Role): void;
  /** @returns whether a fact of this span is in the numbers. */
  isCounted(span: Span): boolean;
  count(span: Span): void;
  /** @returns the row of the counted call nested in this span; {@link NONE}, {@link MANY}. */
  callIn(span: Span, kind: CallKind): number;
  /** The counted call at `row` becomes known to all spans that it is nested in. */
  rise(span: Span, kind: CallKind, row: number): void;
  /** @returns true where the span is nested in a call of its kind that is counted. */
  insideCounted(span: Span, kind: CallKind): boolean;
  /** @returns how many spans are above this one. */
  depthOf(span: Span): number;
  /** @returns the row of the error item that was made for this span; {@link NONE}. */
  itemOf(span: Span): number;
  /** @param failed see {@link itemHasFailed} */
  setItem(span: Span, row: number, failed: boolean): void;
  /** @returns whether that item has a failed fact, made by it or filled from it. */
  itemHasFailed(span: Span): boolean;
  failItem(span: Span): void;
  /** After a commit: the list is held no more. */
  drop(first: Span): void;
}

const COUNTED = 1;
const ITEM_FAILED = 2;

/** @param room spans that it can hold; what is not used takes no memory */
export function createSpanTable(journal: Journal, room: number): SpanTable {
  const idHigh = new Uint32Array(room + 1);
  const idLow = new Uint32Array(room + 1);
  /** The next in its list; of a free place, the next free one. */
  const next = new Int32Array(room + 1);
  const parents = new Int32Array(room + 1);
  const roles = new Uint8Array(room + 1);
  const flags = new Uint8Array(room + 1);
  const calls = { request: new Float64Array(room + 1), tool: new Float64Array(room + 1) };
  const items = new Float64Array(room + 1);
  const places = { free: NO_SPAN, used: 0 };

  function take(): Span {
    const free = places.free;
    if (free !== NO_SPAN) {
      journal.set(places, "free", next[free] as Span);
      journal.set(next, free, NO_SPAN);
      return free;
    }
    if (places.used >= room) return NO_SPAN;
    journal.set(places, "used", places.used + 1);
    return places.used;
  }

  function add(first: Span, id: string, parent: Span, role: Role): Span {
    const span = take();
    if (span === NO_SPAN) return NO_SPAN;
    idHigh[span] = eightDigits(id, 0);
    idLow[span] = eightDigits(id, 8);
    next[span] = first;
    parents[span] = parent;
    roles[span] = ROLES.indexOf(role);
    flags[span] = 0;
    calls.request[span] = NONE;
    calls.tool[span] = NONE;
    items[span] = NONE;
    return span;
  }

  function find(first: Span, id: string): Span {
    if (first === NO_SPAN) return NO_SPAN;
    const [high, low] = [eightDigits(id, 0), eightDigits(id, 8)];
    for (let span = first; span !== NO_SPAN; span = next[span] as Span) {
      if (idLow[span] === low && idHigh[span] === high) return span;
    }
    return NO_SPAN;
  }

  function callIn(span: Span, kind: CallKind): number {
    return calls[kind][span] as number;
  }

  /** What is nested in `span` is nested in its parents too: no other fact and no agent between (contract §2). */
  function passes(span: Span, kind: CallKind): boolean {
    return roles[span] === LINK || roles[span] === CALLS[kind];
  }

  function rise(from: Span, kind: CallKind, row: number): void {
    let rising = row;
    // Each step takes a span from NONE to a row to MANY, or stops: it ends in a loop of parents too.
    for (let above = parents[from] as Span; above !== NO_SPAN; above = parents[above] as Span) {
      const known = callIn(above, kind);
      rising = known === NONE || known === rising ? rising : MANY;
      if (known === rising) return;
      journal.set(calls[kind], above, rising);
      if (!passes(above, kind)) return;
    }
  }

  function mark(span: Span, flag: number): void {
    if (span !== NO_SPAN) journal.set(flags, span, (flags[span] as number) | flag);
  }

  return {
    find,
    add,
    isPlaced: (span) => roles[span] !== UNKNOWN,
    place(span, parent, role) {
      if (span === NO_SPAN) return;
      journal.set(roles, span, ROLES.indexOf(role));
      if (parent !== NO_SPAN) journal.set(parents, span, parent);
      for (const kind of ["request", "tool"] as const) {
        if (callIn(span, kind) !== NONE && passes(span, kind)) rise(span, kind, callIn(span, kind));
      }
    },
    isCounted: (span) => ((flags[span] as number) & COUNTED) !== 0,
    count: (span) => mark(span, COUNTED),
    callIn,
    rise,
    insideCounted(span, kind) {
      let above = parents[span] as Span;
      for (let step = 0; above !== NO_SPAN && step < MAX_DEPTH; step += 1) {
        if (!passes(above, kind)) return false;
        if (((flags[above] as number) & COUNTED) !== 0) return true;
        above = parents[above] as Span;
      }
      return false;
    },
    depthOf(span) {
      let depth = 0;
      for (let above = parents[span] as Span; above !== NO_SPAN && depth < MAX_DEPTH; above = parents[above] as Span)
        depth += 1;
      return depth;
    },
    itemOf: (span) => items[span] as number,
    setItem(span, row, failed) {
      if (span === NO_SPAN) return;
      journal.set(items, span, row);
      const others = (flags[span] as number) & ~ITEM_FAILED;
      journal.set(flags, span, failed ? others | ITEM_FAILED : others);
    },
    itemHasFailed: (span) => ((flags[span] as number) & ITEM_FAILED) !== 0,
    failItem: (span) => mark(span, ITEM_FAILED),
    drop(first) {
      for (let span = first; span !== NO_SPAN;) {
        const after = next[span] as Span;
        next[span] = places.free;
        places.free = span;
        span = after;
      }
    },
  };
}

/** @returns the number that eight hex digits of an id are. */
function eightDigits(id: string, from: number): number {
  let value = 0;
  for (let at = from; at < from + 8; at += 1) {
    const unit = id.charCodeAt(at);
    value = (value << 4) | ((unit & 0xf) + (unit > 0x39 ? 9 : 0));
  }
  return value >>> 0;
}
