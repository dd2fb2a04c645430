import type { Fold, Json } from "../contract/fold.ts";
import { isActivity, tokensOf } from "./activity.ts";

export interface DayCounts {
  messages: number;
  responses: number;
  toolCalls: number;
  tokens: number;
}

/** By calendar day; a day is in it as soon as it has a message, a request or a tool call. */
export type DailyState = Map<number, DayCounts>;

type Encoded = [day: number, messages: number, responses: number, toolCalls: number, tokens: number][];

export const dailyFold: Fold<DailyState> = {
  name: "daily",
  version: 1,
  needs: 0,
  wholeOnly: false,
  zero: () => new Map(),
  add(state, fact, day) {
    if (!isActivity(fact)) return;
    const counts = countsOf(state, day);
    if (fact.kind === "message") {
      counts.messages += 1;
      counts.responses += fact.responses;
    }
    if (fact.kind === "request") counts.tokens += tokensOf(fact);
    if (fact.kind === "tool") counts.toolCalls += 1;
  },
  merge(state, other) {
    for (const [day, counts] of other) increase(countsOf(state, day), counts);
  },
  encode(state) {
    if (state.size === 0) return undefined;
    const days = [...state].sort(([a], [b]) => a - b);
    return days.map(([day, counts]) => [
      day,
      counts.messages,
      counts.responses,
      counts.toolCalls,
      counts.tokens,
    ]) satisfies Json;
  },
  decode(json) {
    const days = json as Encoded;
    return new Map(
      days.map(([day, messages, responses, toolCalls, tokens]) => [day, { messages, responses, toolCalls, tokens }]),
    );
  },
  size: (state) => state.size,
};

export type DailyRow = DayCounts & { day: number };

/**
 * The days of a period, ascending, with a zero row for a quiet day, and their totals.
 *
 * @param from the period's first day; undefined (`all`): since the first message, request or tool call of the
 *   selection, no days where there is none
 * @param today the last day; what is dated later is left out
 */
export function readDaily(
  state: DailyState,
  from: number | undefined,
  today: number,
): { totals: DayCounts; days: DailyRow[] } {
  const totals = noCounts();
  const days: DailyRow[] = [];
  for (let day = from ?? firstOf(state); day <= today; day += 1) {
    const counts = state.get(day) ?? noCounts();
    days.push({ day, ...counts });
    increase(totals, counts);
  }
  return { totals, days };
}

/** @returns Infinity where the state has no day. */
function firstOf(state: DailyState): number {
  let first = Infinity;
  for (const day of state.keys()) if (day < first) first = day;
  return first;
}

function countsOf(state: DailyState, day: number): DayCounts {
  let counts = state.get(day);
  if (counts === undefined) state.set(day, (counts = noCounts()));
  return counts;
}

function increase(counts: DayCounts, by: DayCounts): void {
  counts.messages += by.messages;
  counts.responses += by.responses;
  counts.toolCalls += by.toolCalls;
  counts.tokens += by.tokens;
}

function noCounts(): DayCounts {
  return { messages: 0, responses: 0, toolCalls: 0, tokens: 0 };
}
