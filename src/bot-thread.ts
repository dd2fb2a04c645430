import { environment } from "./config/environment.ts";
import type { Settings } from "./config/settings.ts";
import type { Sink } from "./contract/sink.ts";
import type { Beat, FromObserver, ToObserver } from "./contract/thread.ts";
import { createMapping } from "./facts/mapping.ts";
import { createCollector } from "./instrument/collector.ts";
import type { LocalApi } from "./instrument/place.ts";
import { startSdk } from "./instrument/sdk.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { report } from "./lib/report.ts";

export interface BotThreadOptions {
  settings: Settings;
  /** Where the bot is botel's own: its `service.name` and `service.version`. */
  service?: { name: string; version: string };
  sink: Sink;
  askObserver(message: ToObserver): void;
  /** How long the bot's own SDK may take to register, in ms; absent: there is none. */
  waitMs?: number;
  /** The bot's own SDK has come. */
  foreign?(what: "spans" | "records"): void;
}

/** What observes the bot in its own thread. */
export interface BotThread {
  counts(): Pick<Beat, "inFlight" | "unfinished" | "lateEnds" | "refused">;
  receive(message: FromObserver): void;
  /** Sees also what comes through this copy of `@opentelemetry/api`. */
  hear(api: LocalApi): void;
  /** Ends the SDK, and sends what the user's own exporters hold, for `withinMs` at the most. Never rejects. */
  stop(withinMs: number): Promise<void>;
}

/** Starts OpenTelemetry in the bot's thread: its spans and records become facts, its metric readers get the folds. */
export function observeBot(options: BotThreadOptions): BotThread {
  const { settings, service, sink, askObserver, waitMs, foreign } = options;
  const { instrument, server } = settings;
  const collector = createCollector((id) => askObserver({ type: "collect", id }));
  const second = Promise.withResolvers<boolean>();
  const sdk = startSdk({
    mapping: createMapping(instrument.content),
    sink,
    clock,
    unfinishedAfter: instrument.unfinishedAfter,
    env: environment(),
    ownPorts: [server.port],
    maybeOwn: { port: server.otlpPort, isOwn: second.promise },
    service,
    waitMs,
    foreign,
    metricProducers: [collector.producer],
    warn: report,
  });
  return {
    counts() {
      const { unfinished, lateEnds, refused } = sdk.health();
      return { inFlight: sdk.inFlight(), unfinished, lateEnds, refused };
    },
    receive(message) {
      if (message.type === "ready") second.resolve(message.otlpPort === server.otlpPort);
      else if (message.type === "failed") second.resolve(false);
      else collector.receive(message);
    },
    hear: sdk.receive,
    stop: sdk.stop,
  };
}
