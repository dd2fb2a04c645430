import type { LogRecordProcessor } from "@opentelemetry/sdk-logs";
import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { startBotel, type Botel } from "./app.ts";
import { observeBot, type BotThread, type BotThreadOptions } from "./bot-thread.ts";
import { environment, observerOfParent, tellChildren } from "./config/environment.ts";
import { loadSettings, refuseOpenHost, SettingsError } from "./config/load.ts";
import type { Settings } from "./config/settings.ts";
import { handedFolds, handedRecords, handedSpans } from "./instrument/handed.ts";
import type { LocalApi } from "./instrument/place.ts";
import { createRelay } from "./instrument/relay.ts";
import { showTo } from "./instrument/sdk.ts";
import { report } from "./lib/report.ts";

/** botel in a bot of somebody's own. */
export interface Embedded {
  /**
   * The URL that is served; undefined where botel is off, as with wrong settings or a taken port: one warning has said
   * why, and the bot goes on. Never rejects.
   */
  readonly ready: Promise<string | undefined>;
  /** Stores what there is, within 5 s. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Starts botel in this process: OpenTelemetry with the standard `OTEL_*` variables, and the observer beside the bot.
 * Settings are those of `config/default.yaml`, the file named by `BOTEL_CONFIG`, and the environment. With an SDK of the
 * bot's own it is shared: start that first. In a process that a bot with botel started, and in a thread of it, what is
 * done goes to the observer there.
 *
 * Never throws, and waits for nothing. A second call gives what the first one started.
 */
export function start(): Embedded {
  return startAs({ waitMs: 0 });
}

/** As `start`, for `botel/register`. */
export function startAs(options: StartOptions): Embedded {
  return (embedded ??= begin(options));
}

/** For `spanProcessors` of the bot's own SDK; only needed where that is not registered, or later than the first span. */
export function botelSpanProcessor(): SpanProcessor {
  start();
  return handedSpans();
}

/** For `logRecordProcessors` of the bot's own SDK, likewise. */
export function botelLogRecordProcessor(): LogRecordProcessor {
  start();
  return handedRecords();
}

/** For `metricProducers` of a reader of the bot's own: it gets botel's metrics, and waits for them 1 s at the most. */
export function botelMetricProducer(): MetricProducer {
  const folds = handedFolds(); // first: no reader that `OTEL_METRICS_EXPORTER` asks for gets them then
  start();
  return folds;
}

let embedded: Embedded | undefined;

export interface StartOptions {
  /** How long the bot may take to register an SDK of its own, in ms, where no span comes before. */
  waitMs: number;
  /** The bot's own SDK has come. */
  foreign?(what: "spans" | "records"): void;
  /** What sees this process has started. */
  shown?(what: { hear(api: LocalApi): void }): void;
}

function begin(options: StartOptions): Embedded {
  try {
    const parent = observerOfParent();
    if (parent !== undefined) return relayTo(parent, options);
    const settings = loadSettings({ env: environment(), cwd: process.cwd(), ownProcess: false });
    refuseOpenHost(settings);
    return guest(settings, options);
  } catch (error) {
    const why = error instanceof SettingsError ? error.problems.join("; ") : String(error);
    report(`is off, the bot goes on without it: ${why}`);
    return OFF;
  }
}

const OFF: Embedded = { ready: Promise.resolve(undefined), stop: () => Promise.resolve() };

function guest(settings: Settings, { waitMs, foreign, shown }: StartOptions): Embedded {
  const { dataDir, server } = settings;
  function observe(thread: BotThreadOptions): BotThread {
    const bot = observeBot({ ...thread, waitMs, foreign });
    shown?.(bot);
    return bot;
  }
  const botel = startBotel({ settings, dataDir, demo: false, outside: "taken", observe, keepAlive: false });
  // A port of 0 is known later: who is started before says that it is not counted, and starts no observer of its own.
  tellChildren(server.port === 0 ? UNKNOWN : urlFor(server.host, server.port));
  drainOnSignals(botel);
  const ready = botel.ready.then(
    (url) => {
      tellChildren(url);
      return url;
    },
    (error: Error) => {
      tellChildren(undefined);
      report(`serves nothing, the bot goes on: ${error.message}`);
      return undefined;
    },
  );
  return {
    get ready() {
      return keptAlive(ready);
    },
    async stop() {
      tellChildren(undefined);
      await botel.stop();
    },
  };
}

/** botel's threads do not keep a bot alive; one that waits for them is not to end before. */
async function keptAlive<T>(work: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 1000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

const UNKNOWN = "unknown";

/** Where this machine finds what listens on a host. */
function urlFor(host: string, port: number): string {
  const here = { "0.0.0.0": "127.0.0.1", "::": "[::1]" }[host] ?? (host.includes(":") ? `[${host}]` : host);
  return `http://${here}:${port}`;
}

/** In a child of a bot's process, or a thread of it: no second observer. */
function relayTo(url: string, { waitMs, foreign, shown }: StartOptions): Embedded {
  if (url === UNKNOWN) {
    report("was started before its parent's port was known: what this process does is not counted");
    return OFF;
  }
  const env = environment();
  const relay = createRelay({ url, token: env.BOTEL_TOKEN, warn: report });
  const ownPorts = [Number(new URL(url).port)];
  const { receive, stop } = showTo(relay, { env, ownPorts, waitMs, foreign, warn: report });
  shown?.({ hear: receive });
  return { ready: Promise.resolve(url), stop: () => stop(STOP_MS) };
}

/** What the bot's own exporters may take to end, in ms. */
const STOP_MS = 4000;

/** Where the bot leaves a signal to its default, the process ends by it all the same, after the last fact is stored. */
function drainOnSignals(botel: Botel): void {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    const listener = (): void => {
      if (process.listenerCount(signal) > 1) return;
      void botel.stop().then(() => {
        process.off(signal, listener);
        process.kill(process.pid, signal);
      });
    };
    process.on(signal, listener);
  }
}
