import type { MetricsState, RequestSeries } from "../rollups/metrics.ts";
import { countOf } from "../lib/histogram.ts";
import { UNKNOWN } from "./labels.ts";
import type { Points } from "./points.ts";

/**
 * The points of the stored facts, asked in the order of their keys' first facts.
 *
 * Sums here and the totals of the JSON answers are of one and the same fold (contract §8).
 */
export function addFacts(points: Points, state: MetricsState): void {
  for (const series of inOrder(state.requests)) addRequests(points, series);
  for (const { tool, errorType, durations } of inOrder(state.tools)) {
    const labels = [tool, errorType || undefined];
    points.add("toolDuration", labels, durations);
    points.add("toolCalls", labels, countOf(durations));
  }
  for (const { platform, messages, responses } of inOrder(state.messages)) {
    points.add("messages", [platform || UNKNOWN], messages);
    points.add("responses", [platform || UNKNOWN], responses);
  }
  for (const { source, count } of inOrder(state.errors)) points.add("errors", [source], count);
}

function addRequests(points: Points, series: RequestSeries): void {
  const { operation, model, channel, errorType } = series;
  const provider = series.provider || UNKNOWN;
  const [request, call] = [
    [operation, provider, model, channel],
    [provider, model, channel],
  ];
  const outcome = [...request, errorType || undefined];
  points.add("operationDuration", outcome, series.durations);
  points.add("requests", outcome, countOf(series.durations));
  if (countOf(series.firstChunks) > 0) points.add("firstChunk", request, series.firstChunks);
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
  const maps = [state.requests, state.tools, state.messages, state.errors];
  let first = Infinity;
  for (const map of maps) for (const { firstMs } of map.values()) first = Math.min(first, firstMs);
  return first === Infinity ? undefined : first;
}

/** By the time of the first fact, equal ones by key: the same order after a restart. */
function inOrder<Series extends { firstMs: number }>(map: Map<string, Series>): Series[] {
  return [...map].sort(([a, x], [b, y]) => x.firstMs - y.firstMs || (a < b ? -1 : 1)).map(([, series]) => series);
}
