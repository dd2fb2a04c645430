// A scrape with every label bound reached: what it holds up, its size, and our OpenMetrics writer beside prom-client.
// `node bench/scrape.ts [--rounds 9] [--made 20000]`. Made: models, channels and tools that somebody made up.
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import type { DataPoint, Histogram, MetricData } from "@opentelemetry/sdk-metrics";
import { DataPointType } from "@opentelemetry/sdk-metrics";
import * as prom from "prom-client";
import { openMetricsOf, targetOf } from "../src/prometheus/openmetrics.ts";
import { textOf } from "../src/prometheus/text.ts";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { botThread } from "./scrape-bot.ts";
import { filled, type Filled } from "./scrape-state.ts";

const resource = resourceFromAttributes({ "service.name": "botel" });

/** prom-client with the same series and values. */
async function promClient(metrics: readonly MetricData[]): Promise<prom.Registry> {
  const registry = new prom.Registry();
  // Its types know one format only.
  registry.setContentType(prom.Registry.OPENMETRICS_CONTENT_TYPE as unknown as prom.PrometheusContentType);
  for (const metric of metrics) keep(metric, registry);
  return registry;
}

function keep(metric: MetricData, registry: prom.Registry): void {
  const { name, description: help } = metric.descriptor;
  const labelNames = [...new Set(metric.dataPoints.flatMap(({ attributes }) => Object.keys(attributes)))].map(plain);
  const about = { name, help, labelNames, registers: [registry] };
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    const [first] = metric.dataPoints;
    const kept = new prom.Histogram({ ...about, buckets: first?.value.buckets.boundaries ?? [] });
    for (const point of metric.dataPoints) fill(kept, point);
  } else if (metric.dataPointType === DataPointType.SUM) {
    const kept = new prom.Counter({ ...about, name: name.replace(/_total$/, "") });
    for (const { attributes, value } of metric.dataPoints) kept.inc(labelsOf(attributes), value);
  } else if (metric.dataPointType === DataPointType.GAUGE) {
    const kept = new prom.Gauge(about);
    for (const { attributes, value } of metric.dataPoints) kept.set(labelsOf(attributes), value);
  }
}

/** As many observations in each bucket, one at a time: it has no other way in. */
function fill(kept: prom.Histogram, { attributes, value }: DataPoint<Histogram>): void {
  const labels = labelsOf(attributes);
  for (const [bucket, count] of value.buckets.counts.entries()) {
    const at = value.buckets.boundaries[bucket] ?? Number.MAX_SAFE_INTEGER;
    for (let n = 0; n < count; n += 1) kept.observe(labels, at);
  }
}

const plain = (name: string): string => name.replaceAll(".", "_");

function labelsOf(attributes: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [plain(name), value as string]));
}

/** The kernel may count a thread's CPU in steps of 4 ms: a round is long enough for many of them. */
const A_ROUND = 20;

/** @returns ms of the thread's CPU that a work took, by round: other processes on the machine are not in it */
async function timed(rounds: number, work: () => unknown): Promise<number[]> {
  const cpu = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const all: number[] = [];
  for (let round = 0; round < rounds + 5; round += 1) {
    const began = cpu();
    for (let n = 0; n < A_ROUND; n += 1) await work();
    if (round >= 5) all.push((cpu() - began) / A_ROUND);
  }
  return all.sort((a, b) => a - b);
}

const median = (of: readonly number[]): number => of[Math.floor(of.length / 2)] ?? Number.NaN;
const shown = (ms: number): string => `${ms.toFixed(1)} ms`;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: "string", default: "9" }, made: { type: "string", default: "20000" } },
  });
  const rounds = Number(values.rounds);
  const { data } = await scrapes(1000, rounds, "every bound reached");
  await scrapes(Number(values.made), rounds, "and far beyond");

  const all = { resource, scopeMetrics: [{ scope: { name: "botel" }, metrics: data }] };
  const registry = await promClient(data);
  const ours = median(await timed(rounds, () => targetOf(all) + openMetricsOf(all)));
  const theirs = median(await timed(rounds, () => registry.metrics()));
  const exporter = median(await timed(rounds, () => textOf(all, true)));
  console.log(
    `writing alone: ours ${shown(ours)}, prom-client ${shown(theirs)}, exporter-prometheus ${shown(exporter)}`,
  );
  console.log(`ours ÷ prom-client: ${(ours / theirs).toFixed(2)} (≤ 1.0)`);
  await botThread(rounds);
}

/** @param made models, channels and tools */
async function scrapes(made: number, rounds: number, what: string): Promise<Filled> {
  const filledUp = await filled(made);
  const { metrics } = filledUp;
  const [text, open] = [await metrics.render(), await metrics.render("application/openmetrics-text")];
  const size = (body: string): string =>
    `${(body.length / 1e6).toFixed(2)} MB, ${(gzipSync(body).length / 1e3).toFixed(0)} kB gzip`;
  const series = text.body
    .split("\n")
    .filter((line) => !line.startsWith("#") && !/_bucket\{|_sum[{ ]/.test(line)).length;
  console.log(`${what}: ${series} series out of ${made} models, channels and tools, CPU of the observer's thread:`);
  console.log(`  text ${size(text.body)} (≤ 1.5 MB); OpenMetrics ${size(open.body)}`);
  const exported = median(await timed(rounds, () => metrics.render()));
  const ours = median(await timed(rounds, () => metrics.render("application/openmetrics-text")));
  console.log(
    `  a scrape: ${shown(exported)} by exporter-prometheus (≤ 100 ms), ${shown(ours)} by our OpenMetrics writer`,
  );
  return filledUp;
}
