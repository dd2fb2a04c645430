import { emptyResource } from "@opentelemetry/resources";
import type { MetricProducer, ScopeMetrics } from "@opentelemetry/sdk-metrics";

/**
 * What is folded, for any reader of OpenTelemetry metrics: give it as `metricProducers` (a reader keeps its own resource).
 * `collect` may ask another thread. Where it rejects, the reader has what its own SDK measured, and the error.
 */
export function createProducer(collect: () => Promise<ScopeMetrics[]>): MetricProducer {
  return {
    async collect() {
      const resource = emptyResource();
      try {
        return { resourceMetrics: { resource, scopeMetrics: await collect() }, errors: [] };
      } catch (error) {
        return { resourceMetrics: { resource, scopeMetrics: [] }, errors: [error] };
      }
    },
  };
}
