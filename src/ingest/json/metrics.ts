import type { Measured } from "../../contract/measured.ts";
import { createBudget, takeItem, takeValue, type Budget } from "../limits.ts";
import { createPoint, originOf, type Metrics, type Origin, type PointParts } from "../measured.ts";
import type { ReadMetrics } from "../protobuf/metrics.ts";
import { listAt, numberAt, objectAt, optionalObject, parseJson, textAt, wholeAt, type JsonObject } from "./parse.ts";
import { attributesAt, instantAt } from "./values.ts";

/** The same as `createMetricReader` of protobuf, from JSON. */
export function createMetricReader(): ReadMetrics {
  return (bytes, limits) => {
    const reading: Reading = { budget: createBudget(limits), metrics: [], tooLarge: 0 };
    for (const each of listAt(parseJson(bytes).resourceMetrics, "resourceMetrics")) resourceMetrics(each, reading);
    return { metrics: reading.metrics, tooLarge: reading.tooLarge };
  };
}

interface Reading extends Metrics {
  budget: Budget;
}

function resourceMetrics(value: unknown, reading: Reading): void {
  const { resource, scopeMetrics } = objectAt(value, "an item of resourceMetrics");
  const given = optionalObject(resource, "resource").attributes;
  const { attributes } = attributesAt(given, "resource.attributes", reading.budget);
  for (const each of listAt(scopeMetrics, "scopeMetrics")) {
    const { scope, metrics } = objectAt(each, "an item of scopeMetrics");
    const origin = originOf(attributes, textAt(optionalObject(scope, "scope").name, "a scope's name"));
    for (const metric of listAt(metrics, "metrics")) readMetric(objectAt(metric, "a metric"), origin, reading);
  }
}

const KINDS = [
  ["gauge", "gauge"],
  ["sum", "counter"],
  ["histogram", "histogram"],
  ["exponentialHistogram", "histogram"],
  ["summary", "summary"],
] as const;

function readMetric(given: JsonObject, origin: Origin, reading: Reading): void {
  const [field, kind] = KINDS.find(([name]) => given[name] !== undefined && given[name] !== null) ?? [];
  if (field === undefined) return;
  const data = objectAt(given[field], field);
  const delta = data.aggregationTemporality === 1 || data.aggregationTemporality === "AGGREGATION_TEMPORALITY_DELTA";
  const metric: Measured = {
    ...origin,
    name: textAt(given.name, "a metric's name") ?? "",
    description: textAt(given.description, "a metric's description") ?? "",
    unit: textAt(given.unit, "a metric's unit") ?? "",
    kind: kind === "counter" && data.isMonotonic !== true ? "gauge" : kind,
    delta,
    points: [],
  };
  for (const each of listAt(data.dataPoints, "dataPoints")) {
    const point = createPoint(
      metric.kind,
      partsOf(objectAt(each, "a data point"), reading.budget),
      reading.budget.limits,
    );
    if (point === "too large") reading.tooLarge += 1;
    else if (point !== undefined) metric.points.push(point);
  }
  if (metric.points.length > 0) reading.metrics.push(metric);
}

function partsOf(given: JsonObject, budget: Budget): PointParts {
  takeItem(budget);
  const { attributes, held } = attributesAt(given.attributes, "a point's attributes", budget);
  const parts: PointParts = { attributes, held, time: instantAt(given.timeUnixNano, "timeUnixNano") };
  if (isThere(given.flags)) parts.flags = Number(wholeAt(given.flags, "flags"));
  if (isThere(given.asInt)) parts.number = Number(wholeAt(given.asInt, "asInt"));
  if (isThere(given.asDouble)) parts.number = numberAt(given.asDouble, "asDouble");
  if (isThere(given.count)) parts.count = Number(wholeAt(given.count, "count"));
  if (isThere(given.sum)) parts.sum = numberAt(given.sum, "sum");
  parts.bounds = numbersAt(given.explicitBounds, "explicitBounds", budget);
  parts.counts = numbersAt(given.bucketCounts, "bucketCounts", budget);
  parts.quantiles = listAt(given.quantileValues, "quantileValues").map((each) => {
    takeValue(budget);
    const { quantile = 0, value = 0 } = objectAt(each, "a quantile");
    return { quantile: numberAt(quantile, "quantile"), value: numberAt(value, "value") };
  });
  return parts;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function numbersAt(value: unknown, where: string, budget: Budget): number[] {
  return listAt(value, where).map((each) => {
    takeValue(budget);
    return numberAt(each, where);
  });
}
