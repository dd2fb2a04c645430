import { context } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode, suppressTracing } from "@opentelemetry/core";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Seer } from "./seer.ts";

/** Spans or records that wait at the most; what comes then is lost, and that is told. */
const QUEUE_MAX = 10_000;
const BATCH_MAX = 512;
/** A batch leaves this long after its first, in ms. It keeps the process alive: one that ends by itself loses nothing. */
const BATCH_MS = 200;

export interface RelayOptions {
  /** Of the observer in the parent process. */
  url: string;
  token?: string;
  /** Takes one line. */
  warn(line: string): void;
}

/** Sends what a child of the bot's process, or a thread of it, does to the observer there: a second one would be too much. */
export function createRelay({ url, token, warn }: RelayOptions): Seer {
  let told = false;
  function lost(why: string): void {
    if (told) return;
    told = true;
    warn(`what this process does is not counted, the observer at ${url} does not take it: ${why}`);
  }
  const headers = token === undefined ? undefined : { Authorization: `Bearer ${token}` };
  const sendSpans = createBatches<ReadableSpan>(new OTLPTraceExporter({ url: `${url}/v1/traces`, headers }), lost);
  const sendRecords = createBatches<ReadableLogRecord>(new OTLPLogExporter({ url: `${url}/v1/logs`, headers }), lost);
  const open = new WeakSet<object>();
  let emitted = 0;
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    spans: {
      onStart: (span) => void open.add(span),
      onEnd(span) {
        open.delete(span);
        sendSpans(span);
      },
      knows: (span) => open.has(span),
      forceFlush: nothing,
      shutdown: nothing,
    },
    records: {
      onEmit(record) {
        emitted += 1;
        sendRecords(record);
      },
      emitted: () => emitted,
      forceFlush: nothing,
      shutdown: nothing,
    },
  };
}

interface Exporter<T> {
  export(items: T[], done: (result: ExportResult) => void): void;
}

/** @returns what takes one item; one batch is under way at a time */
function createBatches<T>(exporter: Exporter<T>, lost: (why: string) => void): (item: T) => void {
  const queue: T[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending = false;

  function send(): void {
    timer = undefined;
    if (sending || queue.length === 0) return;
    sending = true;
    const batch = queue.splice(0, BATCH_MAX);
    context.with(suppressTracing(context.active()), () => exporter.export(batch, sent));
  }

  function sent({ code, error }: ExportResult): void {
    sending = false;
    if (code !== ExportResultCode.SUCCESS) lost(error?.message ?? "it failed");
    send();
  }

  return (item) => {
    if (queue.length >= QUEUE_MAX) return lost(`${QUEUE_MAX} wait`);
    queue.push(item);
    if (queue.length >= BATCH_MAX) send();
    else if (!sending) timer ??= setTimeout(send, BATCH_MS);
  };
}
