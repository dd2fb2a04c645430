import { createRequire } from "node:module";
import { logs, ROOT_CONTEXT, SeverityNumber, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";
import type { Context, HrTime, Span } from "@opentelemetry/api";
import * as sdk from "@opentelemetry/sdk-trace";
import type { Item, RecordItem, SpanItem } from "../oracle/items.ts";

/**
 * Makes real spans and log records of items, through the OpenTelemetry API as any instrumentation would: with times and
 * ids as given, ended in the order of the list.
 */
export function feed(items: readonly Item[]): void {
  for (const item of items) {
    if (item.type === "span") endSpan(item);
    else emitRecord(item);
  }
}

interface NextIds {
  traceId?: string;
  spanId?: string;
}

/** What the SDK's generator gives next, so that a span has the ids that the oracle knows it by. */
const next: NextIds = {};

function takeOver(generator: { generateTraceId: () => string; generateSpanId: () => string }): void {
  const { generateTraceId, generateSpanId } = generator;
  generator.generateTraceId = () => next.traceId ?? generateTraceId();
  generator.generateSpanId = () => next.spanId ?? generateSpanId();
}

const required = createRequire(import.meta.url)("@opentelemetry/sdk-trace") as typeof sdk;
for (const copy of new Set([sdk, required])) takeOver(copy.RandomIdGenerator.prototype);

function hrTime(ns: bigint): HrTime {
  return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
}

function within(traceId: string | undefined, spanId: string | undefined): Context {
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
}

function startSpan({ traceId, spanId, parentId, name, startNs, attributes }: SpanItem): Span {
  Object.assign(next, { traceId, spanId });
  try {
    const options = { startTime: hrTime(startNs), attributes: attributes as Record<string, string> };
    return trace.getTracer("oracle").startSpan(name, options, within(traceId, parentId));
  } finally {
    Object.assign(next, { traceId: undefined, spanId: undefined });
  }
}

function endSpan(item: SpanItem): void {
  const span = startSpan(item);
  const { traceId, spanId } = span.spanContext();
  if (traceId !== item.traceId || spanId !== item.spanId) throw new Error("the SDK gave the span other ids");
  const { exception } = item;
  if (exception) {
    span.addEvent("exception", {
      "exception.type": exception.type,
      "exception.message": exception.message,
      "exception.stacktrace": exception.stacktrace,
    });
  }
  if (item.error) span.setStatus({ code: SpanStatusCode.ERROR, message: item.statusMessage });
  span.end(hrTime(item.endNs));
}

const severities = Object.values(SeverityNumber).filter((value) => typeof value === "number");

function emitRecord({ timeNs, severity, body, eventName, attributes, traceId, spanId }: RecordItem): void {
  logs.getLogger("oracle").emit({
    timestamp: hrTime(timeNs),
    severityNumber: severities[severity],
    body,
    eventName,
    attributes,
    context: within(traceId, spanId),
  });
}
