import type { DailyRow } from "../../../contract/wire/stats.ts";
import type { Period } from "../../../contract/wire/query.ts";

export type DailyCount = "messages" | "responses" | "toolCalls" | "tokens";

const LENGTHS = { day: 1, week: 7, month: 30 } as const;

/**
 * By which share a period's total differs from the period before it, of the same length.
 *
 * @param daily of all time, ascending to today
 * @returns −1…; 0 for as many; undefined where there is no whole period before, or nothing in it
 */
export function changeOf(daily: readonly DailyRow[], period: Period, count: DailyCount): number | undefined {
  if (period === "all") return undefined;
  const days = LENGTHS[period];
  if (daily.length < 2 * days) return undefined;
  const before = total(daily.slice(-2 * days, -days), count);
  return before === 0 ? undefined : total(daily.slice(-days), count) / before - 1;
}

function total(daily: readonly DailyRow[], count: DailyCount): number {
  return daily.reduce((sum, row) => sum + row[count], 0);
}
