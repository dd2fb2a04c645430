import { createRequire } from "node:module";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { OpenAIInstrumentation } from "@opentelemetry/instrumentation-openai";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { converse, provider } from "../calls.mjs";

// SDK 3.x with the exporter that reads `OTEL_EXPORTER_OTLP_ENDPOINT`, in protobuf.
const tracing = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })] });
registerInstrumentations({ tracerProvider: tracing, instrumentations: [new OpenAIInstrumentation()] });
const { OpenAI } = createRequire(import.meta.url)("openai");

await converse(new OpenAI({ ...provider.up, maxRetries: 0 }), new OpenAI({ ...provider.down, maxRetries: 0 }));
await tracing.shutdown();
