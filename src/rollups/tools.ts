import { compareCodePoints } from "../lib/order.ts";
import { meanMs, rate, restNs, wholeMs } from "./sum.ts";
import { increase, tableFold } from "./table.ts";
import type { Table } from "./table.ts";

/** By tool; durations are of all calls, failed ones too. */
export type ToolsState = Table<"calls" | "failed" | "durationMs" | "durationNs">;

export const toolsFold = tableFold({
  name: "tools",
  version: 1,
  needs: 0,
  wholeOnly: false,
  columns: { calls: "sum", failed: "sum", durationMs: "sum", durationNs: "sum" },
  rowOf: (fact) => (fact.kind === "tool" ? fact.tool : undefined),
  add(tools, row, fact) {
    if (fact.kind !== "tool") return;
    increase(tools.calls, row, 1);
    if (fact.failed) increase(tools.failed, row, 1);
    increase(tools.durationMs, row, wholeMs(fact.durationNs));
    increase(tools.durationNs, row, restNs(fact.durationNs));
  },
});

export interface ToolUse {
  name: string;
  calls: number;
  /** Mean ms of all calls. */
  avgDuration: number;
  /** 0…1, at most 4 decimals; 1 only where nothing failed. */
  successRate: number;
}

/** @returns every tool, by calls, descending, ties by name. */
export function readTools(state: ToolsState): ToolUse[] {
  const rows = state.names.map((name, row) => {
    const calls = state.calls[row] as number;
    const avgDuration = meanMs(state.durationMs[row] as number, state.durationNs[row] as number, calls);
    return { name, calls, avgDuration, successRate: rate(calls - (state.failed[row] as number), calls) };
  });
  return rows.sort((a, b) => b.calls - a.calls || compareCodePoints(a.name, b.name));
}
