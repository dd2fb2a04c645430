import type { Attributes, HrTime } from "@opentelemetry/api";
import { ValueType } from "@opentelemetry/api";
import type { DataPoint, Histogram as HistogramValue, MetricData, ScopeMetrics } from "@opentelemetry/sdk-metrics";
import { AggregationTemporality, DataPointType } from "@opentelemetry/sdk-metrics";
import { DURATION_BOUNDS_NS, TOKEN_BOUNDS } from "../contract/buckets.ts";
import type { Histogram } from "../lib/histogram.ts";
import { countOf } from "../lib/histogram.ts";
import type { Declaration, MetricId } from "./declarations.ts";
import { FACT_METRICS, METRICS, prometheusName } from "./declarations.ts";
import type { Point, Points } from "./points.ts";

/** `opentelemetry`: the conventions' names and units. `prometheus`: names with the unit in them, and no other unit. */
export type Naming = "opentelemetry" | "prometheus";

export interface ScopeTimes {
  /** Epoch ms that the totals of facts count from: the first fact, so that a restart is no reset. */
  factsSince: number;
  /** Epoch ms that botel's own counts count from. */
  startMs: number;
  nowMs: number;
}

const OF_FACTS: ReadonlySet<MetricId> = new Set(FACT_METRICS);
const DURATION_BOUNDS_S = DURATION_BOUNDS_NS.map((ns) => ns / 1e9);

/** @returns the points as metric data of the OpenTelemetry SDK, plain: it can cross to another thread. */
export function scopeMetrics(points: Points, naming: Naming, version: string, times: ScopeTimes): ScopeMetrics {
  const metrics = (Object.keys(METRICS) as MetricId[]).flatMap((metric) => {
    const given = points.of(metric);
    return given.length === 0 ? [] : metricData(metric, given, naming, times);
  });
  return { scope: { name: "botel", version }, metrics };
}

function metricData(metric: MetricId, points: readonly Point[], naming: Naming, times: ScopeTimes): MetricData {
  const declaration: Declaration = METRICS[metric];
  const { name, unit, help, type } = declaration;
  const startTime = hrTime(OF_FACTS.has(metric) ? times.factsSince : times.startMs);
  const endTime = hrTime(times.nowMs);
  const base = {
    descriptor: {
      name: naming === "prometheus" ? prometheusName(declaration) : name,
      unit: naming === "prometheus" ? "" : unit,
      description: help,
      valueType: unit === "s" ? ValueType.DOUBLE : ValueType.INT,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const at = ({ labels, exemplars }: Point) => ({
    startTime,
    endTime,
    attributes: attributesOf(declaration, labels),
    ...(naming === "prometheus" && exemplars && { exemplars }),
  });
  if (type === "histogram") {
    const dataPoints: DataPoint<HistogramValue>[] = points.flatMap((point) =>
      typeof point.value === "number" ? [] : { ...at(point), value: histogramValue(point.value, unit) },
    );
    return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints: DataPoint<number>[] = points.flatMap((point) =>
    typeof point.value === "number" ? { ...at(point), value: point.value } : [],
  );
  if (type === "gauge") return { ...base, dataPointType: DataPointType.GAUGE, dataPoints };
  return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
}

function attributesOf({ labels }: Declaration, values: Point["labels"]): Attributes {
  const named = labels.map((label, at) => [label, values[at]] as const);
  return Object.fromEntries(named.filter(([, value]) => value !== undefined));
}

function histogramValue(histogram: Histogram, unit: string): HistogramValue {
  const inSeconds = unit === "s";
  const boundaries = [...(inSeconds ? DURATION_BOUNDS_S : TOKEN_BOUNDS)];
  const sum = inSeconds ? secondsOf(histogram) : histogram.millions * 1e6 + histogram.rest;
  return { buckets: { boundaries, counts: [...histogram.counts] }, sum, count: countOf(histogram) };
}

/** Rounded once, as long as the nanoseconds are exact. */
function secondsOf({ millions, rest }: Histogram): number {
  const ns = millions * 1e6 + rest;
  return Number.isSafeInteger(ns) ? ns / 1e9 : millions / 1e3 + rest / 1e9;
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
