import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";

const WITH_TARGET = new PrometheusSerializer("", false, undefined, false, true);
const WITHOUT_TARGET = new PrometheusSerializer("", false, undefined, true, true);

/** A part of a scrape as Prometheus' text format 0.0.4. @param first with what is said of botel itself */
export function textOf(part: ResourceMetrics, first: boolean): string {
  return (first ? WITH_TARGET : WITHOUT_TARGET).serialize(part);
}
