import { dayOf, daysBetween, plus } from "./days.ts";
import { text } from "./items.ts";
import type { Item, RecordItem } from "./items.ts";
import { read } from "./facts.ts";
import type { Happened, Logged } from "./facts.ts";
import { byCodePoint, meanMs, rate, secondsUtc } from "./numbers.ts";
import { errorItems, join, nest } from "./turn.ts";
import type { ErrorItem } from "./turn.ts";

export type Period = "day" | "week" | "month" | "all";
export const PERIODS: readonly Period[] = ["day", "week", "month", "all"];

/** What counts, with its calendar day. */
type Fact = Happened & { day: string };

/** All that is known of what happened. */
export interface World {
  zone: string;
  today: string;
  facts: Fact[];
  logs: Logged[];
  errors: ErrorItem[];
  states: RecordItem[];
}

/**
 * Understands what arrived, as of an instant.
 *
 * @param items in the order of their arrival
 * @param keptDays how long raw facts are kept: older ones are refused
 */
export function understand(items: readonly Item[], zone: string, nowNs: bigint, keptDays = 90): World {
  const found = read(items, nowNs, keptDays);
  nest(found);
  join(found);
  return {
    zone,
    today: dayOf(nowNs, zone),
    facts: found.facts.filter(({ counted }) => counted).map((fact) => ({ ...fact, day: dayOf(fact.ns, zone) })),
    logs: found.logs,
    errors: errorItems(found),
    states: found.states,
  };
}

export interface Selection {
  period: Period;
  groupId?: string;
}

function firstDay(world: World, facts: readonly Fact[], period: Period): string | undefined {
  if (period === "day") return world.today;
  if (period === "week") return plus(world.today, -6);
  if (period === "month") return plus(world.today, -29);
  return facts.map(({ day }) => day).sort()[0];
}

/** The facts of a group (or all), and of them those of the period. */
function select(world: World, { period, groupId }: Selection): { from?: string; facts: Fact[] } {
  const ofGroup = world.facts.filter(({ group }) => groupId === undefined || group === groupId);
  const from = firstDay(world, ofGroup, period);
  if (from === undefined) return { facts: [] };
  const facts = ofGroup.filter(({ day }) => day >= from && day <= world.today);
  return { from, facts };
}

const sum = <T>(list: readonly T[], value: (one: T) => number): number =>
  list.reduce((all, one) => all + value(one), 0);
const ofKind = (facts: readonly Fact[], kind: string): Fact[] => facts.filter((fact) => fact.kind === kind);
const distinct = (list: readonly (string | undefined)[]): number =>
  new Set(list.filter((one) => one !== undefined)).size;
const newest = (facts: readonly Fact[]): bigint => facts.reduce((max, { ns }) => (ns > max ? ns : max), 0n);

function groupBy(facts: readonly Fact[], key: (fact: Fact) => string | undefined): Map<string, Fact[]> {
  const groups = new Map<string, Fact[]>();
  for (const fact of facts) {
    const name = key(fact);
    if (name === undefined) continue;
    const known = groups.get(name);
    if (known) known.push(fact);
    else groups.set(name, [fact]);
  }
  return groups;
}

function counts(facts: readonly Fact[]): {
  messages: number;
  responses: number;
  toolCalls: number;
  tokens: number;
} {
  return {
    messages: ofKind(facts, "message").length,
    responses: sum(facts, ({ responses }) => responses),
    toolCalls: ofKind(facts, "tool").length,
    tokens: sum(facts, ({ tokens }) => tokens),
  };
}

/** `GET /api/stats`. */
export function stats(world: World, selection: Selection): object {
  const { from, facts } = select(world, selection);
  const messages = ofKind(facts, "message");
  const total = counts(facts);
  const byDay = groupBy(facts, ({ day }) => day);
  return {
    summary: {
      totalMessages: total.messages,
      aiResponses: total.responses,
      toolCalls: total.toolCalls,
      tokensUsed: total.tokens,
      activeUsers: distinct(messages.map(({ user }) => user)),
      activeGroups: distinct(messages.map(({ group }) => group)),
    },
    daily: (from === undefined ? [] : daysBetween(from, world.today)).map((date) => ({
      date,
      ...counts(byDay.get(date) ?? []),
    })),
  };
}

function latencyOfSucceeded(requests: readonly Fact[]): number {
  const good = requests.filter(({ failed }) => !failed);
  return meanMs(totalNs(good), good.length);
}

function totalNs(facts: readonly Fact[]): bigint {
  return facts.reduce((all, { durationNs }) => all + durationNs, 0n);
}

const errorsOf = (facts: readonly Fact[]): number => facts.filter(({ failed }) => failed).length;

/** Descending by a number, ties ascending by a name. */
function ranked<T>(list: T[], value: (one: T) => number, name: (one: T) => string): T[] {
  return list.sort((a, b) => value(b) - value(a) || byCodePoint(name(a), name(b)));
}

