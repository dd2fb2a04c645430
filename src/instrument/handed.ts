import { emptyResource } from "@opentelemetry/resources";
import type { LogRecordProcessor } from "@opentelemetry/sdk-logs";
import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Seer } from "./seer.ts";

/*
 * What a bot gives to its own SDK in code. It may be made before botel has started and outlive it: then it does nothing.
 */

let seer: Seer | undefined;
let producers: MetricProducer[] = [];
let producerTaken = false;

/** Connects what the bot was given to what sees. @returns what disconnects it */
export function handOut(to: Seer, folds: MetricProducer[]): () => void {
  [seer, producers] = [to, folds];
  return () => {
    if (seer === to) [seer, producers] = [undefined, []];
  };
}

/** The bot has a reader of its own for the folds. */
export function isProducerTaken(): boolean {
  return producerTaken;
}

const nothing = (): Promise<void> => Promise.resolve();

export function handedSpans(): SpanProcessor {
  return {
    onStart: (span, context) => seer?.spans.onStart(span, context),
    onEnd: (span) => seer?.spans.onEnd(span),
    forceFlush: nothing,
    shutdown: nothing,
  };
}

export function handedRecords(): LogRecordProcessor {
  return {
    onEmit: (record, context) => seer?.records.onEmit(record, context),
    forceFlush: nothing,
    shutdown: nothing,
  };
}

export function handedFolds(): MetricProducer {
  producerTaken = true;
  return {
    async collect(options) {
      const [folds] = producers;
      return folds
        ? folds.collect(options)
        : { resourceMetrics: { resource: emptyResource(), scopeMetrics: [] }, errors: [] };
    },
  };
}
