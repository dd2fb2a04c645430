import { createReceiver, type Receiver } from "../../src/ingest/receiver.ts";

/** Takes OTLP, and has no store: whom it is let in, it answers 503. */
export function receiver(): Receiver {
  return createReceiver({ maxBodyBytes: 1e6, maxInflatedBytes: 1e6, queueBytes: 1e6 });
}
