import type { Fold } from "../contract/fold.ts";

/** By quarter of an hour since the epoch: an hour of any time zone is four of them. */
export type HoursState = Map<number, { messages: number; toolCalls: number }>;

type Encoded = [quarter: number, messages: number, toolCalls: number][];

const QUARTER_MS = 900_000;

/** Messages and tool calls by the time of day; read it over some days only, as its state grows with them. */
export const hoursFold: Fold<HoursState> = {
  name: "hours",
  version: 1,
  needs: 0,
  wholeOnly: true,
  zero: () => new Map(),
  add(state, fact) {
    if (fact.kind !== "message" && fact.kind !== "tool") return;
    const counts = countsOf(state, Math.floor(fact.timeMs / QUARTER_MS));
    if (fact.kind === "message") counts.messages += 1;
    else counts.toolCalls += 1;
  },
  merge(state, other) {
    for (const [quarter, { messages, toolCalls }] of other) {
      const counts = countsOf(state, quarter);
      counts.messages += messages;
      counts.toolCalls += toolCalls;
    }
  },
  encode(state) {
    if (state.size === 0) return undefined;
    const quarters = [...state].sort(([a], [b]) => a - b);
    return quarters.map(([quarter, { messages, toolCalls }]) => [quarter, messages, toolCalls]);
  },
  decode(json) {
    return new Map(
      (json as Encoded).map(([quarter, messages, toolCalls]) => [quarter, { messages, toolCalls }] as const),
    );
  },
  size: (state) => state.size,
};

/**
 * How many fell into each hour of the day, "0" to "23"; an hour without any is absent.
 *
 * @param hourOf the hour of the day of an instant (epoch ms), as `lib/calendar.ts` gives it
 */
export function readHours(
  state: HoursState,
  of: "messages" | "toolCalls",
  hourOf: (ms: number) => number,
): Record<string, number> {
  const hours: Record<string, number> = {};
  for (const [quarter, counts] of state) {
    if (counts[of] === 0) continue;
    const hour = String(hourOf(quarter * QUARTER_MS));
    hours[hour] = (hours[hour] ?? 0) + counts[of];
  }
  return hours;
}

function countsOf(state: HoursState, quarter: number): { messages: number; toolCalls: number } {
  let counts = state.get(quarter);
  if (counts === undefined) state.set(quarter, (counts = { messages: 0, toolCalls: 0 }));
  return counts;
}
