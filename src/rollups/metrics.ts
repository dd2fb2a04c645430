import { DURATION_BOUNDS_NS, TOKEN_BOUNDS } from "../contract/buckets.ts";
import type { RequestFact, StoredFact, ToolFact } from "../contract/fact.ts";
import type { Fold, Json } from "../contract/fold.ts";
import type { Histogram, PackedHistogram } from "../lib/histogram.ts";
import { createHistogram, mergeHistogram, observe, packHistogram, unpackHistogram } from "../lib/histogram.ts";

/**
 * What Prometheus and OpenTelemetry readers need of the facts (contract §8), by every key that a fact had: exact. How
 * many of the keys get a label of their own is decided where they are rendered.
 */
export interface MetricsState {
  requests: Map<string, RequestSeries>;
  tools: Map<string, ToolSeries>;
  /** By platform. */
  messages: Map<string, MessageSeries>;
  /** Items of `/api/logs/errors`, by what made them. */
  errors: Map<string, ErrorSeries>;
}

interface Series {
  /** Epoch ms of the earliest fact of this key: an order of the keys that is the same after a restart. */
  firstMs: number;
}

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

interface ToolSeries extends Series {
  tool: string;
  /** Empty: succeeded. */
  errorType: string;
  durations: Histogram;
}

interface MessageSeries extends Series {
  platform: string;
  messages: number;
  responses: number;
}

interface ErrorSeries extends Series {
  source: string;
  count: number;
}

export const metricsFold: Fold<MetricsState> = {
  name: "metrics",
  version: 1,
  needs: 0,
  wholeOnly: true,
  zero: () => ({ requests: new Map(), tools: new Map(), messages: new Map(), errors: new Map() }),
  add(state, fact) {
    if (fact.kind === "request") addRequest(state, fact);
    else if (fact.kind === "tool") addTool(state, fact);
    else if (fact.kind === "message") {
      const series = messageSeries(state, fact.platform ?? "");
      series.firstMs = Math.min(series.firstMs, fact.timeMs);
      series.messages += 1;
      series.responses += fact.responses;
    }
    if (fact.errorItem) addError(state, fact);
  },
  merge(state, other) {
    for (const from of other.requests.values()) mergeRequest(requestSeries(state, from), from);
    for (const from of other.tools.values()) {
      const into = toolSeries(state, from.tool, from.errorType);
      into.firstMs = Math.min(into.firstMs, from.firstMs);
      mergeHistogram(into.durations, from.durations);
    }
    for (const from of other.messages.values()) {
      const into = messageSeries(state, from.platform);
      into.firstMs = Math.min(into.firstMs, from.firstMs);
      into.messages += from.messages;
      into.responses += from.responses;
    }
    for (const from of other.errors.values()) {
      const into = errorSeries(state, from.source);
      into.firstMs = Math.min(into.firstMs, from.firstMs);
      into.count += from.count;
    }
  },
  encode(state) {
    const { requests, tools, messages, errors } = state;
    if (requests.size + tools.size + messages.size + errors.size === 0) return undefined;
    return {
      r: sorted(requests).map((series) => encodeRequest(series)),
      t: sorted(tools).map((s) => [s.tool, s.errorType, s.firstMs, packHistogram(s.durations)]),
      m: sorted(messages).map((s) => [s.platform, s.firstMs, s.messages, s.responses]),
      e: sorted(errors).map((s) => [s.source, s.firstMs, s.count]),
    };
  },
  decode(json) {
    const rows = json as unknown as Encoded;
    const state = metricsFold.zero();
    for (const row of rows.r) decodeRequest(state, row);
    for (const [tool, errorType, firstMs, durations] of rows.t) {
      Object.assign(toolSeries(state, tool, errorType), {
        firstMs,
        durations: unpackHistogram(durations, DURATION_BOUNDS_NS),
      });
    }
    for (const [platform, firstMs, messages, responses] of rows.m) {
      Object.assign(messageSeries(state, platform), { firstMs, messages, responses });
    }
    for (const [source, firstMs, count] of rows.e) Object.assign(errorSeries(state, source), { firstMs, count });
    return state;
  },
};

