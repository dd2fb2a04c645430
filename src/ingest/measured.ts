import type { Measured, MeasuredHistogram, MeasuredPoint, MeasuredSummary } from "../contract/measured.ts";
import type { Attributes, AttributeValue, Instant } from "../contract/span.ts";
import type { Limits } from "./limits.ts";

/** What a request of metrics holds. */
export interface Metrics {
  metrics: Measured[];
  /** Points that hold more attributes or buckets than they may: they are refused. */
  tooLarge: number;
}

/** What all metrics of a scope have from around it. */
export type Origin = Pick<Measured, "service" | "instance" | "scope">;

export function originOf(resource: Attributes, scope: string | undefined): Origin {
  return { service: labelOf(resource["service.name"]), instance: labelOf(resource["service.instance.id"]), scope };
}

/** What was read of a point; which of it counts is for its kind to say. */
export interface PointParts {
  attributes: Attributes;
  /** How many values the attributes hold. */
  held: number;
  time?: Instant;
  flags?: number;
  number?: number;
  count?: number;
  sum?: number;
  bounds?: number[];
  counts?: number[];
  quantiles?: MeasuredSummary["quantiles"][number][];
}

/** Buckets or quantiles of one point at the most. */
const MAX_BUCKETS = 200;
/** Bit of a point's flags: the series has ended, there is no value. */
const NO_VALUE = 1;

/** @returns undefined where the point says nothing. */
export function createPoint(
  kind: Measured["kind"],
  parts: PointParts,
  { maxAttributes }: Limits,
): MeasuredPoint | undefined | "too large" {
  const { attributes, held, time = { ms: 0, ns: 0 }, flags = 0, bounds = [], quantiles = [] } = parts;
  if (held > maxAttributes || bounds.length > MAX_BUCKETS || quantiles.length > MAX_BUCKETS) return "too large";
  const value = kind === "histogram" || kind === "summary" ? distributionOf(kind, parts) : parts.number;
  if (value === undefined || (flags & NO_VALUE) !== 0) return undefined;
  return { attributes: labelsOf(attributes), time, value };
}

function distributionOf(kind: "histogram" | "summary", parts: PointParts): MeasuredHistogram | MeasuredSummary {
  const { count = 0, sum = 0, bounds = [], counts = [], quantiles = [] } = parts;
  if (kind === "summary") return { quantiles, sum, count };
  const fits = counts.length === bounds.length + 1 && bounds.every((bound, at) => at === 0 || bound > bounds[at - 1]!);
  return fits ? { bounds, counts, sum, count } : { bounds: [], counts: [count], sum, count };
}

function labelsOf(attributes: Attributes): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, labelOf(value) ?? ""]));
}

function labelOf(value: AttributeValue): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  return typeof value === "object" ? JSON.stringify(value, bigints) : String(value);
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
