import type { Fact, StoredFact } from "../contract/fact.ts";
import { NONE } from "./span-table.ts";
import type { Trace, Traces } from "./traces.ts";

/** What a later fact or record of the same span knows about an error item, for where it has none. */
export interface ItemFill {
  row: number;
  stack?: string;
  channel?: string;
  model?: string;
}

/** @returns whether the fact is in `/api/logs/errors`, alone or with another one (contract §4). */
export function isError(fact: Fact): boolean {
  if (fact.kind === "log") return fact.level === "error";
  return fact.kind !== "message" && fact.failed;
}

/**
 * "A record and a failed fact of the same span are one item" (contract §4): the second of them fills the first.
 * Two records of a span that did not fail are two items.
 */
export function makesItem(traces: Traces, trace: Trace | undefined, fact: StoredFact, fills: ItemFill[]): boolean {
  if (trace === undefined || fact.spanId === undefined) return true;
  const { spans } = traces;
  const span = traces.span(trace, fact.spanId);
  const failed = fact.kind !== "log";
  const item = spans.itemOf(span);
  if (item === NONE) {
    spans.setItem(span, fact.row, failed);
    return true;
  }
  if (failed === spans.itemHasFailed(span)) return true;
  if (failed) spans.failItem(span);
  const { stack } = fact as { stack?: string };
  const { channel, model } = fact as { channel?: string; model?: string };
  if (stack ?? channel ?? model) fills.push({ row: item, stack, channel, model });
  return false;
}
