import { context, logs, metrics, propagation, trace } from "@opentelemetry/api";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import type { Resource } from "@opentelemetry/resources";
import type { LogRecordProcessor } from "@opentelemetry/sdk-logs";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { IMetricReader, MetricProducer } from "@opentelemetry/sdk-metrics";
import { NodeSDK } from "@opentelemetry/sdk-node";
import type { Mapping } from "../contract/mapping.ts";
import type { Sink } from "../contract/sink.ts";
import type { Clock } from "../lib/clock.ts";
import { announceAgain, announceNothing } from "./announce.ts";
import { createCapture } from "./capture.ts";
import type { CaptureCounts } from "./capture.ts";
import { isDisabled } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { exportersFrom, metricReadersFrom, type MaybeOwn } from "./exporters.ts";
import { handOut, isProducerTaken } from "./handed.ts";
import { createRecordProcessor } from "./logs.ts";
import { registeredKinds, type LocalApi } from "./place.ts";
import { createFactProcessor } from "./processor.ts";
import { recordingSampler } from "./sampler.ts";
import type { Seer } from "./seer.ts";
import { sharePlace } from "./share.ts";

/** Open calls are looked through this often, in ms. */
const SWEEP_MS = 5_000;

export interface ShownOptions {
  /** The process's environment; of it, the `OTEL_*` variables are read. */
  env: Environment;
  /** Ports that botel listens on; an exporter whose endpoint is one of them is refused with one line. */
  ownPorts: readonly number[];
  /** A port that botel may listen on: the usual one of OTLP, which a collector may have taken before. */
  maybeOwn?: MaybeOwn;
  /** What every metric reader that the user configures is given beside the SDK's own metrics. */
  metricProducers?: MetricProducer[];
  /** The bot's own name and version, where the `OTEL_*` variables do not say them. */
  service?: { name: string; version: string };
  /** How long the bot's own SDK may take to register, in ms (share.ts); absent: there is none. */
  waitMs?: number;
  /** The bot's own SDK has come. */
  foreign?: (what: "spans" | "records") => void;
  /** Takes one line. */
  warn: (line: string) => void;
}

export interface SdkOptions extends ShownOptions {
  mapping: Mapping;
  sink: Sink;
  clock: Clock;
  /** ms after which an open request or tool call becomes an unfinished one. */
  unfinishedAfter: number;
}

export interface Shown {
  /** False where `OTEL_SDK_DISABLED` is set: then botel sees nothing of this process. */
  active: boolean;
  /** Sees also what comes through this copy of `@opentelemetry/api`. */
  receive(api: LocalApi): void;
  /** Sends what the user's exporters hold. Never rejects; a dead endpoint is waited for `withinMs` at the most. */
  flush(withinMs: number): Promise<void>;
  /** Flushes, ends the SDK and frees its place for another. Never rejects. */
  stop(withinMs: number): Promise<void>;
}

export interface Sdk extends Shown {
  /** Messages, requests and tool calls under way. */
  inFlight(): number;
  health(): CaptureCounts;
}

/**
 * Starts OpenTelemetry in the bot's process. Where the bot has an SDK of its own, botel sees all that goes to it, and the
 * bot's exporters are the bot's; where it has none, botel's own has its processors, and beside them what the `OTEL_*`
 * variables ask for.
 */
export function startSdk(options: SdkOptions): Sdk {
  const { mapping, sink, clock, unfinishedAfter, warn } = options;
  const capture = createCapture(warn);
  const spans = createFactProcessor({ mapping, sink, clock, capture, unfinishedAfter });
  const shown = showTo({ spans, records: createRecordProcessor(mapping, sink, capture) }, options);
  const timer = setInterval(() => spans.sweep(), SWEEP_MS).unref();
  return {
    ...shown,
    inFlight: () => spans.inFlight(),
    health: () => ({ ...capture.counts, refused: { ...capture.counts.refused } }),
    stop(withinMs) {
      clearInterval(timer);
      return shown.stop(withinMs);
    },
  };
}

