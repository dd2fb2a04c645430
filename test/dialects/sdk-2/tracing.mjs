import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

/** SDK 2.x with the exporter that reads `OTEL_EXPORTER_OTLP_ENDPOINT`, in JSON. */
export const exporter = () => new OTLPTraceExporter();

/** To be shut down at the end, so that all is exported. */
export function startTracing(processor = new BatchSpanProcessor(exporter())) {
  const tracing = new BasicTracerProvider({ spanProcessors: [processor] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracing);
  return tracing;
}
