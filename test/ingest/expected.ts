import type { AttributeValue, Instant, RecordShape, SpanShape } from "../../src/contract/span.ts";
import { decode, type Plain } from "./reference.ts";

/** What a request must be read as, worked out of what protobufjs reads. */

const list = (value: unknown): Plain[] => (value as Plain[] | undefined) ?? [];

function instant(value: unknown): Instant | undefined {
  if (value === undefined) return undefined;
  const ns = BigInt(value as string);
  if (ns === 0n) return undefined;
  return { ms: Number(ns / 1_000_000n), ns: Number(ns % 1_000_000n) };
}

function id(value: unknown, length: number): string {
  const bytes = value as Buffer | undefined;
  return bytes?.length === length ? bytes.toString("hex") : "";
}

function int64(value: unknown): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value as string);
}

function anyValue(value: Plain | undefined): AttributeValue {
  if (value === undefined) return undefined;
  if (value["intValue"] !== undefined) return int64(value["intValue"]);
  if (value["bytesValue"] !== undefined) return (value["bytesValue"] as Buffer).toString("base64");
  if (value["arrayValue"] !== undefined) return list((value["arrayValue"] as Plain)["values"]).map(anyValue);
  if (value["kvlistValue"] !== undefined) return attributes((value["kvlistValue"] as Plain)["values"]);
  return (value["stringValue"] ?? value["boolValue"] ?? value["doubleValue"]) as AttributeValue;
}

function attributes(value: unknown, names?: ReadonlySet<string>): Record<string, AttributeValue> {
  const entries = list(value).map(({ key = "", value: given }) => [key as string, anyValue(given as Plain)] as const);
  // Not by assignment: a key may be `__proto__`.
  return Object.fromEntries(entries.filter(([key]) => names === undefined || names.has(key)));
}

const textOf = (value: unknown): string | undefined => (value as string | undefined) || undefined;

export function expectedSpans(bytes: Uint8Array, names: ReadonlySet<string>): SpanShape[] {
  return list(decode("ExportTraceServiceRequest", bytes)["resourceSpans"]).flatMap((each) => {
    const resource = attributes((each["resource"] as Plain | undefined)?.["attributes"], names);
    return list(each["scopeSpans"]).flatMap((scope) =>
      list(scope["spans"]).map((span) => {
        const { code, message } = (span["status"] as Plain | undefined) ?? {};
        const events = list(span["events"]).filter(({ name }) => name === "exception");
        return {
          traceId: id(span["traceId"], 16),
          spanId: id(span["spanId"], 8),
          parentId: id(span["parentSpanId"], 8) || undefined,
          name: (span["name"] as string | undefined) ?? "",
          start: instant(span["startTimeUnixNano"]) ?? { ms: 0, ns: 0 },
          end: instant(span["endTimeUnixNano"]) ?? { ms: 0, ns: 0 },
          error: code === 2,
          statusMessage: textOf(message),
          attributes: attributes(span["attributes"], names),
          events: events.map((event) => ({
            name: "exception",
            attributes: attributes(event["attributes"], names),
          })),
          resource,
        };
      }),
    );
  });
}

export interface ExpectedRecord extends RecordShape {
  scope: { name?: string; version?: string; attributes: Record<string, AttributeValue> };
}

export function expectedRecords(bytes: Uint8Array): ExpectedRecord[] {
  return list(decode("ExportLogsServiceRequest", bytes)["resourceLogs"]).flatMap((each) => {
    const resource = attributes((each["resource"] as Plain | undefined)?.["attributes"]);
    return list(each["scopeLogs"]).flatMap((group) => {
      const { name, version, attributes: given } = (group["scope"] as Plain | undefined) ?? {};
      const scope = { name: textOf(name), version: textOf(version), attributes: attributes(given) };
      return list(group["logRecords"]).map((record) => ({
        time: instant(record["timeUnixNano"]),
        observed: instant(record["observedTimeUnixNano"]),
        severity: record["severityNumber"] as number | undefined,
        severityText: textOf(record["severityText"]),
        eventName: textOf(record["eventName"]),
        body: anyValue(record["body"] as Plain | undefined),
        attributes: attributes(record["attributes"]),
        resource,
        traceId: id(record["traceId"], 16) || undefined,
        spanId: id(record["spanId"], 8) || undefined,
        scope,
      }));
    });
  });
}
