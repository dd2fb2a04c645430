import { DURATION_BOUNDS_NS } from "../contract/buckets.ts";
import type { MessageFact, RequestFact, StoredFact, ToolFact } from "../contract/fact.ts";
import type { Fold } from "../contract/fold.ts";
import type { Histogram, PackedHistogram } from "../lib/histogram.ts";
import { createHistogram, mergeHistogram, observe, packHistogram, unpackHistogram } from "../lib/histogram.ts";
import { addRequest, decodeRequest, encodeRequest, errorTypeOf, mergeRequest } from "./request-series.ts";
import type { EncodedRequest, RequestMap, Series } from "./request-series.ts";

/**
 * What Prometheus and OpenTelemetry readers need of the facts (contract §8), by every key that a fact had: exact. How
 * many of the keys get a label of their own is decided where they are rendered.
 */
export interface MetricsState {
  requests: RequestMap;
  /** By the channel that failed and the one that was asked instead. */
  failovers: Map<string, FailoverSeries>;
  tools: Map<string, ToolSeries>;
  /** By platform. */
  messages: Map<string, MessageSeries>;
  /** Items of `/api/logs/errors`, by what made them, its `error.type` and its channel. */
  errors: Map<string, ErrorSeries>;
}

interface FailoverSeries extends Series {
  from: string;
  to: string;
  count: number;
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
  /** From a message to its first response, of those that say it. */
  waits: Histogram;
}

interface ErrorSeries extends Series {
  source: string;
  /** Empty: not said. */
  errorType: string;
  /** Empty: not said. */
  channel: string;
  count: number;
}

export const metricsFold: Fold<MetricsState> = {
  name: "metrics",
  version: 2,
  needs: 0,
  wholeOnly: true,
  zero: () => ({
    requests: new Map(),
    failovers: new Map(),
    tools: new Map(),
    messages: new Map(),
    errors: new Map(),
  }),
  add(state, fact) {
    if (fact.kind === "request") addCall(state, fact);
    else if (fact.kind === "tool") addTool(state, fact);
    else if (fact.kind === "message") addMessage(state, fact);
    if (fact.errorItem) addError(state, fact);
  },
  merge(state, other) {
    for (const from of other.requests.values()) mergeRequest(state.requests, from);
    for (const from of other.failovers.values()) addCount(failoverSeries(state, from.from, from.to), from);
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
      mergeHistogram(into.waits, from.waits);
    }
    for (const from of other.errors.values()) addCount(errorSeries(state, from), from);
  },
  encode(state) {
    const { requests, failovers, tools, messages, errors } = state;
    // A failover is a request.
    if (requests.size + tools.size + messages.size + errors.size === 0) return undefined;
    return {
      r: sorted(requests).map((series) => encodeRequest(series)),
      f: sorted(failovers).map((s) => [s.from, s.to, s.firstMs, s.count]),
      t: sorted(tools).map((s) => [s.tool, s.errorType, s.firstMs, packHistogram(s.durations)]),
      m: sorted(messages).map((s) => [s.platform, s.firstMs, s.messages, s.responses, packHistogram(s.waits)]),
      e: sorted(errors).map((s) => [s.source, s.errorType, s.channel, s.firstMs, s.count]),
    };
  },
  decode(json) {
    const rows = json as unknown as Encoded;
    const state = metricsFold.zero();
    for (const row of rows.r) decodeRequest(state.requests, row);
    for (const [from, to, firstMs, count] of rows.f) {
      Object.assign(failoverSeries(state, from, to), { firstMs, count });
    }
    for (const [tool, errorType, firstMs, packed] of rows.t) {
      const durations = unpackHistogram(packed, DURATION_BOUNDS_NS);
      Object.assign(toolSeries(state, tool, errorType), { firstMs, durations });
    }
    for (const [platform, firstMs, messages, responses, packed] of rows.m) {
      const waits = unpackHistogram(packed, DURATION_BOUNDS_NS);
      Object.assign(messageSeries(state, platform), { firstMs, messages, responses, waits });
    }
    for (const [source, errorType, channel, firstMs, count] of rows.e) {
      Object.assign(errorSeries(state, { source, errorType, channel }), { firstMs, count });
    }
    return state;
  },
};

