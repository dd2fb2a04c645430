import { ExportResultCode, type ExportResult } from "@opentelemetry/core";
import { OTLPLogExporter as GrpcLogs } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPLogExporter as JsonLogs } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtoLogs } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter as GrpcMetrics } from "@opentelemetry/exporter-metrics-otlp-grpc";
import { OTLPMetricExporter as JsonMetrics } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtoMetrics } from "@opentelemetry/exporter-metrics-otlp-proto";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { OTLPTraceExporter as GrpcTraces } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonTraces } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtoTraces } from "@opentelemetry/exporter-trace-otlp-proto";
import { ZipkinExporter } from "@opentelemetry/exporter-zipkin";
import { BatchLogRecordProcessor, ConsoleLogRecordExporter, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import type { LogRecordProcessor } from "@opentelemetry/sdk-logs";
import { ConsoleMetricExporter, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import type { IMetricReader, MetricProducer, PushMetricExporter } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import type { SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace";
import { endpointOf, exporterNames, isOwn, numberFrom, protocolOf, textFrom } from "./environment.ts";
import type { Environment, Protocol, Signal } from "./environment.ts";

/** What the usual `OTEL_*` variables ask for beside botel. */
export interface Exporters {
  spanProcessors: SpanProcessor[];
  logRecordProcessors: LogRecordProcessor[];
  metricReaders: IMetricReader[];
}

/** Whether botel listens on a port is known only when it serves: until then nothing is sent there. */
export interface MaybeOwn {
  port: number;
  isOwn: Promise<boolean>;
}

export interface ExporterOptions {
  env: Environment;
  /** Ports that botel listens on: an exporter to one of them on this machine is refused. */
  ownPorts: readonly number[];
  maybeOwn?: MaybeOwn;
  /** Given to every reader of metrics beside the SDK's own. */
  metricProducers: MetricProducer[];
  /** Takes one line. */
  warn: (line: string) => void;
}

/**
 * Builds processors and readers as `@opentelemetry/sdk-node` does from the same variables; it cannot be asked for them
 * once it is given processors of our own.
 */
export function exportersFrom(options: ExporterOptions): Exporters {
  return {
    spanProcessors: each(options, "TRACES", spanProcessor),
    logRecordProcessors: each(options, "LOGS", logRecordProcessor),
    metricReaders: metricReadersFrom(options),
  };
}

/** Only those of metrics. */
export function metricReadersFrom(options: ExporterOptions): IMetricReader[] {
  return each(options, "METRICS", metricReader);
}

type Build<T> = (name: string, options: ExporterOptions, protocol: Protocol) => T | undefined;

function each<T>(options: ExporterOptions, signal: Signal, build: Build<T>): T[] {
  const { env, warn } = options;
  return exporterNames(env, signal).flatMap((name) => {
    const protocol = name === "otlp" ? protocolFor(options, signal) : "http/protobuf";
    if (protocol === undefined) return [];
    try {
      const built = build(name, options, protocol);
      if (built !== undefined) return [built];
      warn(`OTEL_${signal}_EXPORTER=${name} is no exporter that is known: nothing is sent there`);
    } catch (error) {
      warn(`OTEL_${signal}_EXPORTER=${name} cannot be set up, nothing is sent there: ${String(error)}`);
    }
    return [];
  });
}

/** @returns undefined, after a line that says why, where nothing must be sent. */
function protocolFor({ env, ownPorts, warn }: ExporterOptions, signal: Signal): Protocol | undefined {
  const protocol = protocolOf(env, signal);
  if (protocol === undefined) {
    warn(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL is none of grpc, http/protobuf, http/json: nothing is sent`);
    return undefined;
  }
  const endpoint = endpointOf(env, signal, protocol);
  if (isOwn(endpoint, ownPorts)) {
    warn(refusal(signal, endpoint));
    return undefined;
  }
  return protocol;
}

function refusal(signal: Signal, { origin }: URL): string {
  return `OTEL_${signal}_EXPORTER=otlp goes to ${origin}, which is botel itself: refused, it has all of it`;
}

interface Sender {
  export(items: unknown, done: (result: ExportResult) => void): void;
}

/** An exporter to a port that may be botel's own holds what it is given until that is known; then it sends, or refuses. */
function held<E extends object>(exporter: E, { env, maybeOwn, warn }: ExporterOptions, signal: Signal): E {
  const endpoint = endpointOf(env, signal, protocolOf(env, signal) ?? "http/protobuf");
  if (maybeOwn === undefined || !isOwn(endpoint, [maybeOwn.port])) return exporter;
  const sender = exporter as Sender;
  const send = sender.export.bind(exporter);
  void maybeOwn.isOwn.then((own) => own && warn(refusal(signal, endpoint)));
  async function sendWhenKnown(...[items, done]: Parameters<Sender["export"]>): Promise<void> {
    if (await maybeOwn?.isOwn) done({ code: ExportResultCode.SUCCESS });
    else send(items, done);
  }
  sender.export = (items, done) => void sendWhenKnown(items, done);
  return exporter;
}

const spanProcessor: Build<SpanProcessor> = (name, options, protocol) => {
  if (name === "console") return new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() });
  const exporter = spanExporter(name, protocol);
  if (exporter === undefined) return undefined;
  if (name === "otlp") held(exporter, options, "TRACES");
  return new BatchSpanProcessor({ exporter, ...batching(options.env, "BSP") });
};

function spanExporter(name: string, protocol: Protocol): SpanExporter | undefined {
  if (name === "zipkin") return new ZipkinExporter();
  if (name !== "otlp") return undefined;
  if (protocol === "grpc") return new GrpcTraces();
  return protocol === "http/json" ? new JsonTraces() : new ProtoTraces();
}

const logRecordProcessor: Build<LogRecordProcessor> = (name, options, protocol) => {
  if (name === "console") return new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() });
  if (name !== "otlp") return undefined;
  const http = () => (protocol === "http/json" ? new JsonLogs() : new ProtoLogs());
  const exporter = held(protocol === "grpc" ? new GrpcLogs() : http(), options, "LOGS");
  return new BatchLogRecordProcessor({ exporter, ...batching(options.env, "BLRP") });
};

function batching(env: Environment, processor: "BSP" | "BLRP") {
  return {
    maxQueueSize: numberFrom(env, `OTEL_${processor}_MAX_QUEUE_SIZE`),
    scheduledDelayMillis: numberFrom(env, `OTEL_${processor}_SCHEDULE_DELAY`),
    exportTimeoutMillis: numberFrom(env, `OTEL_${processor}_EXPORT_TIMEOUT`),
    maxExportBatchSize: numberFrom(env, `OTEL_${processor}_MAX_EXPORT_BATCH_SIZE`),
  };
}

const metricReader: Build<IMetricReader> = (name, options, protocol) => {
  const { env, metricProducers } = options;
  if (name === "prometheus") {
    return new PrometheusExporter({
      host: textFrom(env, "OTEL_EXPORTER_PROMETHEUS_HOST"),
      port: numberFrom(env, "OTEL_EXPORTER_PROMETHEUS_PORT"),
      metricProducers,
    });
  }
  if (name === "console") {
    return new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter(), metricProducers });
  }
  if (name !== "otlp") return undefined;
  const exportIntervalMillis = numberFrom(env, "OTEL_METRIC_EXPORT_INTERVAL") ?? 60_000;
  const exportTimeoutMillis = Math.min(numberFrom(env, "OTEL_METRIC_EXPORT_TIMEOUT") ?? 30_000, exportIntervalMillis);
  const exporter = held(metricExporter(protocol), options, "METRICS");
  return new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, exportTimeoutMillis, metricProducers });
};

function metricExporter(protocol: Protocol): PushMetricExporter {
  if (protocol === "grpc") return new GrpcMetrics();
  return protocol === "http/json" ? new JsonMetrics() : new ProtoMetrics();
}
