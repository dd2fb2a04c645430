import { GROUP, ownerOf, USER } from "../contract/fact.ts";
import type { Fact, FactBase, MessageFact, StoredFact } from "../contract/fact.ts";
import type { Journal } from "./journal.ts";
import type { Owner, Trace, Traces } from "./traces.ts";

/** A fact with all that is decided about it before it is written. */
export interface Placed {
  fact: StoredFact;
  /** Bits of USER and GROUP that came from the turn's message. */
  joined: number;
}

/** What of a message says whose its turn is. */
export type Turn = Pick<
  MessageFact,
  "timeMs" | "timeNs" | "durationNs" | "spanId" | "userId" | "userName" | "groupId" | "groupName"
>;

/** @returns true where the message is the one that the trace's facts take user and group from. */
export function adopt(journal: Journal, trace: Trace, message: Turn, excluded = false): boolean {
  const { userId, userName, groupId, groupName } = message;
  const { timeMs, timeNs, durationNs, spanId } = message;
  const owner: Owner = { timeMs, timeNs, durationNs, spanId, excluded, userId, userName, groupId, groupName };
  if (trace.owner !== undefined && !isBefore(owner, trace.owner)) return false;
  journal.set(trace, "owner", owner);
  return true;
}

/** @returns true where the fact goes with its turn's message, and that one is excluded. */
export function isExcluded(trace: Trace | undefined, fact: Fact): boolean {
  if (trace?.owner?.excluded !== true || fact.kind === "message") return false;
  return ownerOf(fact) !== (USER | GROUP);
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
export function join(traces: Traces, trace: Trace, fact: Fact, row: number): number {
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

/** Gives the fact the bits of its owner that it takes. */
export function lend(fact: FactBase, joined: number, owner: Owner | undefined): void {
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
