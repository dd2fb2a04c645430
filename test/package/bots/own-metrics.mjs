// A bot that reads its metrics itself, botel's with them.
import { setTimeout as sleep } from "node:timers/promises";
import { metrics } from "@opentelemetry/api";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { botelMetricProducer, start, tool } from "botel";
import { say, untilTold } from "../world.mjs";

class Reader extends MetricReader {
  onForceFlush() {
    return Promise.resolve();
  }
  onShutdown() {
    return Promise.resolve();
  }
}

const reader = new Reader({ metricProducers: [botelMetricProducer()] });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
metrics.getMeter("bot").createCounter("own.counter").add(1);
await start().ready;
await tool({ name: "dice" }, () => 6);

async function names() {
  const { resourceMetrics } = await reader.collect();
  return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics.map(({ descriptor }) => descriptor.name));
}

let all = await names();
while (!all.includes("bot.tool.calls")) {
  await sleep(50);
  all = await names();
}
say(all);
await untilTold();
