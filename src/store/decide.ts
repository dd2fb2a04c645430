import { GROUP, ownerOf, USER } from "../contract/fact.ts";
import type { Batch, Link, MessageFact, RequestFact, StoredFact, ToolFact } from "../contract/fact.ts";
import { isError, makesItem } from "./items.ts";
import type { ItemFill } from "./items.ts";
import type { Journal } from "./journal.ts";
import { adopt, isExcluded, join, lend } from "./owners.ts";
import type { Placed } from "./owners.ts";
import { MANY, NONE, type Span } from "./span-table.ts";
import type { Owner, Trace, Traces } from "./traces.ts";

/** Facts stored earlier whose turn has another owner now. */
export interface Join {
  rows: number[];
  owner: Owner;
}

/** Texts from an outer span for the fact that counts, where it has none. */
export interface BodyFill {
  row: number;
  outer: RequestFact | ToolFact;
}

/** A turn whose facts, stored earlier, are not to be kept. */
export interface Exclusion {
  message: MessageFact;
  rows: number[];
}

export interface Decision {
  /** In the order of arrival. */
  placed: Placed[];
  exclusions: Exclusion[];
  /** Facts of this arrival that go with an excluded message. */
  excluded: number;
  joins: Join[];
  bodies: BodyFill[];
  items: ItemFill[];
  /** Spans that are no facts, of traces that have one. */
  steps: Link[];
  /** All others of the arrival. */
  links: Link[];
}

export interface Arrival {
  groups: readonly Group[];
  links: readonly Link[];
  /** Messages that are not kept, of excluded users and groups. */
  excludedTurns?: readonly MessageFact[];
  /** Row number of the first fact; the others follow it. */
  firstRow: number;
  nowMs: number;
}

/** New facts of one batch: no duplicates, none refused; copies, that are changed as they are decided about. */
export interface Group extends Pick<Batch, "atOnce"> {
  facts: StoredFact[];
}

/**
 * Decides what depends on the order of arrival, once (contract §2): which of nested spans counts, who owns a fact, which
 * fact makes an error item. Pure but for `traces`, whose changes are in the journal.
 */
export function decide(traces: Traces, journal: Journal, arrival: Arrival): Decision {
  const { groups, links, firstRow, nowMs } = arrival;
  const decision: Decision = {
    placed: [],
    exclusions: [],
    excluded: 0,
    joins: [],
    bodies: [],
    items: [],
    steps: [],
    links: [],
  };
  for (const { traceId, spanId, parentId, agent } of links) {
    traces.place(traces.touch(traceId, nowMs), spanId, parentId, agent ? "agent" : "link");
  }
  const { turns, outer, owned } = placeAll(traces, journal, arrival, decision.bodies);
  for (const { owner, lacking } of owned) {
    if (owner !== undefined && lacking !== undefined && !owner.excluded)
      decision.joins.push({ rows: [...lacking], owner });
  }
  for (const message of arrival.excludedTurns ?? []) decision.exclusions.push(exclude(traces, message, nowMs));
  let row = firstRow;
  for (const { facts } of groups) {
    for (const fact of facts) {
      const trace = turns[row - firstRow];
      if (isExcluded(trace, fact)) {
        decision.excluded += 1;
        row += 1;
        continue;
      }
      if (trace?.hasFact === false) {
        journal.set(trace, "hasFact", true);
        decision.steps.push(...traces.waiting.release(fact.traceId as string));
      }
      const joined = trace === undefined || fact.kind === "message" ? 0 : join(traces, trace, fact, row);
      lend(fact, joined, trace?.owner);
      fact.row = row;
      fact.counted = !outer.has(row);
      fact.errorItem = fact.counted && isError(fact) && makesItem(traces, trace, fact, decision.items);
      decision.placed.push({ fact, joined });
      row += 1;
    }
  }
  for (const link of links) {
    const isStep = link.step !== undefined;
    const { hasFact, owner } = traces.touch(link.traceId, nowMs);
    if (isStep && hasFact && owner?.excluded !== true) decision.steps.push(link);
    else {
      decision.links.push(link);
      // Of a trace without a fact none is kept: it waits for one.
      if (isStep && owner?.excluded !== true) traces.waiting.hold(link, nowMs);
    }
  }
  return decision;
}

