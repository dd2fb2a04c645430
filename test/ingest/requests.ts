import type { Attributes, Item, RecordItem, SpanItem } from "../oracle/items.ts";
import { encode, type Plain } from "./reference.ts";

/** Items of the oracle as the OTLP requests that a bot would send. */
export interface Otlp {
  path: "/v1/traces" | "/v1/logs";
  contentType: "application/x-protobuf" | "application/json";
  body: Buffer;
}

const ROOM: Record<string, string> = { "service.name": "bot", "service.instance.id": "one" };

/** One request for the spans, one for the records; none where there is none of them. */
export function requestsOf(items: readonly Item[], json: boolean, resource: Attributes = ROOM): Otlp[] {
  const spans = items.filter((item) => item.type === "span");
  const records = items.filter((item) => item.type === "record");
  return [
    ...(spans.length > 0 ? [traces(spans, json, resource)] : []),
    ...(records.length > 0 ? [logs(records, json, resource)] : []),
  ];
}

export function traces(spans: readonly SpanItem[], json: boolean, resource: Attributes = ROOM): Otlp {
  const scopeSpans = [{ scope: { name: "oracle" }, spans: spans.map((span) => spanOf(span, json)) }];
  const request = { resourceSpans: [{ resource: { attributes: keyValues(resource) }, scopeSpans }] };
  return { path: "/v1/traces", ...encoded("ExportTraceServiceRequest", request, json) };
}

export function logs(records: readonly RecordItem[], json: boolean, resource: Attributes = ROOM): Otlp {
  const scopeLogs = [{ scope: { name: "oracle" }, logRecords: records.map((record) => recordOf(record, json)) }];
  const request = { resourceLogs: [{ resource: { attributes: keyValues(resource) }, scopeLogs }] };
  return { path: "/v1/logs", ...encoded("ExportLogsServiceRequest", request, json) };
}

function encoded(message: string, request: Plain, json: boolean): Omit<Otlp, "path"> {
  if (json) return { contentType: "application/json", body: Buffer.from(JSON.stringify(request)) };
  return { contentType: "application/x-protobuf", body: encode(message, request) };
}

export function keyValues(attributes: Attributes): Plain[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

export function anyValue(value: unknown): Plain {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value === "object" && value !== null) return { kvlistValue: { values: keyValues(value as Attributes) } };
  return {};
}

function id(hex: string | undefined, json: boolean): string | Buffer | undefined {
  return hex === undefined || json ? hex : Buffer.from(hex, "hex");
}

function spanOf({ name, startNs, endNs, error, statusMessage, exception, ...span }: SpanItem, json: boolean): Plain {
  return {
    traceId: id(span.traceId, json),
    spanId: id(span.spanId, json),
    parentSpanId: id(span.parentId, json),
    name,
    kind: 1,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(endNs),
    attributes: keyValues(span.attributes),
    events: exception && [{ timeUnixNano: String(endNs), name: "exception", attributes: exceptionOf(exception) }],
    status: error ? { code: 2, message: statusMessage ?? "" } : {},
  };
}

function exceptionOf({ type, message, stacktrace }: NonNullable<SpanItem["exception"]>): Plain[] {
  return keyValues({
    "exception.type": type,
    "exception.message": message,
    "exception.stacktrace": stacktrace,
  });
}

function recordOf(
  { timeNs, severity, body, eventName, attributes, traceId, spanId }: RecordItem,
  json: boolean,
): Plain {
  return {
    timeUnixNano: String(timeNs),
    observedTimeUnixNano: String(timeNs),
    severityNumber: severity,
    body: anyValue(body),
    eventName,
    attributes: keyValues(attributes),
    traceId: id(traceId, json),
    spanId: id(spanId, json),
  };
}

/** Sends it. @throws Error where the answer is not 200 */
export async function send(url: string, { path, contentType, body }: Otlp): Promise<Response> {
  const response = await post(url, path, body, { "content-type": contentType });
  if (response.status !== 200) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  return response;
}

export function post(url: string, path: string, body: Uint8Array, headers: Record<string, string>): Promise<Response> {
  const signal = AbortSignal.timeout(20_000);
  return fetch(new URL(path, url), { method: "POST", body: new Uint8Array(body), headers, signal });
}
