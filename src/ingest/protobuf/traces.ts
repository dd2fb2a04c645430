import type { Instant, SpanEvent, SpanShape } from "../../contract/span.ts";
import type { Spans } from "../decoded.ts";
import { createBudget, takeItem, type Budget, type Limits } from "../limits.ts";
import {
  cursorOf,
  ending,
  FIXED64,
  fields,
  instant,
  LENGTH,
  message,
  skip,
  tag,
  varint,
  type Cursor,
} from "./cursor.ts";
import { createNames, createTexts, type Names } from "./texts.ts";
import { createValues, type MutableAttributes, type Values } from "./values.ts";

/** ExportTraceServiceRequest. @throws {BotelError} INVALID_PARAMETER, PAYLOAD_TOO_LARGE */
export type ReadTraces = (bytes: Buffer, limits: Limits) => Spans;

/** @param attributes names that are read; what else a span or its exceptions hold is stepped over */
export function createTraceReader(attributes: Iterable<string>): ReadTraces {
  const names = createNames(attributes);
  const texts = createTexts();
  return (bytes, limits) => {
    const budget = createBudget(limits);
    const reading: Reading = { budget, names, values: createValues(budget, texts), spans: [], tooLarge: 0 };
    const cursor = cursorOf(bytes);
    fields(cursor, (announced) => announced === RESOURCE_SPANS && resourceSpans(cursor, reading));
    return { spans: reading.spans, tooLarge: reading.tooLarge };
  };
}

interface Reading extends Spans {
  budget: Budget;
  names: Names;
  values: Values;
}

/** Twice over its fields: the resource may stand behind its spans. */
function resourceSpans(cursor: Cursor, reading: Reading): true {
  const resource: MutableAttributes = {};
  const start = cursor.at;
  message(cursor, (announced) => announced === RESOURCE && readResource(cursor, reading, resource));
  cursor.at = start;
  message(cursor, (announced) => announced === SCOPE_SPANS && scopeSpans(cursor, reading, resource));
  return true;
}

function readResource(cursor: Cursor, { values, names }: Reading, into: MutableAttributes): true {
  message(cursor, (announced) => announced === RESOURCE_ATTRIBUTE && values.keyValue(cursor, into, names) > 0);
  return true;
}

function scopeSpans(cursor: Cursor, reading: Reading, resource: MutableAttributes): true {
  message(cursor, (announced) => announced === SPAN && readSpan(cursor, reading, resource));
  return true;
}

const NO_EVENTS: readonly SpanEvent[] = [];

function readSpan(cursor: Cursor, reading: Reading, resource: MutableAttributes): true {
  takeItem(reading.budget);
  const { values, names, budget } = reading;
  const attributes: MutableAttributes = {};
  let [traceId, spanId, parentId, name] = ["", "", undefined as string | undefined, ""];
  let [start, end]: Instant[] = [NO_TIME, NO_TIME];
  let events: SpanEvent[] | undefined;
  let status: Status = { error: false };
  let held = 0;
  const outer = cursor.end;
  cursor.end = ending(cursor);
  while (cursor.at < cursor.end) {
    const announced = tag(cursor);
    if (announced === ATTRIBUTE) held += values.keyValue(cursor, attributes, names);
    else if (announced === TRACE_ID) traceId = id(cursor, 16);
    else if (announced === SPAN_ID) spanId = id(cursor, 8);
    else if (announced === PARENT_ID) parentId = id(cursor, 8) || undefined;
    else if (announced === NAME) name = values.text(cursor);
    else if (announced === START) start = instant(cursor);
    else if (announced === END) end = instant(cursor);
    else if (announced === EVENT) {
      const event = readEvent(cursor, reading);
      held += event.held;
      if (event.name === "exception") (events ??= []).push(event);
    } else if (announced === STATUS) status = readStatus(cursor, values);
    else skip(cursor, announced);
  }
  cursor.end = outer;
  if (held > budget.limits.maxAttributes) reading.tooLarge += 1;
  else {
    const times = { start: start!, end: end! };
    const { error, statusMessage } = status;
    const shape: SpanShape = {
      traceId,
      spanId,
      parentId,
      name,
      ...times,
      error,
      statusMessage,
      attributes,
      events: events ?? NO_EVENTS,
      resource,
    };
    reading.spans.push(shape);
  }
  return true;
}

const NO_TIME: Instant = { ms: 0, ns: 0 };
const EXCEPTION = createNames(["exception"]);

/** Only an exception's attributes are read. */
function readEvent(cursor: Cursor, { values, names }: Reading): SpanEvent & { held: number } {
  const attributes: MutableAttributes = {};
  let [name, held] = ["", 1];
  const start = cursor.at;
  message(cursor, (announced) => {
    if (announced !== EVENT_NAME) return false;
    const end = ending(cursor);
    name = EXCEPTION.find(cursor.bytes, cursor.at, end) ?? "";
    cursor.at = end;
    return true;
  });
  if (name === "") return { name, attributes, held };
  cursor.at = start;
  message(cursor, (announced) => {
    if (announced !== EVENT_ATTRIBUTE) return false;
    held += values.keyValue(cursor, attributes, names);
    return true;
  });
  return { name, attributes, held };
}

interface Status {
  error: boolean;
  statusMessage?: string;
}

function readStatus(cursor: Cursor, values: Values): Status {
  const status: Status = { error: false };
  message(cursor, (announced) => {
    if (announced === STATUS_MESSAGE) status.statusMessage = values.text(cursor) || undefined;
    else if (announced === STATUS_CODE) status.error = varint(cursor) === STATUS_ERROR;
    else return false;
    return true;
  });
  return status;
}

/** @returns lower-case hex digits; empty where it has not the length that it must have. */
export function id(cursor: Cursor, length: number): string {
  const end = ending(cursor);
  const text = end - cursor.at === length ? cursor.bytes.toString("hex", cursor.at, end) : "";
  cursor.at = end;
  return text;
}

// ExportTraceServiceRequest, ResourceSpans, ScopeSpans, Resource
const RESOURCE_SPANS = (1 << 3) | LENGTH;
const RESOURCE = (1 << 3) | LENGTH;
const SCOPE_SPANS = (2 << 3) | LENGTH;
const SPAN = (2 << 3) | LENGTH;
const RESOURCE_ATTRIBUTE = (1 << 3) | LENGTH;
// Span
const TRACE_ID = (1 << 3) | LENGTH;
const SPAN_ID = (2 << 3) | LENGTH;
const PARENT_ID = (4 << 3) | LENGTH;
const NAME = (5 << 3) | LENGTH;
const START = (7 << 3) | FIXED64;
const END = (8 << 3) | FIXED64;
const ATTRIBUTE = (9 << 3) | LENGTH;
const EVENT = (11 << 3) | LENGTH;
const STATUS = (15 << 3) | LENGTH;
// Span.Event, Status
const EVENT_NAME = (2 << 3) | LENGTH;
const EVENT_ATTRIBUTE = (3 << 3) | LENGTH;
const STATUS_MESSAGE = (2 << 3) | LENGTH;
const STATUS_CODE = 3 << 3;
const STATUS_ERROR = 2;
