import type { CollectionResult, MetricProducer, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { emptyResource } from "@opentelemetry/resources";
import type { FromObserver } from "../contract/thread.ts";

/** A reader in the bot's process waits no longer than this for the observer, in ms. */
const PATIENCE_MS = 1000;

/** Gives the observer's metrics to whichever reader the user configured in the bot's process, as an OTLP exporter. */
export interface Collector {
  producer: MetricProducer;
  receive(message: FromObserver): void;
}

/** @param ask sends the number to the observer, which answers `collected` with it */
export function createCollector(ask: (id: number) => void): Collector {
  const asked = new Map<number, (metrics: unknown) => void>();
  let last = 0;

  function collect(): Promise<CollectionResult> {
    last += 1;
    const id = last;
    return new Promise((resolve) => {
      const settle = (scopeMetrics: unknown, errors: unknown[] = []): void => {
        clearTimeout(timer);
        asked.delete(id);
        resolve({ resourceMetrics: { resource: emptyResource(), scopeMetrics } as ResourceMetrics, errors });
      };
      const late = new Error(`botel's observer did not answer within ${PATIENCE_MS} ms`);
      const timer = setTimeout(() => settle([], [late]), PATIENCE_MS);
      asked.set(id, settle);
      ask(id);
    });
  }

  return {
    producer: { collect },
    receive(message) {
      if (message.type === "collected") asked.get(message.id)?.(message.metrics);
    },
  };
}
