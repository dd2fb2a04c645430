import { GROUP, ownerOf, USER } from "../contract/fact.ts";
import type { Batch, Fact, FactBase, Link, MessageFact, RequestFact, StoredFact, ToolFact } from "../contract/fact.ts";
import type { Journal } from "./journal.ts";
import { depthOf, insideCounted, MANY, NONE } from "./traces.ts";
import type { Owner, Span, Trace, Traces } from "./traces.ts";

/** A new fact with all that is decided about it before it is written. */
export interface Placed {
  fact: StoredFact;
  /** Bits of USER and GROUP that came from the turn's message. */
  joined: number;
}

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

/** What a later fact or record of the same span knows about an error item, for where it has none. */
export interface ItemFill {
  row: number;
  stack?: string;
  channel?: string;
  model?: string;
}

export interface Decision {
  /** In the order of arrival. */
  placed: Placed[];
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
  const decision: Decision = { placed: [], joins: [], bodies: [], items: [], steps: [], links: [] };
  for (const { traceId, spanId, parentId, agent } of links) {
    traces.place(traces.touch(traceId, nowMs), spanId, parentId, agent ? "agent" : "link");
  }
  const { turns, outer, owned } = placeAll(traces, journal, arrival, decision.bodies);
  for (const { owner, lacking } of owned) {
    if (owner !== undefined && lacking !== undefined) decision.joins.push({ rows: [...lacking], owner });
  }
  let row = firstRow;
  for (const { facts } of groups) {
    for (const fact of facts) {
      const trace = turns[row - firstRow];
      if (trace?.hasFact === false) {
        journal.set(trace, "hasFact", true);
        decision.steps.push(...traces.waiting.release(fact.traceId as string));
      }
      const joined = trace === undefined || fact.kind === "message" ? 0 : join(traces, trace, fact, row);
      lend(fact, joined, trace?.owner);
      fact.row = row;
      fact.counted = !outer.has(row);
      fact.errorItem = fact.counted && isError(fact) && makesItem(traces, journal, trace, fact, decision.items);
      decision.placed.push({ fact, joined });
      row += 1;
    }
  }
  for (const link of links) {
    const isStep = link.step !== undefined;
    if (isStep && traces.touch(link.traceId, nowMs).hasFact) decision.steps.push(link);
    else {
      decision.links.push(link);
      // Of a trace without a fact none is kept: it waits for one.
      if (isStep) traces.waiting.hold(link, nowMs);
    }
  }
  return decision;
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
      else if (!nest(traces, journal, call, fills)) places.outer.add(row);
    }
    for (const call of innerFirst(calls)) if (!nest(traces, journal, call, fills)) places.outer.add(call.row);
  }
  return places;
}

function innerFirst(calls: Call[]): Call[] {
  if (calls.length < 2) return calls;
  const depths = new Map(calls.map((call) => [call, depthOf(call.span)]));
  return calls.toSorted((a, b) => (depths.get(b) ?? 0) - (depths.get(a) ?? 0));
}

/** @returns whether the call counts. */
function nest(traces: Traces, journal: Journal, { fact, span, row }: Call, fills: BodyFill[]): boolean {
  const inner = span[fact.kind];
  if (inner === NONE && !insideCounted(span, fact.kind)) {
    if (!span.counted) journal.set(span, "counted", true);
    traces.rise(span, fact.kind, row);
    return true;
  }
  if (inner !== NONE && inner !== MANY) fills.push({ row: inner, outer: fact });
  return false;
}

/** @returns true where the message is the one that the trace's facts take user and group from. */
function adopt(journal: Journal, trace: Trace, message: MessageFact): boolean {
  const { userId, userName, groupId, groupName } = message;
  const { timeMs, timeNs, durationNs, spanId } = message;
  const owner: Owner = { timeMs, timeNs, durationNs, spanId, userId, userName, groupId, groupName };
  if (trace.owner !== undefined && !isBefore(owner, trace.owner)) return false;
  journal.set(trace, "owner", owner);
  return true;
}