/** `GET /api/stats/models`. */
export function models(world: World, selection: Selection): object {
  const rows = [...groupBy(ofKind(select(world, selection).facts, "request"), ({ model }) => model)].map(
    ([model, requests]) => ({
      model,
      requests: requests.length,
      tokens: sum(requests, ({ tokens }) => tokens),
      avgLatency: latencyOfSucceeded(requests),
      errors: errorsOf(requests),
    }),
  );
  return {
    models: ranked(
      rows,
      (row) => row.requests,
      (row) => row.model,
    ),
  };
}

/** `GET /api/stats/tools`. */
export function tools(world: World, selection: Selection): object {
  const rows = [...groupBy(ofKind(select(world, selection).facts, "tool"), ({ tool }) => tool)].map(
    ([name, calls]) => ({
      name,
      calls: calls.length,
      avgDuration: meanMs(totalNs(calls), calls.length),
      successRate: rate(calls.length - errorsOf(calls), calls.length),
    }),
  );
  return {
    tools: ranked(
      rows,
      (row) => row.calls,
      (row) => row.name,
    ),
  };
}

export interface Ranking extends Selection {
  sort?: "messages" | "tokens";
  limit?: number;
}

/** The name on the newest fact of all that has one, else the id. */
function nameOf(facts: readonly Fact[], name: (fact: Fact) => string | undefined, id: string): string {
  const named = facts.filter((fact) => name(fact) !== undefined);
  return named.length === 0 ? id : name(named.reduce((best, fact) => (fact.ns > best.ns ? fact : best)))!;
}

/** `GET /api/stats/users`. */
export function users(world: World, { sort = "messages", limit = 20, ...selection }: Ranking): object {
  const all = groupBy(world.facts, ({ user }) => user);
  const rows = [...groupBy(select(world, selection).facts, ({ user }) => user)].map(([userId, facts]) => ({
    userId,
    nickname: nameOf(all.get(userId)!, ({ userName }) => userName, userId),
    messages: counts(facts).messages,
    tokens: counts(facts).tokens,
    lastActive: secondsUtc(newest(facts)),
  }));
  return {
    users: ranked(
      rows,
      (row) => row[sort],
      (row) => row.userId,
    ).slice(0, limit),
  };
}

/** `GET /api/stats/groups`. */
export function groups(world: World, { sort = "messages", limit = 20, ...selection }: Ranking): object {
  const all = groupBy(world.facts, ({ group }) => group);
  const rows = [...groupBy(select(world, selection).facts, ({ group }) => group)].map(([groupId, facts]) => ({
    groupId,
    name: nameOf(all.get(groupId)!, ({ groupName }) => groupName, groupId),
    ...counts(facts),
    activeUsers: distinct(ofKind(facts, "message").map(({ user }) => user)),
    lastActive: secondsUtc(newest(facts)),
  }));
  return {
    groups: ranked(
      rows,
      (row) => row[sort],
      (row) => row.groupId,
    ).slice(0, limit),
  };
}

/** `error` where the 5 newest requests of all time all failed; undefined where equal times leave it open. */
function statusByRequests(requests: readonly Fact[]): "active" | "error" | undefined {
  const sorted = requests.toSorted((a, b) => (a.ns < b.ns ? 1 : a.ns > b.ns ? -1 : 0));
  if (sorted.length < 5) return "active";
  const last = sorted[4]!.ns;
  const sure = sorted.filter(({ ns }) => ns > last);
  const atEdge = sorted.filter(({ ns }) => ns === last);
  if (sure.some(({ failed }) => !failed) || atEdge.every(({ failed }) => !failed)) return "active";
  if (atEdge.every(({ failed }) => failed)) return "error";
  return undefined;
}

/**
 * `GET /api/stats/channels`.
 *
 * @param freshNs a state older than this is not counted as announced any more, but for `disabled`
 */
export function channels(world: World, selection: Selection, freshNs: bigint): object {
  const announced = new Map<string, RecordItem>();
  for (const state of world.states) {
    const id = text(state, "bot.channel.id");
    const known = id === undefined ? undefined : announced.get(id);
    if (id !== undefined && (known === undefined || known.timeNs <= state.timeNs)) announced.set(id, state);
  }
  const used = groupBy(ofKind(select(world, selection).facts, "request"), ({ channel }) => channel);
  const ever = groupBy(ofKind(world.facts, "request"), ({ channel }) => channel);
  const rows = [...new Set([...announced.keys(), ...ever.keys()])].map((id) => {
    const state = announced.get(id);
    const told = state === undefined ? undefined : text(state, "bot.channel.status");
    const holds = state !== undefined && (told === "disabled" || state.timeNs >= freshNs);
    const requests = used.get(id) ?? [];
    return {
      id,
      name: (state && text(state, "bot.channel.name")) ?? id,
      status: holds ? told : statusByRequests(ever.get(id) ?? []),
      requests: requests.length,
      errors: errorsOf(requests),
      avgLatency: latencyOfSucceeded(requests),
      lastUsed: requests.length === 0 ? null : secondsUtc(newest(requests)),
    };
  });
  return {
    channels: ranked(
      rows,
      (row) => row.requests,
      (row) => row.id,
    ),
  };
}
