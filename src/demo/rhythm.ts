import type { Calendar } from "../lib/calendar.ts";

const HOUR = 3_600_000;
/** How lively each hour of a working day is, from midnight on; the evening is 1. */
const WORKDAY = [
  0.35, 0.2, 0.1, 0.06, 0.05, 0.07, 0.12, 0.25, 0.4, 0.45, 0.5, 0.55, 0.75, 0.6, 0.5, 0.5, 0.5, 0.55, 0.7, 0.85, 0.95,
  1, 0.9, 0.6,
];
/** The weekend gets up late, and is livelier. */
const WEEKEND = [
  0.55, 0.4, 0.25, 0.12, 0.07, 0.06, 0.08, 0.15, 0.3, 0.5, 0.7, 0.75, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.85, 0.95, 1, 1,
  0.95, 0.75,
];

/** @returns how much people talk at `ms` (epoch ms), 0…1, in the hours of the calendar's zone */
export function livelinessAt(ms: number, calendar: Calendar): number {
  const day = calendar.dayOf(ms);
  const hours = (ms - calendar.startOf(day)) / HOUR;
  const curve = isWeekend(day) ? WEEKEND : WORKDAY;
  const [from, to] = [curve[Math.floor(hours) % 24] ?? 0, curve[(Math.floor(hours) + 1) % 24] ?? 0];
  return from + (to - from) * (hours % 1);
}

/** Day 0, the first of January 1970, was a Thursday. */
export function isWeekend(day: number): boolean {
  const weekday = (day + 3) % 7; // 0: Monday
  return weekday >= 5;
}
