// The bot's own SDK, of whichever line is installed beside it. Its backend is here: what it is sent is remembered.
import { trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";

const backend = (globalThis.backend ??= { spans: [], lines: [] });
const nothing = () => Promise.resolve();
const drop = { shouldSample: () => ({ decision: 0 }), toString: () => "drop" };

new NodeSDK({
  serviceName: "the-bots-own",
  autoDetectResources: false,
  metricReaders: [],
  ...(process.env.SAMPLER === "drop" ? { sampler: drop } : {}),
  spanProcessors: [
    { onStart() {}, onEnd: ({ name }) => void backend.spans.push(name), forceFlush: nothing, shutdown: nothing },
  ],
  logRecordProcessors: [
    { onEmit: ({ body }) => void backend.lines.push(body), forceFlush: nothing, shutdown: nothing },
  ],
}).start();

// Whoever instruments early holds on to what it got.
globalThis.early = trace.getTracer("early");
