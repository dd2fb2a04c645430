import { EVERYTHING } from "./contract/fold.ts";
import type { Calendar } from "./lib/calendar.ts";
import type { Active } from "./prometheus/inside.ts";
import { activeGroupsFold, activeUsersFold } from "./rollups/active.ts";
import { groupsFold } from "./rollups/groups.ts";
import type { Table } from "./rollups/table.ts";
import { usersFold } from "./rollups/users.ts";
import type { Windows } from "./rollups/window.ts";

const HOUR_MS = 3_600_000;
const MINUTES_MS = 300_000;

/** Who is active now, for the gauges of that name: out of the folds that the JSON answers read. */
export async function readActive(windows: Windows, calendar: Calendar, nowMs: number): Promise<Active> {
  const today = calendar.dayOf(nowMs);
  const days = calendar.dayOf(nowMs - HOUR_MS) === today ? [today] : [today - 1, today];
  const only = (day: number) => ({ from: day, to: day });
  const [users, groups, ...tables] = await Promise.all([
    windows.state(activeUsersFold, EVERYTHING, only(today)),
    windows.state(activeGroupsFold, EVERYTHING, only(today)),
    ...days.map((day) => windows.state(usersFold, EVERYTHING, only(day))),
    ...days.map((day) => windows.state(groupsFold, EVERYTHING, only(day))),
  ]);
  const since = (of: Table<"lastMs">[], ms: number) => countSince(of, nowMs - ms);
  const windowsOf = (of: Table<"lastMs">[], size: number) => ({
    "5m": since(of, MINUTES_MS),
    "1h": since(of, HOUR_MS),
    today: size,
  });
  return {
    users: windowsOf(tables.slice(0, days.length), users.size),
    groups: windowsOf(tables.slice(days.length), groups.size),
  };
}

/** @returns how many names have their last activity at that time (epoch ms) or later */
function countSince(tables: readonly Table<"lastMs">[], sinceMs: number): number {
  const names = new Set<string>();
  for (const { names: all, lastMs } of tables) {
    for (const [row, ms] of lastMs.entries()) if (ms >= sinceMs) names.add(all[row] as string);
  }
  return names.size;
}
