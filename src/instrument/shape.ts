import { SpanStatusCode } from "@opentelemetry/api";
import type { HrTime } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Attributes, AttributeValue, Instant, RecordShape, SpanShape } from "../contract/span.ts";

/** The span as `facts/` reads it; it borrows the span's own objects. */
export function shapeOfSpan(span: ReadableSpan, resources: Resources): SpanShape {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    parentId: span.parentSpanContext?.spanId,
    name: span.name,
    start: instantOf(span.startTime),
    end: instantOf(span.endTime),
    error: span.status.code === SpanStatusCode.ERROR,
    statusMessage: span.status.message,
    attributes: span.attributes as Attributes,
    events: span.events as SpanShape["events"],
    resource: resources.of(span.resource),
  };
}

export function shapeOfRecord(record: ReadableLogRecord, resources: Resources): RecordShape {
  return {
    time: instantOf(record.hrTime),
    observed: instantOf(record.hrTimeObserved),
    severity: record.severityNumber,
    severityText: record.severityText,
    eventName: record.eventName,
    body: record.body as AttributeValue,
    attributes: record.attributes as Attributes,
    resource: resources.of(record.resource),
    traceId: record.spanContext?.traceId,
    spanId: record.spanContext?.spanId,
  };
}

function instantOf([seconds, nanos]: HrTime): Instant {
  const ms = Math.floor(nanos / 1e6);
  return { ms: seconds * 1000 + ms, ns: Math.floor(nanos - ms * 1e6) };
}

/** Attributes of resources. The SDK complains on every read while some are still awaited; here nobody waits. */
export interface Resources {
  of(resource: Resource): Attributes;
}

export function createResources(): Resources {
  let last: Resource | undefined;
  let attributes: Attributes = {};

  function of(resource: Resource): Attributes {
    if (resource === last) return attributes;
    if (resource.asyncAttributesPending !== true) {
      last = resource;
      attributes = resource.attributes as Attributes;
      return attributes;
    }
    resource.waitForAsyncAttributes?.().catch(() => undefined);
    const here = resource.getRawAttributes().filter(([, value]) => !(value instanceof Promise));
    // The first of two entries of a name is the one that counts.
    return Object.fromEntries(here.toReversed()) as Attributes;
  }

  return { of };
}