function startOf({ timeMs, timeNs, durationNs }: Owner): { ms: number; ns: number } {
  const ns = timeNs - (durationNs % 1_000_000);
  const ms = timeMs - Math.floor(durationNs / 1_000_000);
  return ns < 0 ? { ms: ms - 1, ns: ns + 1_000_000 } : { ms, ns };
}

function isBefore(a: Owner, b: Owner): boolean {
  const [startA, startB] = [startOf(a), startOf(b)];
  if (startA.ms !== startB.ms) return startA.ms < startB.ms;
  return startA.ns === startB.ns ? a.spanId < b.spanId : startA.ns < startB.ns;
}

/** @returns the bits of USER and GROUP that the fact takes from its turn's message. */
function join(traces: Traces, trace: Trace, fact: Fact, row: number): number {
  const own = ownerOf(fact);
  if (own === (USER | GROUP)) return 0;
  traces.lack(trace, row);
  return lentBits(own, trace.owner);
}

function lentBits(own: number, owner: Owner | undefined): number {
  if (owner === undefined) return 0;
  const lent = (owner.userId === undefined ? 0 : USER) | (owner.groupId === undefined ? 0 : GROUP);
  return lent & ~own;
}

function lend(fact: FactBase, joined: number, owner: Owner | undefined): void {
  if (joined === 0 || owner === undefined) return;
  if (joined & USER) {
    fact.userId = owner.userId;
    fact.userName = owner.userName;
  }
  if (joined & GROUP) {
    fact.groupId = owner.groupId;
    fact.groupName = owner.groupName;
  }
}

/** What a new owner of the turn means for a fact that is stored. */
export interface Rejoined extends Placed {
  fact: StoredFact;
  /** Bits of USER and GROUP known until now. */
  before: number;
  /** A user or group that was known is another one now, or none: folds that have the fact are void. */
  replaced: boolean;
}

/**
 * @param fact as it is stored, with what it took from an earlier owner
 * @param joined the bits that it took
 * @returns undefined where nothing changes
 */
export function rejoin(fact: StoredFact, joined: number, owner: Owner): Rejoined | undefined {
  const before = ownerOf(fact);
  const own = before & ~joined;
  const now = {
    ...fact,
    userId: own & USER ? fact.userId : undefined,
    groupId: own & GROUP ? fact.groupId : undefined,
  };
  const lent = lentBits(own, owner);
  lend(now, lent, owner);
  if (now.userId === fact.userId && now.groupId === fact.groupId) return undefined;
  const replaced =
    (fact.userId !== undefined && fact.userId !== now.userId) ||
    (fact.groupId !== undefined && fact.groupId !== now.groupId);
  return { fact: now, joined: lent, before, replaced };
}

function isError(fact: Fact): boolean {
  if (fact.kind === "log") return fact.level === "error";
  return fact.kind !== "message" && fact.failed;
}

/**
 * "A record and a failed fact of the same span are one item" (contract §4): the second of them fills the first.
 * Two records of a span that did not fail are two items.
 */
function makesItem(
  traces: Traces,
  journal: Journal,
  trace: Trace | undefined,
  fact: StoredFact,
  fills: ItemFill[],
): boolean {
  if (trace === undefined || fact.spanId === undefined) return true;
  const span = traces.span(trace, fact.spanId);
  const failed = fact.kind !== "log";
  if (span.item === NONE) {
    journal.set(span, "item", fact.row);
    journal.set(span, "itemFailed", failed);
    return true;
  }
  if (failed === span.itemFailed) return true;
  if (failed) journal.set(span, "itemFailed", true);
  const { stack } = fact as { stack?: string };
  const { channel, model } = fact as { channel?: string; model?: string };
  if (stack ?? channel ?? model) fills.push({ row: span.item, stack, channel, model });
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
      if (!span.counted) journal.set(span, "counted", true);
      traces.rise(span, fact.kind, row);
    }
  }
  if (fact.kind !== "message" && (ownerOf(fact) & ~joined) !== (USER | GROUP)) traces.lack(trace, row);
  if (spanId !== undefined && fact.counted && isError(fact)) {
    const span = traces.span(trace, spanId);
    if (span.item === NONE && fact.errorItem) journal.set(span, "item", row);
    if (fact.kind !== "log" && !span.itemFailed) journal.set(span, "itemFailed", true);
  }
}
