import type { Attributes, SpanEvent, SpanShape } from "../../contract/span.ts";
import type { Spans } from "../decoded.ts";
import { createBudget, takeItem, type Budget } from "../limits.ts";
import type { ReadTraces } from "../protobuf/traces.ts";
import { listAt, objectAt, optionalObject, parseJson, textAt } from "./parse.ts";
import { attributesAt, idAt, instantAt } from "./values.ts";

/** The same as `createTraceReader` of protobuf, from JSON. */
export function createTraceReader(attributes: Iterable<string>): ReadTraces {
  const names = new Set(attributes);
  return (bytes, limits) => {
    const reading: Reading = { budget: createBudget(limits), names, spans: [], tooLarge: 0 };
    for (const each of listAt(parseJson(bytes).resourceSpans, "resourceSpans")) resourceSpans(each, reading);
    return { spans: reading.spans, tooLarge: reading.tooLarge };
  };
}

interface Reading extends Spans {
  budget: Budget;
  names: ReadonlySet<string>;
}

function resourceSpans(value: unknown, reading: Reading): void {
  const { resource, scopeSpans } = objectAt(value, "an item of resourceSpans");
  const given = optionalObject(resource, "resource").attributes;
  const { attributes } = attributesAt(given, "resource.attributes", reading.budget, reading.names);
  for (const scope of listAt(scopeSpans, "scopeSpans")) {
    for (const span of listAt(objectAt(scope, "an item of scopeSpans").spans, "spans")) {
      readSpan(span, attributes, reading);
    }
  }
}

const NO_TIME = { ms: 0, ns: 0 };

function readSpan(value: unknown, resource: Attributes, reading: Reading): void {
  const { budget, names } = reading;
  takeItem(budget);
  const span = objectAt(value, "a span");
  const { attributes, held } = attributesAt(span.attributes, "a span's attributes", budget, names);
  const before = budget.values;
  const events = eventsOf(span.events, reading);
  if (held + budget.values - before > budget.limits.maxAttributes) {
    reading.tooLarge += 1;
    return;
  }
  const { code, message } = optionalObject(span.status, "a span's status");
  const shape: SpanShape = {
    traceId: idAt(span.traceId, 32, "traceId"),
    spanId: idAt(span.spanId, 16, "spanId"),
    parentId: idAt(span.parentSpanId, 16, "parentSpanId") || undefined,
    name: textAt(span.name, "a span's name") ?? "",
    start: instantAt(span.startTimeUnixNano, "startTimeUnixNano") ?? NO_TIME,
    end: instantAt(span.endTimeUnixNano, "endTimeUnixNano") ?? NO_TIME,
    error: code === 2 || code === "STATUS_CODE_ERROR",
    statusMessage: textAt(message, "a status message"),
    attributes,
    events,
    resource,
  };
  reading.spans.push(shape);
}

/** The exceptions; of other events nothing is read. */
function eventsOf(value: unknown, { budget, names }: Reading): SpanEvent[] {
  const exceptions: SpanEvent[] = [];
  for (const each of listAt(value, "a span's events")) {
    budget.values += 1;
    const { name, attributes: given } = objectAt(each, "an event");
    if (name !== "exception") continue;
    const { attributes } = attributesAt(given, "an event's attributes", budget, names);
    exceptions.push({ name, attributes });
  }
  return exceptions;
}
