import { execFileSync } from "node:child_process";
import type { StoredFact } from "../../src/contract/fact.ts";
import { createMetrics } from "../../src/prometheus/metrics.ts";
import type { Metrics, MetricsOptions } from "../../src/prometheus/metrics.ts";
import { type OpenMetrics, readOpenMetrics } from "./read-openmetrics.ts";
import { metricsFold } from "../../src/rollups/metrics.ts";
import type { MetricsState } from "../../src/rollups/metrics.ts";
import { started as startedSystem, taken } from "../system/made.ts";

export interface Started extends Metrics {
  system: ReturnType<typeof startedSystem>;
  state: MetricsState;
  add(...facts: StoredFact[]): void;
  scrape(): Promise<Scrape>;
  openMetrics(): Promise<OpenMetrics>;
}

/** @param state of an earlier start */
export function started(options: Partial<MetricsOptions> = {}, state = metricsFold.zero()): Started {
  const system = startedSystem();
  const live = () => ({ clients: 1, events: 2, lost: 3, cut: 4 });
  const given = { clock: system.watch, labelValues: 50, state: () => state, system, live, ...options };
  const metrics = createMetrics(given);
  return {
    ...metrics,
    system,
    state,
    add(...facts) {
      for (const fact of facts) metricsFold.add(state, fact, 0);
      metrics.see(taken(...facts));
    },
    scrape: async () => parse((await metrics.render()).body),
    openMetrics: async () => readOpenMetrics((await metrics.render("application/openmetrics-text")).body),
  };
}

/** The state as it comes back from the disk. */
export function restarted(state: MetricsState): MetricsState {
  return metricsFold.decode(JSON.parse(JSON.stringify(metricsFold.encode(state))) as never);
}

/** Debian has it in its package `prometheus`. */
const PROMTOOL = "promtool";

/** @returns what `promtool check metrics` prints: nothing where all is well. */
export function promtool(body: string): string {
  try {
    return execFileSync(PROMTOOL, ["check", "metrics"], { input: body, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout?: string; stderr?: string; message: string };
    return `${stdout ?? ""}${stderr ?? ""}` || message;
  }
}

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** One scrape, read line by line. */
export interface Scrape {
  body: string;
  samples: Sample[];
  /** Of the metric: all samples whose labels have what is given. */
  of(name: string, labels?: Record<string, string>): Sample[];
  /** The only such sample's value. */
  value(name: string, labels?: Record<string, string>): number | undefined;
  sum(name: string, labels?: Record<string, string>): number;
}

function parse(body: string): Scrape {
  const samples = body
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(sample);
  const of = (name: string, labels: Record<string, string> = {}) =>
    samples.filter(
      (s) => s.name === name && Object.entries(labels).every(([label, value]) => s.labels[label] === value),
    );
  return {
    body,
    samples,
    of,
    value(name, labels) {
      const found = of(name, labels);
      if (found.length > 1) throw new Error(`${found.length} samples of ${name}`);
      return found[0]?.value;
    },
    sum: (name, labels) => of(name, labels).reduce((sum, { value }) => sum + value, 0),
  };
}

/** One line of the text format. */
export function sample(line: string): Sample {
  const [, name, labels = "", value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a sample: ${line}`);
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g)];
  if (pairs.map(([pair]) => pair).join("") !== labels) throw new Error(`not labels: ${labels}`);
  const named = pairs.map(([, label, text]) => [label, JSON.parse(`"${text}"`)] as const);
  return { name, labels: Object.fromEntries(named) as Record<string, string>, value: Number(value) };
}
