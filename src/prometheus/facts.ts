import type { MetricsState } from "../rollups/metrics.ts";
import type { RequestSeries } from "../rollups/request-series.ts";
import { countOf } from "../lib/histogram.ts";
import type { ExemplarStore } from "./exemplars.ts";
import { requestLabels } from "./fact-labels.ts";
import { UNKNOWN } from "./labels.ts";
import type { Points } from "./points.ts";

/**
 * The points of the stored facts, asked in the order of their keys' first facts.
 *
 * Sums here and the totals of the JSON answers are of one and the same fold (contract §8).
 */
export function addFacts(points: Points, state: MetricsState, exemplars: Pick<ExemplarStore, "of">): void {
  for (const series of inOrder(state.requests)) addRequests(points, series, exemplars);
  for (const { from, to, count } of inOrder(state.failovers)) points.add("failovers", [from, to], count);
  for (const { tool, errorType, durations } of inOrder(state.tools)) {
    const labels = [tool, errorType || undefined];
    points.add("toolDuration", labels, durations, exemplars.of("toolDuration", labels));
    points.add("toolCalls", labels, countOf(durations));
  }
  for (const series of inOrder(state.messages)) {
    const labels = [series.platform || UNKNOWN];
    points.add("messages", labels, series.messages);
    points.add("responses", labels, series.responses);
    if (countOf(series.waits) > 0) {
      points.add("responseWait", labels, series.waits, exemplars.of("responseWait", labels));
    }
  }
  for (const { source, errorType, channel, count } of inOrder(state.errors)) {
    points.add("errors", [source, errorType || undefined, channel || undefined], count);
  }
}

function addRequests(points: Points, series: RequestSeries, exemplars: Pick<ExemplarStore, "of">): void {
  const request = requestLabels(series);
  const [, ...call] = request;
  const outcome = [...request, series.errorType || undefined];
  points.add("operationDuration", outcome, series.durations, exemplars.of("operationDuration", outcome));
  points.add("requests", outcome, countOf(series.durations));
  if (countOf(series.firstChunks) > 0) {
    points.add("firstChunk", request, series.firstChunks, exemplars.of("firstChunk", request));
  }
  if (countOf(series.inputs) > 0) points.add("tokenUsage", [...request, "input"], series.inputs);
  if (countOf(series.outputs) > 0) points.add("tokenUsage", [...request, "output"], series.outputs);
  points.add("tokens", [...call, "input"], series.inputTokens);
  points.add("tokens", [...call, "output"], series.outputTokens);
  if (series.cachedTokens > 0) points.add("tokenParts", [...call, "cache_read"], series.cachedTokens);
  if (series.cacheCreationTokens > 0) points.add("tokenParts", [...call, "cache_creation"], series.cacheCreationTokens);
  if (series.reasoningTokens > 0) points.add("tokenParts", [...call, "reasoning"], series.reasoningTokens);
  if (series.usageMissing > 0) points.add("usageMissing", call, series.usageMissing);
}

/** @returns epoch ms of the earliest fact; undefined where there is none. */
export function firstFactMs(state: MetricsState): number | undefined {
  // A failover is a request.
  const maps = [state.requests, state.tools, state.messages, state.errors];
  let first = Infinity;
  for (const map of maps) for (const { firstMs } of map.values()) first = Math.min(first, firstMs);
  return first === Infinity ? undefined : first;
}

/** By the time of the first fact, equal ones by key: the same order after a restart. */
function inOrder<Series extends { firstMs: number }>(map: Map<string, Series>): Series[] {
  return [...map].sort(([a, x], [b, y]) => x.firstMs - y.firstMs || (a < b ? -1 : 1)).map(([, series]) => series);
}
