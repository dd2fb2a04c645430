import type { Attributes, RecordShape } from "../../contract/span.ts";
import { createBudget, takeItem, type Budget } from "../limits.ts";
import type { LogRecords, ReadLogs } from "../protobuf/logs.ts";
import type { Scope } from "../decoded.ts";
import { listAt, objectAt, optionalObject, parseJson, textAt } from "./parse.ts";
import { anyValueAt, attributesAt, idAt, instantAt } from "./values.ts";

/** The same as `createLogReader` of protobuf, from JSON. */
export function createLogReader(): ReadLogs {
  return (bytes, limits) => {
    const reading: Reading = { budget: createBudget(limits), scopes: [], tooLarge: 0 };
    for (const each of listAt(parseJson(bytes).resourceLogs, "resourceLogs")) resourceLogs(each, reading);
    return { scopes: reading.scopes, tooLarge: reading.tooLarge };
  };
}

interface Reading extends LogRecords {
  budget: Budget;
}

function resourceLogs(value: unknown, reading: Reading): void {
  const { resource, scopeLogs } = objectAt(value, "an item of resourceLogs");
  const given = optionalObject(resource, "resource").attributes;
  const { attributes } = attributesAt(given, "resource.attributes", reading.budget);
  for (const each of listAt(scopeLogs, "scopeLogs")) {
    const { scope, logRecords } = objectAt(each, "an item of scopeLogs");
    const records: RecordShape[] = [];
    for (const record of listAt(logRecords, "logRecords")) readRecord(record, attributes, reading, records);
    reading.scopes.push({ resource: attributes, scope: scopeOf(scope, reading.budget), records });
  }
}

function scopeOf(value: unknown, budget: Budget): Scope {
  const { name, version, attributes } = optionalObject(value, "scope");
  return {
    name: textAt(name, "a scope's name"),
    version: textAt(version, "a scope's version"),
    attributes: attributesAt(attributes, "a scope's attributes", budget).attributes,
  };
}

function readRecord(value: unknown, resource: Attributes, reading: Reading, into: RecordShape[]): void {
  const { budget } = reading;
  takeItem(budget);
  const record = objectAt(value, "a log record");
  const { attributes, held } = attributesAt(record.attributes, "a record's attributes", budget);
  if (held > budget.limits.maxAttributes) {
    reading.tooLarge += 1;
    return;
  }
  into.push({
    time: instantAt(record.timeUnixNano, "timeUnixNano"),
    observed: instantAt(record.observedTimeUnixNano, "observedTimeUnixNano"),
    severity: severityOf(record.severityNumber),
    severityText: textAt(record.severityText, "severityText"),
    eventName: textAt(record.eventName, "eventName"),
    body: anyValueAt(record.body, "body", budget),
    attributes,
    resource,
    traceId: idAt(record.traceId, 32, "traceId") || undefined,
    spanId: idAt(record.spanId, 16, "spanId") || undefined,
  });
}

const NAMES = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/** A number by the specification; some senders write the name. */
function severityOf(value: unknown): number | undefined {
  if (typeof value === "number") return value || undefined;
  const [, name = "", step = "1"] = /^SEVERITY_NUMBER_([A-Z]+)([234])?$/.exec(String(value)) ?? [];
  const place = NAMES.indexOf(name);
  return place < 0 ? undefined : place * 4 + Number(step);
}
