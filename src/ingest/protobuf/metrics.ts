import type { Measured, MeasuredPoint, MeasuredSummary } from "../../contract/measured.ts";
import { createBudget, takeItem, takeValue, type Budget, type Limits } from "../limits.ts";
import { createPoint, originOf, type Metrics, type Origin, type PointParts } from "../measured.ts";
import type { Cursor } from "./cursor.ts";
import {
  cursorOf,
  double,
  ending,
  fields,
  FIXED64,
  fixed64,
  instant,
  LENGTH,
  message,
  sfixed64,
  varint,
} from "./cursor.ts";
import { createTexts } from "./texts.ts";
import { createValues, type MutableAttributes, type Values } from "./values.ts";

/** ExportMetricsServiceRequest. @throws {BotelError} INVALID_PARAMETER, PAYLOAD_TOO_LARGE */
export type ReadMetrics = (bytes: Buffer, limits: Limits) => Metrics;

export function createMetricReader(): ReadMetrics {
  const texts = createTexts();
  return (bytes, limits) => {
    const budget = createBudget(limits);
    const reading: Reading = { budget, values: createValues(budget, texts), metrics: [], tooLarge: 0 };
    const cursor = cursorOf(bytes);
    fields(cursor, (announced) => announced === FIRST && resourceMetrics(cursor, reading));
    return { metrics: reading.metrics, tooLarge: reading.tooLarge };
  };
}

interface Reading extends Metrics {
  budget: Budget;
  values: Values;
}

/** Twice over its fields: the resource may stand behind its metrics. */
function resourceMetrics(cursor: Cursor, reading: Reading): true {
  const resource: MutableAttributes = {};
  const start = cursor.at;
  message(cursor, (announced) => announced === FIRST && readResource(cursor, reading.values, resource));
  cursor.at = start;
  message(cursor, (announced) => announced === SECOND && scopeMetrics(cursor, reading, resource));
  return true;
}

function readResource(cursor: Cursor, values: Values, into: MutableAttributes): true {
  message(cursor, (announced) => announced === FIRST && values.keyValue(cursor, into) > 0);
  return true;
}

/** Twice, too: the scope's name goes with each metric. */
function scopeMetrics(cursor: Cursor, reading: Reading, resource: MutableAttributes): true {
  const scope = { name: "" };
  const start = cursor.at;
  message(cursor, (announced) => announced === FIRST && readScope(cursor, reading.values, scope));
  cursor.at = start;
  const origin = originOf(resource, scope.name || undefined);
  message(cursor, (announced) => announced === SECOND && readMetric(cursor, reading, origin));
  return true;
}

function readScope(cursor: Cursor, values: Values, scope: { name: string }): true {
  message(cursor, (announced) => {
    if (announced !== FIRST) return false;
    scope.name = values.text(cursor);
    return true;
  });
  return true;
}

function readMetric(cursor: Cursor, reading: Reading, origin: Origin): true {
  const { values } = reading;
  const metric: Measured = { ...origin, name: "", description: "", unit: "", kind: "gauge", delta: false, points: [] };
  message(cursor, (announced) => {
    const layout = LAYOUTS.get(announced);
    if (announced === FIRST) metric.name = values.text(cursor);
    else if (announced === SECOND) metric.description = values.text(cursor);
    else if (announced === UNIT) metric.unit = values.text(cursor);
    else if (layout !== undefined) readData(cursor, reading, metric, layout);
    else return false;
    return true;
  });
  if (metric.points.length > 0) reading.metrics.push(metric);
  return true;
}

function readData(cursor: Cursor, reading: Reading, metric: Measured, layout: Layout): void {
  let monotonic = false;
  Object.assign(metric, { points: [], delta: false });
  message(cursor, (announced) => {
    if (announced === FIRST) readPoint(cursor, reading, layout, metric.points);
    else if (announced === TEMPORALITY) metric.delta = varint(cursor) === DELTA;
    else if (announced === MONOTONIC) monotonic = varint(cursor) !== 0;
    else return false;
    return true;
  });
  metric.kind = layout.kind === "counter" && !monotonic ? "gauge" : layout.kind;
}

