import type { Instant, RecordShape } from "../../contract/span.ts";
import type { Records, Scope } from "../decoded.ts";
import { createBudget, takeItem, type Budget, type Limits } from "../limits.ts";
import { cursorOf, FIXED64, fields, instant, LENGTH, message, varint, type Cursor } from "./cursor.ts";
import { createTexts } from "./texts.ts";
import { id } from "./traces.ts";
import { createValues, type MutableAttributes, type Values } from "./values.ts";

export interface LogRecords {
  scopes: Records[];
  /** Records that hold more attributes than they may: they are refused. */
  tooLarge: number;
}

/** ExportLogsServiceRequest. @throws {BotelError} INVALID_PARAMETER, PAYLOAD_TOO_LARGE */
export type ReadLogs = (bytes: Buffer, limits: Limits) => LogRecords;

export function createLogReader(): ReadLogs {
  const texts = createTexts();
  return (bytes, limits) => {
    const budget = createBudget(limits);
    const reading: Reading = { budget, values: createValues(budget, texts), scopes: [], tooLarge: 0 };
    const cursor = cursorOf(bytes);
    fields(cursor, (announced) => announced === RESOURCE_LOGS && resourceLogs(cursor, reading));
    return { scopes: reading.scopes, tooLarge: reading.tooLarge };
  };
}

interface Reading extends LogRecords {
  budget: Budget;
  values: Values;
}

/** Twice over its fields: the resource may stand behind its records. */
function resourceLogs(cursor: Cursor, reading: Reading): true {
  const resource: MutableAttributes = {};
  const start = cursor.at;
  message(cursor, (announced) => announced === RESOURCE && readResource(cursor, reading.values, resource));
  cursor.at = start;
  message(cursor, (announced) => announced === SCOPE_LOGS && scopeLogs(cursor, reading, resource));
  return true;
}

function readResource(cursor: Cursor, values: Values, into: MutableAttributes): true {
  message(cursor, (announced) => announced === RESOURCE_ATTRIBUTE && values.keyValue(cursor, into) > 0);
  return true;
}

function scopeLogs(cursor: Cursor, reading: Reading, resource: MutableAttributes): true {
  const records: RecordShape[] = [];
  let scope: Scope = { attributes: {} };
  message(cursor, (announced) => {
    if (announced === SCOPE) scope = readScope(cursor, reading.values);
    else if (announced === RECORD) readRecord(cursor, reading, resource, records);
    else return false;
    return true;
  });
  reading.scopes.push({ resource, scope, records });
  return true;
}

function readScope(cursor: Cursor, values: Values): Scope {
  const attributes: MutableAttributes = {};
  const scope: Scope = { attributes };
  message(cursor, (announced) => {
    if (announced === SCOPE_NAME) scope.name = values.text(cursor) || undefined;
    else if (announced === SCOPE_VERSION) scope.version = values.text(cursor) || undefined;
    else if (announced === SCOPE_ATTRIBUTE) values.keyValue(cursor, attributes);
    else return false;
    return true;
  });
  return scope;
}

function readRecord(cursor: Cursor, reading: Reading, resource: MutableAttributes, into: RecordShape[]): void {
  takeItem(reading.budget);
  const { values, budget } = reading;
  const attributes: MutableAttributes = {};
  const record: RecordShape = { body: undefined, attributes, resource };
  let held = 0;
  message(cursor, (announced) => {
    if (announced === ATTRIBUTE) held += values.keyValue(cursor, attributes);
    else if (announced === TIME) record.time = given(instant(cursor));
    else if (announced === OBSERVED) record.observed = given(instant(cursor));
    else if (announced === SEVERITY) record.severity = varint(cursor) || undefined;
    else if (announced === SEVERITY_TEXT) record.severityText = values.text(cursor) || undefined;
    else if (announced === BODY) record.body = values.anyValue(cursor);
    else if (announced === TRACE_ID) record.traceId = id(cursor, 16) || undefined;
    else if (announced === SPAN_ID) record.spanId = id(cursor, 8) || undefined;
    else if (announced === EVENT_NAME) record.eventName = values.text(cursor) || undefined;
    else return false;
    return true;
  });
  if (held > budget.limits.maxAttributes) reading.tooLarge += 1;
  else into.push(record);
}

/** A time of 0 stands for none. */
function given(time: Instant): Instant | undefined {
  return time.ms === 0 && time.ns === 0 ? undefined : time;
}

// ExportLogsServiceRequest, ResourceLogs, Resource, ScopeLogs
const RESOURCE_LOGS = (1 << 3) | LENGTH;
const RESOURCE = (1 << 3) | LENGTH;
const RESOURCE_ATTRIBUTE = (1 << 3) | LENGTH;
const SCOPE_LOGS = (2 << 3) | LENGTH;
const SCOPE = (1 << 3) | LENGTH;
const RECORD = (2 << 3) | LENGTH;
// InstrumentationScope
const SCOPE_NAME = (1 << 3) | LENGTH;
const SCOPE_VERSION = (2 << 3) | LENGTH;
const SCOPE_ATTRIBUTE = (3 << 3) | LENGTH;
// LogRecord
const TIME = (1 << 3) | FIXED64;
const SEVERITY = 2 << 3;
const SEVERITY_TEXT = (3 << 3) | LENGTH;
const BODY = (5 << 3) | LENGTH;
const ATTRIBUTE = (6 << 3) | LENGTH;
const TRACE_ID = (9 << 3) | LENGTH;
const SPAN_ID = (10 << 3) | LENGTH;
const OBSERVED = (11 << 3) | FIXED64;
const EVENT_NAME = (12 << 3) | LENGTH;
