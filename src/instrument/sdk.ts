import { context, logs, metrics, propagation, ProxyTracerProvider, trace } from "@opentelemetry/api";
import type { IMetricReader, MetricProducer } from "@opentelemetry/sdk-metrics";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { NodeSDK } from "@opentelemetry/sdk-node";
import type { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import type { Mapping } from "../contract/mapping.ts";
import type { Sink } from "../contract/sink.ts";
import type { Clock } from "../lib/clock.ts";
import { announceAgain, announceNothing } from "./announce.ts";
import { createCapture } from "./capture.ts";
import type { CaptureCounts } from "./capture.ts";
import { isDisabled } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { exportersFrom, type MaybeOwn } from "./exporters.ts";
import { createRecordProcessor } from "./logs.ts";
import { createFactProcessor } from "./processor.ts";
import { recordingSampler } from "./sampler.ts";

/** Open calls are looked through this often, in ms. */
const SWEEP_MS = 5_000;

export interface SdkOptions {
  mapping: Mapping;
  sink: Sink;
  clock: Clock;
  /** The process's environment; of it, the `OTEL_*` variables are read. */
  env: Environment;
  /** Ports that botel listens on; an exporter whose endpoint is one of them is refused with one line. */
  ownPorts: readonly number[];
  /** A port that botel may listen on: the usual one of OTLP, which a collector may have taken before. */
  maybeOwn?: MaybeOwn;
  /** ms after which an open request or tool call becomes an unfinished one. */
  unfinishedAfter: number;
  /** What every metric reader that the user configures is given beside the SDK's own metrics. */
  metricProducers?: MetricProducer[];
  /** The bot's own name and version, where the `OTEL_*` variables do not say them. */
  service?: { name: string; version: string };
  instrumentations?: NodeSDKConfiguration["instrumentations"];
  /** Takes one line. */
  warn: (line: string) => void;
}

export interface Sdk {
  /** False where `OTEL_SDK_DISABLED` is set or another SDK was first: then botel sees nothing of this process. */
  active: boolean;
  /** Messages, requests and tool calls under way. */
  inFlight(): number;
  health(): CaptureCounts;
  /** Sends what the user's exporters hold. Never rejects; a dead endpoint is waited for `withinMs` at the most. */
  flush(withinMs: number): Promise<void>;
  /** Flushes, ends the SDK and frees its place for another. Never rejects. */
  stop(withinMs: number): Promise<void>;
}

/** Starts OpenTelemetry in the bot's process: botel's processors, and beside them what the `OTEL_*` variables ask for. */
export function startSdk(options: SdkOptions): Sdk {
  const { mapping, sink, clock, env, unfinishedAfter, warn } = options;
  const capture = createCapture(warn);
  const facts = createFactProcessor({ mapping, sink, clock, capture, unfinishedAfter });
  const inFlight = () => facts.inFlight();
  const health = () => ({ ...capture.counts, refused: { ...capture.counts.refused } });
  const reason = whyNot(env);
  if (reason !== undefined) {
    warn(reason);
    const nothing = () => Promise.resolve();
    return { active: false, inFlight, health, flush: nothing, stop: nothing };
  }

  const asked = exportersFrom({ ...options, metricProducers: options.metricProducers ?? [] });
  const sdk = new NodeSDK({
    spanProcessors: [facts, ...asked.spanProcessors],
    logRecordProcessors: [createRecordProcessor(mapping, sink, capture), ...asked.logRecordProcessors],
    metricReaders: asked.metricReaders,
    sampler: recordingSampler(env, warn),
    serviceName: namesService(env) ? undefined : options.service?.name,
    resource: options.service && resourceFromAttributes({ "service.version": options.service.version }),
    instrumentations: options.instrumentations,
  });
  const loggers = logs.getLoggerProvider();
  sdk.start();
  if (logs.getLoggerProvider() === loggers)
    warn("another OpenTelemetry SDK has the log lines: botel sees none of them");
  announceAgain();
  const timer = setInterval(() => facts.sweep(), SWEEP_MS).unref();
  let stopped: Promise<void> | undefined;
  const flushed: Flushable[] = [...asked.spanProcessors, ...asked.logRecordProcessors, ...asked.metricReaders];

  return {
    active: true,
    inFlight,
    health,
    flush: (withinMs) =>
      settled(
        flushed.map((each) => each.forceFlush()),
        withinMs,
      ),
    stop: (withinMs) => (stopped ??= end(withinMs)),
  };

  async function end(withinMs: number): Promise<void> {
    clearInterval(timer);
    announceNothing();
    await settled([sdk.shutdown()], withinMs);
    leave();
  }
}

type Flushable = Pick<IMetricReader, "forceFlush">;

function whyNot(env: Environment): string | undefined {
  if (isDisabled(env)) return "OTEL_SDK_DISABLED is set: botel sees nothing of this process";
  const there = trace.getTracerProvider();
  const free = there instanceof ProxyTracerProvider && there.getDelegateTracer("botel") === undefined;
  return free ? undefined : "another OpenTelemetry SDK was started first: botel sees nothing of this process";
}

function namesService(env: Environment): boolean {
  return (
    Boolean(env.OTEL_SERVICE_NAME?.trim()) || /(?:^|,)\s*service\.name\s*=/.test(env.OTEL_RESOURCE_ATTRIBUTES ?? "")
  );
}

/** Waits until all have settled, or for `withinMs`; what fails is the SDK's to tell. */
async function settled(work: Promise<unknown>[], withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  await Promise.race([Promise.allSettled(work), late]);
  clearTimeout(timer);
}

/** The SDK registers itself for good; the next one in this process needs the place. */
function leave(): void {
  for (const api of [trace, logs, metrics, context, propagation]) api.disable();
}