/** What came of a turn before its message is to go, where the turn is that message's. */
function exclude(traces: Traces, message: MessageFact, nowMs: number): Exclusion {
  const { owner, lacking = [] } = traces.touch(message.traceId, nowMs);
  if (owner?.excluded !== true) return { message, rows: [] };
  traces.waiting.release(message.traceId);
  return { message, rows: [...lacking] };
}

interface Call {
  fact: RequestFact | ToolFact;
  span: Span;
  row: number;
}

interface Places {
  /** The trace of each fact, in order. */
  turns: (Trace | undefined)[];
  /** Rows of the calls that do not count, because another span of the same call does. */
  outer: Set<number>;
  /** Traces that have another owner now. */
  owned: Set<Trace>;
}

/** Spans find their places and messages their turns before owners are looked for: the order in a batch is no matter. */
function placeAll(traces: Traces, journal: Journal, arrival: Arrival, fills: BodyFill[]): Places {
  const places: Places = { turns: [], outer: new Set(), owned: new Set() };
  for (const message of arrival.excludedTurns ?? []) {
    const turn = traces.touch(message.traceId, arrival.nowMs);
    if (adopt(journal, turn, message, true)) places.owned.add(turn);
  }
  let [lastId, trace]: [string | undefined, Trace | undefined] = [undefined, undefined];
  for (const { facts, atOnce } of arrival.groups) {
    const calls: Call[] = [];
    for (const fact of facts) {
      // Facts of one turn mostly come in a row.
      if (fact.traceId !== lastId) {
        lastId = fact.traceId;
        trace = lastId === undefined ? undefined : traces.touch(lastId, arrival.nowMs);
      }
      const row = arrival.firstRow + places.turns.length;
      places.turns.push(trace);
      if (fact.kind === "log" || trace === undefined) continue;
      const span = traces.place(trace, fact.spanId, fact.parentId, fact.kind);
      if (fact.kind === "message") {
        if (adopt(journal, trace, fact)) places.owned.add(trace);
        continue;
      }
      const call = { fact, span, row };
      if (atOnce) calls.push(call);
      else if (!nest(traces, call, fills)) places.outer.add(row);
    }
    for (const call of innerFirst(traces, calls)) if (!nest(traces, call, fills)) places.outer.add(call.row);
  }
  return places;
}

function innerFirst({ spans }: Traces, calls: Call[]): Call[] {
  if (calls.length < 2) return calls;
  const depths = new Map(calls.map((call) => [call, spans.depthOf(call.span)]));
  return calls.toSorted((a, b) => (depths.get(b) ?? 0) - (depths.get(a) ?? 0));
}

/** @returns whether the call counts. */
function nest({ spans }: Traces, { fact, span, row }: Call, fills: BodyFill[]): boolean {
  const inner = spans.callIn(span, fact.kind);
  if (inner === NONE && !spans.insideCounted(span, fact.kind)) {
    if (!spans.isCounted(span)) spans.count(span);
    spans.rise(span, fact.kind, row);
    return true;
  }
  if (inner !== NONE && inner !== MANY) fills.push({ row: inner, outer: fact });
  return false;
}

/** Places a stored fact as it was decided, after a start. */
export function recall(traces: Traces, journal: Journal, fact: StoredFact, joined: number, nowMs: number): void {
  const { traceId, spanId, row } = fact;
  if (traceId === undefined) return;
  const trace = traces.touch(traceId, nowMs);
  if (!trace.hasFact) journal.set(trace, "hasFact", true);
  if (fact.kind !== "log") {
    const span = traces.place(trace, fact.spanId, fact.parentId, fact.kind);
    if (fact.kind === "message") adopt(journal, trace, fact);
    else if (fact.counted) {
      if (!traces.spans.isCounted(span)) traces.spans.count(span);
      traces.spans.rise(span, fact.kind, row);
    }
  }
  if (fact.kind !== "message" && (ownerOf(fact) & ~joined) !== (USER | GROUP)) traces.lack(trace, row);
  if (spanId !== undefined && fact.counted && isError(fact)) {
    const span = traces.span(trace, spanId);
    if (traces.spans.itemOf(span) === NONE && fact.errorItem) {
      traces.spans.setItem(span, row, traces.spans.itemHasFailed(span));
    }
    if (fact.kind !== "log") traces.spans.failItem(span);
  }
}
