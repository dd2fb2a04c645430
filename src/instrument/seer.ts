import type { LogRecordProcessor } from "@opentelemetry/sdk-logs";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";

/** What sees the spans and records of a process: it makes facts of them, or sends them to who does. */
export interface Seer {
  spans: SpanProcessor & {
    /** The span was shown when it started, and has not ended. */
    knows(span: object): boolean;
  };
  records: LogRecordProcessor & {
    /** How many were shown so far. */
    emitted(): number;
  };
}
