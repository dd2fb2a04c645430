import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { ResourceMetrics, ScopeMetrics } from "@opentelemetry/sdk-metrics";
import { openMetricsOf, targetOf } from "./openmetrics.ts";
import { createProducer } from "./producer.ts";
import { textOf } from "./text.ts";

/** How a scrape is written: Prometheus' own text, or OpenMetrics, which has exemplars and times of creation. */
export type Format = "text" | "openmetrics";

/**
 * @param collect under Prometheus' names
 * @returns a function that makes one scrape
 */
export function createExposition(
  version: string,
  collect: () => Promise<ScopeMetrics[]>,
): (format: Format) => Promise<string> {
  const exporter = new PrometheusExporter({ preventServerStart: true, metricProducers: [createProducer(collect)] });
  const resource = resourceFromAttributes({ "service.name": "botel", "service.version": version });
  // A reader collects only once it is bound; this provider measures nothing itself.
  new MeterProvider({ resource, readers: [exporter] }).getMeter("botel");
  return async (format) => {
    const { resourceMetrics, errors } = await exporter.collect();
    if (errors.length > 0) throw new Error("the metrics could not be collected", { cause: errors[0] });
    return format === "text" ? written(resourceMetrics, textOf) : written(resourceMetrics, openMetricsOf, targetOf);
  };
}

type Write = (part: ResourceMetrics, first: boolean) => string;

/** Metric by metric: 300 histogram series in one go would keep an answer waiting for 20 ms. */
async function written(all: ResourceMetrics, write: Write, begin?: (all: ResourceMetrics) => string): Promise<string> {
  let text = begin?.(all) ?? "";
  for (const { scope, metrics } of all.scopeMetrics) {
    for (const metric of metrics) {
      text += write({ resource: all.resource, scopeMetrics: [{ scope, metrics: [metric] }] }, text === "");
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return text;
}
