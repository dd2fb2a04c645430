import { createRequire } from "node:module";
import { logs, ROOT_CONTEXT, SeverityNumber, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";
import type { Context, HrTime, Span } from "@opentelemetry/api";
import * as sdk from "@opentelemetry/sdk-trace";
import type { Item, RecordItem, SpanItem } from "../oracle/items.ts";

/**
 * Ends spans and emits log records through the OpenTelemetry API as any instrumentation would: with times and ids as
 * given, in the order of the list. Spans that were not begun before are begun first.
 */
export function feed(items: readonly Item[]): void {
  begin(items);
  for (const item of items) {
    if (item.type === "span") endSpan(item);
    else emitRecord(item);
  }
}

/** Spans that were begun and not ended yet, by their item; one that is delivered twice is begun twice. */
const begun = new Map<string, Span[]>();
/** Every span by its ids, for its children. */
const spans = new Map<string, Span>();

/** Begins spans, parents before their children. */
export function begin(items: readonly Item[]): void {
  const due = new Map<string, SpanItem>();
  const wanted = new Map<string, number>();
  for (const item of items) {
    if (item.type !== "span") continue;
    due.set(idOf(item), due.get(idOf(item)) ?? item);
    wanted.set(keyOf(item), (wanted.get(keyOf(item)) ?? 0) + 1);
  }
  const startOne = (item: SpanItem): void => {
    const parent = item.parentId && due.get(idOf({ traceId: item.traceId, spanId: item.parentId }));
    if (parent && !spans.has(idOf(parent))) startOne(parent);
    const open = begun.get(keyOf(item)) ?? [];
    begun.set(keyOf(item), open);
    while (open.length < wanted.get(keyOf(item))!) open.push(startSpan(item));
  };
  for (const item of items) if (item.type === "span") startOne(item);
}

const idOf = ({ traceId, spanId }: { traceId: string; spanId: string }): string => `${traceId}/${spanId}`;
const keyOf = (item: SpanItem): string => `${idOf(item)}/${item.endNs}`;

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

/** The context of a span: of this process, or of one that it heard of. */
function within(traceId: string | undefined, spanId: string | undefined): Context {
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  const known = spans.get(idOf({ traceId, spanId }));
  if (known) return trace.setSpan(ROOT_CONTEXT, known);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
}

function startSpan(item: SpanItem): Span {
  const { traceId, spanId, parentId, name, startNs, attributes } = item;
  Object.assign(next, { traceId, spanId });
  const options = { startTime: hrTime(startNs), attributes: attributes as Record<string, string> };
  const span = trace.getTracer("oracle").startSpan(name, options, within(traceId, parentId));
  Object.assign(next, { traceId: undefined, spanId: undefined });
  const given = span.spanContext();
  if (given.traceId !== traceId || given.spanId !== spanId) throw new Error("the SDK gave the span other ids");
  if (!spans.has(idOf(item))) spans.set(idOf(item), span);
  return span;
}

function endSpan(item: SpanItem): void {
  const span = begun.get(keyOf(item))!.shift()!;
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
