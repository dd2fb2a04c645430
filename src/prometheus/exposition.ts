import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { ResourceMetrics, ScopeMetrics } from "@opentelemetry/sdk-metrics";
import { createProducer } from "./producer.ts";

/**
 * @param collect under Prometheus' names
 * @returns a function that makes the text of one scrape
 */
export function createExposition(version: string, collect: () => Promise<ScopeMetrics[]>): () => Promise<string> {
  const exporter = new PrometheusExporter({ preventServerStart: true, metricProducers: [createProducer(collect)] });
  const resource = resourceFromAttributes({ "service.name": "botel", "service.version": version });
  // A reader collects only once it is bound; this provider measures nothing itself.
  new MeterProvider({ resource, readers: [exporter] }).getMeter("botel");
  return async () => {
    const { resourceMetrics, errors } = await exporter.collect();
    if (errors.length > 0) throw new Error("the metrics could not be collected", { cause: errors[0] });
    return serialize(resourceMetrics);
  };
}

const WITH_TARGET = new PrometheusSerializer("", false, undefined, false, true);
const WITHOUT_TARGET = new PrometheusSerializer("", false, undefined, true, true);

/** Metric by metric: 300 histogram series in one go would keep an answer waiting for 20 ms. */
async function serialize({ resource, scopeMetrics }: ResourceMetrics): Promise<string> {
  let text = "";
  for (const { scope, metrics } of scopeMetrics) {
    for (const metric of metrics) {
      const serializer = text === "" ? WITH_TARGET : WITHOUT_TARGET;
      text += serializer.serialize({ resource, scopeMetrics: [{ scope, metrics: [metric] }] });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return text;
}