function readPoint(cursor: Cursor, reading: Reading, layout: Layout, into: MeasuredPoint[]): void {
  takeItem(reading.budget);
  const { budget, values } = reading;
  const attributes: MutableAttributes = {};
  const parts: PointParts = { attributes, held: 0 };
  message(cursor, (announced) => {
    if (announced === layout.attribute) parts.held += values.keyValue(cursor, attributes);
    else if (announced === TIME) parts.time = instant(cursor);
    else if (announced === layout.flags) parts.flags = varint(cursor);
    else return layout.value(cursor, announced, parts, budget);
    return true;
  });
  const point = createPoint(layout.kind, parts, budget.limits);
  if (point === "too large") reading.tooLarge += 1;
  else if (point !== undefined) into.push(point);
}

/** Where a kind of point has what. */
interface Layout {
  kind: Measured["kind"];
  attribute: number;
  flags: number;
  /** @returns false for a field that it does not know */
  value(cursor: Cursor, announced: number, parts: PointParts, budget: Budget): boolean;
}

function numberValue(cursor: Cursor, announced: number, parts: PointParts): boolean {
  if (announced === fixed(4)) parts.number = double(cursor);
  else if (announced === fixed(6)) parts.number = sfixed64(cursor);
  else return false;
  return true;
}

function distribution(cursor: Cursor, announced: number, parts: PointParts): boolean {
  if (announced === fixed(4)) parts.count = fixed64(cursor);
  else if (announced === fixed(5)) parts.sum = double(cursor);
  else return false;
  return true;
}

function histogramValue(cursor: Cursor, announced: number, parts: PointParts, budget: Budget): boolean {
  if (announced === long(6) || announced === fixed(6)) {
    numbers(cursor, announced, fixed64, budget, (parts.counts ??= []));
  } else if (announced === long(7) || announced === fixed(7)) {
    numbers(cursor, announced, double, budget, (parts.bounds ??= []));
  } else return distribution(cursor, announced, parts);
  return true;
}

/** A repeated number: packed, as it should be, or one by one. */
function numbers(
  cursor: Cursor,
  announced: number,
  read: (cursor: Cursor) => number,
  budget: Budget,
  into: number[],
): void {
  const end = (announced & 7) === LENGTH ? ending(cursor) : cursor.at + 8;
  while (cursor.at < end) {
    takeValue(budget);
    into.push(read(cursor));
  }
}

function summaryValue(cursor: Cursor, announced: number, parts: PointParts, budget: Budget): boolean {
  if (announced !== long(6)) return distribution(cursor, announced, parts);
  takeValue(budget);
  const each: MeasuredSummary["quantiles"][number] = { quantile: 0, value: 0 };
  message(cursor, (inner) => {
    if (inner === fixed(1)) each.quantile = double(cursor);
    else if (inner === fixed(2)) each.value = double(cursor);
    else return false;
    return true;
  });
  (parts.quantiles ??= []).push(each);
  return true;
}

const long = (field: number): number => (field << 3) | LENGTH;
const fixed = (field: number): number => (field << 3) | FIXED64;
const plain = (field: number): number => field << 3;

const FIRST = long(1);
const SECOND = long(2);
const UNIT = long(3);
const TEMPORALITY = plain(2);
const DELTA = 1;
const MONOTONIC = plain(3);
const TIME = fixed(3);

/** By the field of Metric. */
const LAYOUTS: ReadonlyMap<number, Layout> = new Map([
  [long(5), { kind: "gauge", attribute: long(7), flags: plain(8), value: numberValue }],
  [long(7), { kind: "counter", attribute: long(7), flags: plain(8), value: numberValue }],
  [long(9), { kind: "histogram", attribute: long(9), flags: plain(10), value: histogramValue }],
  // Its buckets are of no fixed bounds: sum and count are what is left.
  [long(10), { kind: "histogram", attribute: long(1), flags: plain(10), value: distribution }],
  [long(11), { kind: "summary", attribute: long(7), flags: plain(8), value: summaryValue }],
]);
