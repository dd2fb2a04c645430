import type { Attributes, HrTime } from "@opentelemetry/api";
import type { DataPoint, Histogram, MetricData, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { DataPointType } from "@opentelemetry/sdk-metrics";
import type { Exemplar, Exemplars } from "./exemplars.ts";

type Written<Value> = DataPoint<Value> & { exemplars?: Exemplars };

/**
 * A part of a scrape as OpenMetrics 1.0: the series and values of the text format, with exemplars and times of creation.
 * It does not end the scrape; see {@link END}.
 */
export function openMetricsOf({ scopeMetrics }: ResourceMetrics): string {
  let text = "";
  for (const { metrics } of scopeMetrics) for (const metric of metrics) text += familyOf(metric);
  return text;
}

/** The last line of every scrape. */
export const END = "# EOF\n";

/** What is said of botel itself. */
export function targetOf({ resource }: Pick<ResourceMetrics, "resource">): string {
  const labels = pairsOf(resource.attributes);
  return `# HELP target Target metadata\n# TYPE target info\ntarget_info{${labels}} 1\n`;
}

function familyOf(metric: MetricData): string {
  const { name, description } = metric.descriptor;
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    return head(name, "histogram", description) + lines(metric.dataPoints, (point) => histogramLines(name, point));
  }
  if (metric.dataPointType === DataPointType.SUM && metric.isMonotonic) {
    const family = name.replace(/_total$/, "");
    return head(family, "counter", description) + lines(metric.dataPoints, (point) => counterLines(family, point));
  }
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return ""; // botel makes none
  return head(name, "gauge", description) + lines(metric.dataPoints, (point) => gaugeLine(name, point));
}

const UNIT = /_(seconds|bytes)$/;

function head(family: string, type: string, help: string): string {
  const [, unit] = UNIT.exec(family) ?? [];
  const escapedHelp = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
  return `# HELP ${family} ${escapedHelp}\n# TYPE ${family} ${type}\n${unit ? `# UNIT ${family} ${unit}\n` : ""}`;
}

function lines<Value>(points: readonly DataPoint<Value>[], line: (point: DataPoint<Value>) => string): string {
  let text = "";
  for (const point of points) text += line(point);
  return text;
}

function gaugeLine(name: string, { attributes, value }: DataPoint<number>): string {
  return `${name}${inBraces(pairsOf(attributes))} ${numberOf(value)}\n`;
}

function counterLines(family: string, { attributes, value, startTime }: DataPoint<number>): string {
  const labels = inBraces(pairsOf(attributes));
  return `${family}_total${labels} ${numberOf(value)}\n${family}_created${labels} ${timeOf(startTime)}\n`;
}

function histogramLines(name: string, { attributes, value, startTime, exemplars }: Written<Histogram>): string {
  const pairs = pairsOf(attributes);
  const labels = inBraces(pairs);
  const begin = `${name}_bucket{${pairs}${pairs === "" ? "" : ","}le="`;
  const { boundaries, counts } = value.buckets;
  let [text, below] = ["", 0];
  for (let bucket = 0; bucket < counts.length; bucket += 1) {
    below += counts[bucket] as number;
    const bound = boundaries[bucket];
    text += `${begin}${bound === undefined ? "+Inf" : floatOf(bound)}"} ${below}${exemplarOf(exemplars?.[bucket])}\n`;
  }
  text += `${name}_count${labels} ${value.count}\n${name}_sum${labels} ${numberOf(value.sum ?? 0)}\n`;
  return `${text}${name}_created${labels} ${timeOf(startTime)}\n`;
}

/** `trace` is what the page's address takes: the id, and the time beside which the store looks for it. */
function exemplarOf(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return "";
  const { traceId, timeMs, valueNs } = exemplar;
  return ` # {trace_id="${traceId}",trace="${traceId}?at=${timeMs}"} ${numberOf(valueNs / 1e9)} ${timeMs / 1e3}`;
}

function inBraces(pairs: string): string {
  return pairs === "" ? "" : `{${pairs}}`;
}

function pairsOf(attributes: Attributes): string {
  let text = "";
  for (const name in attributes) {
    const value = attributes[name];
    if (typeof value !== "string") continue; // ours are texts, all of them
    text += `${text === "" ? "" : ","}${name.replaceAll(".", "_")}="${escaped(value)}"`;
  }
  return text;
}

const TO_ESCAPE = /["\\\n]/;

function escaped(value: string): string {
  if (!TO_ESCAPE.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function numberOf(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

/** Bounds are floats in OpenMetrics: `1.0`. */
function floatOf(bound: number): string {
  return Number.isInteger(bound) && bound < 1e21 ? `${bound}.0` : String(bound);
}

function timeOf([seconds, nanos]: HrTime): string {
  return nanos === 0 ? String(seconds) : `${seconds}.${String(Math.floor(nanos / 1e6)).padStart(3, "0")}`;
}

/**
 * Other writers' lines, as the text format has them, for OpenMetrics: there a counter's family is named without `_total`.
 */
export function asOpenMetrics(text: string): string {
  const counters = [...text.matchAll(/^# TYPE (\S+)_total counter$/gm)].map(([, family]) => family as string);
  if (counters.length === 0) return text;
  const names = new Set(counters);
  return text.replaceAll(/^# (TYPE|HELP) (\S+)_total /gm, (line, word: string, family: string) =>
    names.has(family) ? `# ${word} ${family} ` : line,
  );
}
