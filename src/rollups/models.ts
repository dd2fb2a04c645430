import { compareCodePoints } from "../lib/order.ts";
import { tokensOf } from "./activity.ts";
import { meanMs, restNs, wholeMs } from "./sum.ts";
import { increase, tableFold } from "./table.ts";
import type { Table } from "./table.ts";

/** By model; latencies are of the requests that succeeded. */
export type ModelsState = Table<"requests" | "errors" | "tokens" | "latencyMs" | "latencyNs">;

export const modelsFold = tableFold({
  name: "models",
  version: 1,
  needs: 0,
  wholeOnly: false,
  columns: { requests: "sum", errors: "sum", tokens: "sum", latencyMs: "sum", latencyNs: "sum" },
  rowOf: (fact) => (fact.kind === "request" ? fact.model : undefined),
  add(models, row, fact) {
    if (fact.kind !== "request") return;
    increase(models.requests, row, 1);
    increase(models.tokens, row, tokensOf(fact));
    if (fact.failed) {
      increase(models.errors, row, 1);
      return;
    }
    increase(models.latencyMs, row, wholeMs(fact.durationNs));
    increase(models.latencyNs, row, restNs(fact.durationNs));
  },
});

export interface ModelUse {
  model: string;
  requests: number;
  tokens: number;
  /** Mean ms of the requests that succeeded; 0 where none did. */
  avgLatency: number;
  errors: number;
}

/** @returns every model, by requests, descending, ties by name. */
export function readModels(state: ModelsState): ModelUse[] {
  const rows = state.names.map((model, row) => {
    const [requests, errors] = [state.requests[row] as number, state.errors[row] as number];
    const avgLatency = meanMs(state.latencyMs[row] as number, state.latencyNs[row] as number, requests - errors);
    return { model, requests, tokens: state.tokens[row] as number, avgLatency, errors };
  });
  return rows.sort((a, b) => b.requests - a.requests || compareCodePoints(a.model, b.model));
}