interface Encoded {
  r: EncodedRequest[];
  t: [string, string, number, PackedHistogram][];
  m: [string, number, number, number][];
  e: [string, number, number][];
}

type EncodedRequest = [
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

function addRequest(state: MetricsState, fact: StoredFact & RequestFact): void {
  const { operation, provider = "", model, channel } = fact;
  const series = requestSeries(state, { operation, provider, model, channel, errorType: errorTypeOf(fact) });
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

function addTool(state: MetricsState, fact: StoredFact & ToolFact): void {
  const series = toolSeries(state, fact.tool, errorTypeOf(fact));
  series.firstMs = Math.min(series.firstMs, fact.timeMs);
  observe(series.durations, DURATION_BOUNDS_NS, fact.durationNs);
}

function addError(state: MetricsState, fact: StoredFact): void {
  const series = errorSeries(state, fact.kind);
  series.firstMs = Math.min(series.firstMs, fact.timeMs);
  series.count += 1;
}

function errorTypeOf(fact: RequestFact | ToolFact): string {
  return fact.failed ? (fact.errorType ?? "_OTHER") : "";
}

function requestSeries(state: MetricsState, key: RequestKey): RequestSeries {
  const { operation, provider, model, channel, errorType } = key;
  // The lengths keep apart what the concatenation alone would make equal.
  const lengths = `${operation.length} ${provider.length} ${model.length} ${channel.length} `;
  const name = lengths + operation + provider + model + channel + errorType;
  let series = state.requests.get(name);
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
    state.requests.set(name, series);
  }
  return series;
}

function toolSeries(state: MetricsState, tool: string, errorType: string): ToolSeries {
  const name = `${tool.length} ${tool}${errorType}`;
  let series = state.tools.get(name);
  if (series === undefined) {
    series = { tool, errorType, firstMs: Infinity, durations: createHistogram(DURATION_BOUNDS_NS) };
    state.tools.set(name, series);
  }
  return series;
}

function messageSeries(state: MetricsState, platform: string): MessageSeries {
  let series = state.messages.get(platform);
  if (series === undefined) {
    series = { platform, firstMs: Infinity, messages: 0, responses: 0 };
    state.messages.set(platform, series);
  }
  return series;
}

function errorSeries(state: MetricsState, source: string): ErrorSeries {
  let series = state.errors.get(source);
  if (series === undefined) {
    series = { source, firstMs: Infinity, count: 0 };
    state.errors.set(source, series);
  }
  return series;
}

function mergeRequest(into: RequestSeries, from: RequestSeries): void {
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

function sorted<S>(map: Map<string, S>): S[] {
  return [...map.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, series]) => series);
}

function encodeRequest(s: RequestSeries): Json[] {
  const histograms = [s.durations, s.firstChunks, s.inputs, s.outputs].map((histogram) => packHistogram(histogram));
  const tokens = [s.inputTokens, s.outputTokens, s.cachedTokens, s.cacheCreationTokens, s.reasoningTokens];
  const key = [s.operation, s.provider, s.model, s.channel, s.errorType];
  return [...key, s.firstMs, ...histograms, [...tokens, s.usageMissing]];
}

function decodeRequest(state: MetricsState, row: EncodedRequest): void {
  const [operation, provider, model, channel, errorType, firstMs, durations, firstChunks, inputs, outputs, sums] = row;
  const series = requestSeries(state, { operation, provider, model, channel, errorType });
  series.firstMs = firstMs;
  series.durations = unpackHistogram(durations, DURATION_BOUNDS_NS);
  series.firstChunks = unpackHistogram(firstChunks, DURATION_BOUNDS_NS);
  series.inputs = unpackHistogram(inputs, TOKEN_BOUNDS);
  series.outputs = unpackHistogram(outputs, TOKEN_BOUNDS);
  [series.inputTokens = 0, series.outputTokens = 0, series.cachedTokens = 0] = sums;
  [, , , series.cacheCreationTokens = 0, series.reasoningTokens = 0, series.usageMissing = 0] = sums;
}
