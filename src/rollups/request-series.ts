import { DURATION_BOUNDS_NS, TOKEN_BOUNDS } from "../contract/buckets.ts";
import type { RequestFact, ToolFact } from "../contract/fact.ts";
import type { Json } from "../contract/fold.ts";
import type { Histogram, PackedHistogram } from "../lib/histogram.ts";
import { createHistogram, mergeHistogram, observe, packHistogram, unpackHistogram } from "../lib/histogram.ts";

export interface Series {
  /** Epoch ms of the earliest fact of this key: an order of the keys that is the same after a restart. */
  firstMs: number;
}

/** Requests of one operation, provider, model, channel and outcome. */
export interface RequestSeries extends Series {
  operation: string;
  /** Empty: not said. */
  provider: string;
  model: string;
  channel: string;
  /** Empty: succeeded. */
  errorType: string;
  durations: Histogram;
  firstChunks: Histogram;
  /** Of the requests that reported usage, as are {@link outputs}. */
  inputs: Histogram;
  outputs: Histogram;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  cacheCreationTokens: number;
  reasoningTokens: number;
  usageMissing: number;
}

/** By a name that is made of the key. */
export type RequestMap = Map<string, RequestSeries>;

export type EncodedRequest = [
  string,
  string,
  string,
  string,
  string,
  number,
  PackedHistogram,
  PackedHistogram,
  PackedHistogram,
  PackedHistogram,
  number[],
];

type RequestKey = Pick<RequestSeries, "operation" | "provider" | "model" | "channel" | "errorType">;

export function addRequest(requests: RequestMap, fact: RequestFact): void {
  const { operation, provider = "", model, channel } = fact;
  const series = requestSeries(requests, { operation, provider, model, channel, errorType: errorTypeOf(fact) });
  series.firstMs = Math.min(series.firstMs, fact.timeMs);
  observe(series.durations, DURATION_BOUNDS_NS, fact.durationNs);
  if (fact.firstChunkNs !== undefined) observe(series.firstChunks, DURATION_BOUNDS_NS, fact.firstChunkNs);
  if (fact.usageMissing) series.usageMissing += 1;
  else {
    observe(series.inputs, TOKEN_BOUNDS, fact.inputTokens);
    // An embedding has no output; a chat answer of 0 tokens is one.
    if (fact.outputTokens > 0 || operation !== "embeddings") observe(series.outputs, TOKEN_BOUNDS, fact.outputTokens);
  }
  series.inputTokens += fact.inputTokens;
  series.outputTokens += fact.outputTokens;
  series.cachedTokens += fact.cachedTokens;
  series.cacheCreationTokens += fact.cacheCreationTokens;
  series.reasoningTokens += fact.reasoningTokens;
}

export function mergeRequest(requests: RequestMap, from: RequestSeries): void {
  const into = requestSeries(requests, from);
  into.firstMs = Math.min(into.firstMs, from.firstMs);
  mergeHistogram(into.durations, from.durations);
  mergeHistogram(into.firstChunks, from.firstChunks);
  mergeHistogram(into.inputs, from.inputs);
  mergeHistogram(into.outputs, from.outputs);
  into.inputTokens += from.inputTokens;
  into.outputTokens += from.outputTokens;
  into.cachedTokens += from.cachedTokens;
  into.cacheCreationTokens += from.cacheCreationTokens;
  into.reasoningTokens += from.reasoningTokens;
  into.usageMissing += from.usageMissing;
}

export function encodeRequest(s: RequestSeries): Json[] {
  const histograms = [s.durations, s.firstChunks, s.inputs, s.outputs].map((histogram) => packHistogram(histogram));
  const tokens = [s.inputTokens, s.outputTokens, s.cachedTokens, s.cacheCreationTokens, s.reasoningTokens];
  const key = [s.operation, s.provider, s.model, s.channel, s.errorType];
  return [...key, s.firstMs, ...histograms, [...tokens, s.usageMissing]];
}

export function decodeRequest(requests: RequestMap, row: EncodedRequest): void {
  const [operation, provider, model, channel, errorType, firstMs, durations, firstChunks, inputs, outputs, sums] = row;
  const series = requestSeries(requests, { operation, provider, model, channel, errorType });
  series.firstMs = firstMs;
  series.durations = unpackHistogram(durations, DURATION_BOUNDS_NS);
  series.firstChunks = unpackHistogram(firstChunks, DURATION_BOUNDS_NS);
  series.inputs = unpackHistogram(inputs, TOKEN_BOUNDS);
  series.outputs = unpackHistogram(outputs, TOKEN_BOUNDS);
  [series.inputTokens = 0, series.outputTokens = 0, series.cachedTokens = 0] = sums;
  [, , , series.cacheCreationTokens = 0, series.reasoningTokens = 0, series.usageMissing = 0] = sums;
}

function requestSeries(requests: RequestMap, key: RequestKey): RequestSeries {
  const { operation, provider, model, channel, errorType } = key;
  // The lengths keep apart what the concatenation alone would make equal.
  const lengths = `${operation.length} ${provider.length} ${model.length} ${channel.length} `;
  const name = lengths + operation + provider + model + channel + errorType;
  let series = requests.get(name);
  if (series === undefined) {
    series = {
      operation,
      provider,
      model,
      channel,
      errorType,
      firstMs: Infinity,
      durations: createHistogram(DURATION_BOUNDS_NS),
      firstChunks: createHistogram(DURATION_BOUNDS_NS),
      inputs: createHistogram(TOKEN_BOUNDS),
      outputs: createHistogram(TOKEN_BOUNDS),
      inputTokens: 0,
      outputTokens: 0,
      cachedTokens: 0,
      cacheCreationTokens: 0,
      reasoningTokens: 0,
      usageMissing: 0,
    };
    requests.set(name, series);
  }
  return series;
}

/** @returns empty where the call succeeded */
export function errorTypeOf(fact: RequestFact | ToolFact): string {
  return fact.failed ? (fact.errorType ?? "_OTHER") : "";
}
