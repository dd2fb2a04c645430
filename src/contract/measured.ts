import type { Instant } from "./span.ts";

/**
 * What a bot's own metrics say, as `/v1/metrics` brings it: of one metric of one sender, in one request. It is no fact: it
 * is not stored, only shown again on `/metrics`.
 */
export interface Measured {
  /** `service.name` and `service.instance.id` of the sender. */
  service?: string;
  instance?: string;
  /** Name of the instrumentation scope. */
  scope?: string;
  /** As OpenTelemetry has it, with dots. */
  name: string;
  description: string;
  /** UCUM, as `s`, `By` or `{request}`; empty where it has none. */
  unit: string;
  kind: "counter" | "gauge" | "histogram" | "summary";
  /** Each point counts from the one before it, not from the start. */
  delta: boolean;
  points: MeasuredPoint[];
}

export interface MeasuredPoint {
  attributes: Readonly<Record<string, string>>;
  time: Instant;
  value: number | MeasuredHistogram | MeasuredSummary;
}

export interface MeasuredHistogram {
  /** Ascending, inclusive upper bounds. */
  bounds: readonly number[];
  /** One more than there are bounds, not cumulative. */
  counts: readonly number[];
  sum: number;
  count: number;
}

export interface MeasuredSummary {
  quantiles: readonly { quantile: number; value: number }[];
  sum: number;
  count: number;
}
