// Facts that reach every bound of the labels, and the metrics over them.
import type { MetricData } from "@opentelemetry/sdk-metrics";
import type { StoredFact } from "../src/contract/fact.ts";
import { NEW } from "../src/contract/fact.ts";
import { systemClock as clock } from "../src/lib/clock.ts";
import { type Declaration, METRICS, prometheusName } from "../src/prometheus/declarations.ts";
import { createMetrics, type Metrics } from "../src/prometheus/metrics.ts";
import { metricsFold } from "../src/rollups/metrics.ts";
import { createSystem } from "../src/system/system.ts";

export interface Filled {
  metrics: Metrics;
  /** What a scrape writes, under Prometheus' names; without exemplars, which prom-client has none of either. */
  data: MetricData[];
}

/** @param made models, channels and tools, each of its own name */
export async function filled(made: number): Promise<Filled> {
  const state = metricsFold.zero();
  const system = createSystem({
    version: "0.0.0",
    startMs: clock.now(),
    clock,
    hosted: false,
    demo: false,
    channels: [],
    failing: () => new Map(),
    probe: () => {},
  });
  const metrics = createMetrics({
    clock,
    labelValues: 400,
    state: () => state,
    system,
    live: () => ({ clients: 0, events: 0, lost: 0, cut: 0 }),
  });
  for (let n = 0; n < made; n += 1) {
    for (const fact of factsOf(n)) {
      metricsFold.add(state, fact, 0);
      metrics.see([{ fact, before: NEW }]);
    }
  }
  system.close();
  return { metrics, data: await namedFor(metrics) };
}

async function namedFor(metrics: Metrics): Promise<MetricData[]> {
  const names = new Map<string, Declaration>(
    Object.values(METRICS).map((declaration) => [declaration.name, declaration]),
  );
  const all = (await metrics.collect()).flatMap((scope) => scope.metrics);
  return all.map((metric) => {
    const declaration = names.get(metric.descriptor.name);
    const name = declaration === undefined ? metric.descriptor.name : prometheusName(declaration);
    return { ...metric, descriptor: { ...metric.descriptor, name } };
  });
}

function factsOf(n: number): StoredFact[] {
  const id = n.toString(16).padStart(16, "0");
  const base = { key: id.repeat(3), traceId: id + id, spanId: id, timeMs: 1e12 + n, timeNs: 0, row: n, counted: true };
  const failed = n % 2 === 1;
  const ended = {
    ...base,
    durationNs: 1e7 * (n % 900),
    failed,
    errorType: failed ? `error-${n % 90}` : undefined,
    errorItem: failed,
  };
  const names = { provider: `provider-${n % 5}`, model: `model-${n}`, channel: `channel-${n}` };
  return [
    { ...ended, errorItem: false, kind: "message", platform: `platform-${n}`, responses: 1, responseWaitNs: 1e9 },
    {
      ...ended,
      kind: "request",
      operation: "chat",
      ...names,
      previousChannel: `channel-${n - 1}`,
      inputTokens: n,
      outputTokens: 7,
      cachedTokens: 1,
      cacheCreationTokens: 1,
      reasoningTokens: 1,
      usageMissing: false,
      firstChunkNs: 2e8,
    },
    { ...ended, kind: "tool", tool: `tool-${n}` },
  ];
}