interface Encoded {
  r: EncodedRequest[];
  f: [from: string, to: string, firstMs: number, count: number][];
  t: [tool: string, errorType: string, firstMs: number, durations: PackedHistogram][];
  m: [platform: string, firstMs: number, messages: number, responses: number, waits: PackedHistogram][];
  e: [source: string, errorType: string, channel: string, firstMs: number, count: number][];
}

function addCall(state: MetricsState, fact: RequestFact): void {
  addRequest(state.requests, fact);
  const { previousChannel: from, channel: to, timeMs: firstMs } = fact;
  if (from !== undefined && from !== to) addCount(failoverSeries(state, from, to), { firstMs, count: 1 });
}

function addTool(state: MetricsState, fact: ToolFact): void {
  const series = toolSeries(state, fact.tool, errorTypeOf(fact));
  series.firstMs = Math.min(series.firstMs, fact.timeMs);
  observe(series.durations, DURATION_BOUNDS_NS, fact.durationNs);
}

function addMessage(state: MetricsState, { platform = "", timeMs, responses, responseWaitNs }: MessageFact): void {
  const series = messageSeries(state, platform);
  series.firstMs = Math.min(series.firstMs, timeMs);
  series.messages += 1;
  series.responses += responses;
  if (responseWaitNs !== undefined) observe(series.waits, DURATION_BOUNDS_NS, responseWaitNs);
}

function addError(state: MetricsState, fact: StoredFact): void {
  const errorType = fact.kind === "request" || fact.kind === "tool" ? errorTypeOf(fact) : "";
  const channel = fact.kind === "request" || fact.kind === "log" ? (fact.channel ?? "") : "";
  addCount(errorSeries(state, { source: fact.kind, errorType, channel }), { firstMs: fact.timeMs, count: 1 });
}

function addCount(series: Series & { count: number }, from: Series & { count: number }): void {
  series.firstMs = Math.min(series.firstMs, from.firstMs);
  series.count += from.count;
}

function failoverSeries(state: MetricsState, from: string, to: string): FailoverSeries {
  return entry(state.failovers, nameOf([from, to]), () => ({ from, to, firstMs: Infinity, count: 0 }));
}

function toolSeries(state: MetricsState, tool: string, errorType: string): ToolSeries {
  const make = () => ({ tool, errorType, firstMs: Infinity, durations: createHistogram(DURATION_BOUNDS_NS) });
  return entry(state.tools, nameOf([tool, errorType]), make);
}

function messageSeries(state: MetricsState, platform: string): MessageSeries {
  const make = () => {
    return { platform, firstMs: Infinity, messages: 0, responses: 0, waits: createHistogram(DURATION_BOUNDS_NS) };
  };
  return entry(state.messages, platform, make);
}

type ErrorKey = Pick<ErrorSeries, "source" | "errorType" | "channel">;

function errorSeries(state: MetricsState, { source, errorType, channel }: ErrorKey): ErrorSeries {
  const make = () => ({ source, errorType, channel, firstMs: Infinity, count: 0 });
  return entry(state.errors, nameOf([source, errorType, channel]), make);
}

/** The lengths keep apart what the concatenation alone would make equal. */
function nameOf(parts: readonly string[]): string {
  let lengths = "";
  for (const part of parts) lengths += `${part.length} `;
  return lengths + parts.join("");
}

function entry<Value>(map: Map<string, Value>, name: string, make: () => Value): Value {
  let value = map.get(name);
  if (value === undefined) map.set(name, (value = make()));
  return value;
}

function sorted<S>(map: Map<string, S>): S[] {
  return [...map.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, series]) => series);
}
