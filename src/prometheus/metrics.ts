import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { ResourceMetrics, ScopeMetrics } from "@opentelemetry/sdk-metrics";
import type { Clock } from "../lib/clock.ts";
import type { Live } from "../live/live.ts";
import type { MetricsState } from "../rollups/metrics.ts";
import type { SystemView } from "../system/system.ts";
import { addFacts, firstFactMs } from "./facts.ts";
import { addInside, addOthers } from "./inside.ts";
import { createLabels } from "./labels.ts";
import { createPoints } from "./points.ts";
import type { NamedSeries } from "./points.ts";
import { createProducer } from "./producer.ts";
import { scopeMetrics } from "./scopes.ts";
import type { Naming } from "./scopes.ts";

/** The folds and botel's own health as metrics (contract §8). */
export interface Metrics {
  /** What `GET /metrics` answers. */
  render(): Promise<{ contentType: string; body: string }>;
  /** The same under OpenTelemetry's names, for any other reader; plain data, made to cross threads. */
  scopes(): Promise<ScopeMetrics[]>;
}

export interface MetricsOptions {
  version: string;
  clock: Clock;
  /** Values of one label that keep their name; the rest is `other`. */
  labelValues: number;
  /** State of `metricsFold` over everything; undefined while the store is not there: only botel's own health is shown. */
  state: () => MetricsState | undefined | Promise<MetricsState | undefined>;
  system: Pick<SystemView, "inside" | "health" | "memory">;
  live: Pick<Live, "counts">;
}

const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
/** A state that has not come by then is left out of this scrape. */
const PATIENCE_MS = 5000;

export function createMetrics(options: MetricsOptions): Metrics {
  const { version, clock, system, live } = options;
  const labels = createLabels(options.labelValues);
  const named: NamedSeries = new Map();
  let scrapeMs: number | undefined;
  let factsSince: number | undefined;
  let underway: Promise<string> | undefined;

  async function collect(naming: Naming): Promise<ScopeMetrics[]> {
    const state = await inTime(options.state());
    // From here to the end in one go: the state is of one moment.
    const points = createPoints(labels, named);
    if (state !== undefined) {
      addFacts(points, state);
      factsSince ??= firstFactMs(state);
    }
    const inside = system.inside();
    const memoryUsed = system.memory().used;
    addInside(points, { system: inside, health: system.health(), memoryUsed, live: live.counts(), scrapeMs });
    addOthers(points, labels.others());
    const { startMs } = inside;
    return [scopeMetrics(points, naming, version, { factsSince: factsSince ?? startMs, startMs, nowMs: clock.now() })];
  }

  const exporter = new PrometheusExporter({
    preventServerStart: true,
    metricProducers: [createProducer(() => collect("prometheus"))],
  });
  const resource = resourceFromAttributes({ "service.name": "botel", "service.version": version });
  // A reader collects only what it is bound to; nothing else is measured by this provider.
  new MeterProvider({ resource, readers: [exporter] }).getMeter("botel");

  async function scrape(): Promise<string> {
    const since = clock.mono();
    const { resourceMetrics, errors } = await exporter.collect();
    if (errors.length > 0) throw new Error("the metrics could not be collected", { cause: errors[0] });
    const body = await serialize(resourceMetrics);
    scrapeMs = clock.mono() - since;
    return body;
  }

  return {
    async render() {
      // Scrapes at the same time are one.
      underway ??= scrape().finally(() => (underway = undefined));
      return { contentType: CONTENT_TYPE, body: await underway };
    },
    scopes: () => collect("opentelemetry"),
  };
}

const TARGET = new PrometheusSerializer("", false, undefined, false, true);
const NO_TARGET = new PrometheusSerializer("", false, undefined, true, true);

/** Metric by metric: 300 histogram series in one go would keep an answer waiting for 20 ms. */
async function serialize({ resource, scopeMetrics }: ResourceMetrics): Promise<string> {
  let text = "";
  for (const { scope, metrics } of scopeMetrics) {
    for (const metric of metrics) {
      const serializer = text === "" ? TARGET : NO_TARGET;
      text += serializer.serialize({ resource, scopeMetrics: [{ scope, metrics: [metric] }] });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return text;
}

async function inTime<Value>(value: Value | Promise<Value>): Promise<Value | undefined> {
  if (!(value instanceof Promise)) return value;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  return Promise.race([value, late]).finally(() => clearTimeout(timer));
}
