import { dateOf } from "../lib/calendar.ts";
import type { CheckedDay } from "./days.ts";
import { TOTALS, type Totals } from "./totals.ts";
import type { Answered } from "./running.ts";

/** Columns with two blanks between, the first to the left, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const all = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) =>
        /^\d+$/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** One line a day; sealed days that follow each other are one line. */
export function dayTable(days: readonly Omit<CheckedDay, "states">[]): string[] {
  const rows: (string | number)[][] = [];
  for (let at = 0; at < days.length; at += 1) {
    const { day, state, facts, compared, differences } = days[at] as CheckedDay;
    let last = at;
    while (state === "sealed" && days[last + 1]?.state === "sealed") last += 1;
    const until = last === at ? "" : ` … ${dateOf((days[last] as CheckedDay).day)}`;
    rows.push([dateOf(day) + until, state, facts, compared, outcomeOf(state, compared, differences)]);
    at = last;
  }
  return table(["day", "state", "facts", "folds", "result"], rows);
}

function outcomeOf(state: CheckedDay["state"], compared: number, differences: readonly string[]): string {
  if (state === "sealed") return "its blobs are the truth";
  if (state === "open") return "has no blobs";
  if (differences.length === 0) return compared > 0 ? "equal" : "not compared";
  const [shown, rest] = [differences.slice(0, 5).join(", "), differences.length - 5];
  return `DIFFERENT: ${shown}${rest > 0 ? `, and ${rest} more` : ""}`;
}

/** What must hold of one number: it was not changed, or it lies between what was answered before and after. */
export interface Compared {
  lines: string[];
  differences: number;
}

/**
 * @param before answered before the facts were read
 * @param after answered when they had been
 */
export function compareTotals(truth: Totals, before: Answered, after: Answered): Compared {
  let differences = 0;
  const rows = TOTALS.map((name) => {
    const right = (["json", "metrics"] as const).every((side) => {
      return before[side][name] <= truth[name] && truth[name] <= after[side][name];
    });
    if (!right) differences += 1;
    const moved = before.json[name] !== after.json[name] || before.metrics[name] !== after.metrics[name];
    const outcome = moved ? "moves, and lies between" : "equal";
    return [name, truth[name], after.json[name], after.metrics[name], right ? outcome : "DIFFERENT"];
  });
  return { lines: table(["total", "facts", "JSON", "/metrics", "result"], rows), differences };
}

/** Whole answers can be compared only where nothing moved meanwhile. */
export function compareAnswers(
  truth: Answered["answers"],
  before: Answered["answers"],
  after: Answered["answers"],
): Compared {
  let differences = 0;
  const rows = (Object.keys(truth) as (keyof typeof truth)[]).map((name) => {
    if (before[name] !== after[name]) return [name, "moves, not compared"];
    if (truth[name] === after[name]) return [name, "equal"];
    differences += 1;
    return [name, "DIFFERENT"];
  });
  return { lines: table(["answer of all time", "result"], rows), differences };
}
