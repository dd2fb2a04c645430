import type { OtlpSignal } from "../contract/thread.ts";

/** What an OTLP request is answered, in its own encoding. */
export interface OtlpAnswer {
  status: number;
  contentType: string;
  body: Uint8Array | string;
  /** Whole seconds. */
  retryAfter?: number;
}

export const PROTOBUF = "application/x-protobuf";
export const JSON_TYPE = "application/json";

const REJECTED = { traces: "rejectedSpans", logs: "rejectedLogRecords", metrics: "rejectedDataPoints" } as const;

/** ExportTraceServiceResponse and its like; `partial_success` only where something was refused. */
export function success(signal: OtlpSignal, json: boolean, rejected: number, why: string): OtlpAnswer {
  if (json) {
    const partialSuccess = { [REJECTED[signal]]: String(rejected), errorMessage: why };
    return { status: 200, contentType: JSON_TYPE, body: rejected === 0 ? "{}" : JSON.stringify({ partialSuccess }) };
  }
  const partial = Buffer.concat([Buffer.of(1 << 3), varint(rejected), textField(2, why)]);
  const body = rejected === 0 ? new Uint8Array(0) : lengthField(1, partial);
  return { status: 200, contentType: PROTOBUF, body };
}

/** Codes of google.rpc that belong to the status codes of HTTP. */
const RPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  405: 12,
  413: 8,
  415: 3,
  429: 8,
  503: 14,
};

/** google.rpc.Status. */
export function failure(status: number, json: boolean, message: string, retryAfter?: number): OtlpAnswer {
  const code = RPC_CODES[status] ?? 13;
  if (json) return { status, contentType: JSON_TYPE, body: JSON.stringify({ code, message }), retryAfter };
  const body = Buffer.concat([Buffer.of(1 << 3), varint(code), textField(2, message)]);
  return { status, contentType: PROTOBUF, body, retryAfter };
}

function textField(field: number, text: string): Buffer {
  return lengthField(field, Buffer.from(text));
}

function lengthField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of((field << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