/** Starts OpenTelemetry in this process so that all of it is shown to `seer`. */
export function showTo(seer: Seer, options: ShownOptions): Shown {
  const { env, waitMs, warn, metricProducers = [] } = options;
  if (isDisabled(env)) {
    warn("OTEL_SDK_DISABLED is set: botel sees nothing of this process");
    const nothing = () => Promise.resolve();
    return { active: false, receive: () => {}, flush: nothing, stop: nothing };
  }
  const resource = defaultResource().merge(detectResources({ detectors: [envDetector] }));
  let running = NOTHING;
  const handBack = handOut(seer, metricProducers);
  const shared = sharePlace({
    seer,
    resource,
    waitMs,
    foreign: options.foreign,
    warn,
    register() {
      const { logRecordProcessors, ...own } = registerOwn(options, seer);
      running = own;
      return logRecordProcessors;
    },
    joined: () => void (running = readFolds(options, resource)),
  });
  announceAgain();
  let stopped: Promise<void> | undefined;

  return {
    active: true,
    receive: shared.receive,
    flush: (withinMs) =>
      settled(
        running.flushed.map((each) => each.forceFlush()),
        withinMs,
      ),
    stop: (withinMs) => (stopped ??= end(withinMs)),
  };

  async function end(withinMs: number): Promise<void> {
    announceNothing();
    await settled([running.end()], withinMs);
    running.leave();
    handBack();
    shared.release();
  }
}

/** What was started by us, and is ended by us. */
interface Running {
  flushed: Flushable[];
  /** May never settle: an exporter waits for its endpoint. */
  end(): Promise<unknown>;
  /** An SDK registers itself for good; the next one in this process needs the place. */
  leave(): void;
}

const APIS = { trace, logs, metrics, context, propagation };

const NOTHING: Running = { flushed: [], end: () => Promise.resolve(), leave: () => {} };

/** botel's own SDK, registered. */
function registerOwn(options: ShownOptions, seer: Seer): Running & { logRecordProcessors: LogRecordProcessor[] } {
  const { env, service, warn } = options;
  const asked = exportersFrom({ ...options, metricProducers: foldsFor(options) });
  const sdk = new NodeSDK({
    spanProcessors: [seer.spans, ...asked.spanProcessors],
    logRecordProcessors: [seer.records, ...asked.logRecordProcessors],
    metricReaders: asked.metricReaders,
    sampler: recordingSampler(env, warn),
    serviceName: namesService(env) ? undefined : service?.name,
    resource: service && resourceFromAttributes({ "service.version": service.version }),
  });
  const others = registeredKinds();
  sdk.start();
  return {
    logRecordProcessors: asked.logRecordProcessors,
    flushed: [...asked.spanProcessors, ...asked.logRecordProcessors, ...asked.metricReaders],
    end: () => sdk.shutdown(),
    leave() {
      for (const [kind, api] of Object.entries(APIS)) if (!others.has(kind)) api.disable();
    },
  };
}

/** Beside the bot's own SDK, which reads the bot's metrics: the readers that the `OTEL_*` variables ask for get the folds. */
function readFolds(options: ShownOptions, resource: Resource): Running {
  const folds = foldsFor(options);
  if (folds.length === 0) return NOTHING;
  const readers = metricReadersFrom({ ...options, metricProducers: folds });
  const provider = new MeterProvider({ resource, readers });
  return { flushed: readers, end: () => provider.shutdown(), leave: () => {} };
}

/** A reader that the bot gave them to has the folds: no other exports them again. */
function foldsFor({ metricProducers = [] }: ShownOptions): MetricProducer[] {
  return isProducerTaken() ? [] : metricProducers;
}

type Flushable = Pick<IMetricReader, "forceFlush">;

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
