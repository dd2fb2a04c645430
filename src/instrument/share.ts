import { createNoopLogger, logs, ProxyTracerProvider, trace } from "@opentelemetry/api";
import type { Logger, LoggerProvider, Tracer, TracerProvider } from "@opentelemetry/api";
import { LoggerProvider as OwnLoggers } from "@opentelemetry/sdk-logs";
import type { LogRecordProcessor } from "@opentelemetry/sdk-logs";
import type { Resource } from "@opentelemetry/resources";
import { createLoggerObserver, createTracerObserver } from "./foreign.ts";
import { ensureContext, forgetPlace, lendOldLogs, receive, renewPlace, watchPlace, type LocalApi } from "./place.ts";
import type { Seer } from "./seer.ts";

/** Records that wait at the most until it is known who exports them. */
const HELD_MAX = 1000;

export interface ShareOptions {
  seer: Seer;
  resource: Resource;
  /**
   * How long the bot's own SDK may take to register, in ms; the first span ends the wait. 0: until this turn of the loop
   * ends. Absent: it does not wait.
   */
  waitMs?: number;
  /** Starts and registers botel's SDK: there is no other. @returns where the records go that came before */
  register(): LogRecordProcessor[];
  /** The bot's own SDK has the spans: told once it is known that botel registers none. */
  joined(): void;
  /** The bot's own SDK has come. */
  foreign?(what: "spans" | "records"): void;
  /** Takes one line. */
  warn(line: string): void;
}

export interface Shared {
  /** Has what another copy of the API is asked for come here too. */
  receive(api: LocalApi): void;
  /** Sees nothing any more. */
  release(): void;
}

/**
 * Shares the process with the bot's own SDK: botel sees all that goes to that, and registers its own only where none has
 * come by the first span.
 */
export function sharePlace(options: ShareOptions): Shared {
  const { seer, resource, waitMs, warn } = options;
  const held = createHeld();
  const early = new OwnLoggers({ resource, processors: [seer.records, held] });
  const unheard = new OwnLoggers({ resource, processors: [seer.records] });
  const isOver = (): boolean => state === "released";
  const observeTracers = createTracerObserver({ seer, isOver, resource, warn });
  const observeLoggers = createLoggerObserver({ seer, isOver }, unheard);
  let state: "waiting" | "registering" | "own" | "joined" | "released" = "waiting";
  let tracers: TracerProvider | undefined;
  let loggers: LoggerProvider | undefined;
  let toldLate = false;
  let giveBack = (): void => {};

  const fromHere = {
    tracers: lazyTracers(() => {
      if (state === "waiting") decide();
      return isOver() ? undefined : tracers;
    }),
    loggers: lazyLoggers(() => (isOver() ? undefined : (loggers ?? early))),
  };

  function decide(): void {
    if (state !== "waiting") return;
    if (tracers !== undefined) return join();
    state = "registering";
    renewPlace();
    held.end(options.register());
    if (loggers) giveBack = lendOldLogs(loggers);
    state = "own";
  }

  function join(): void {
    state = "joined";
    ensureContext();
    held.end([]);
    options.joined();
  }

  function tellLate(): void {
    if (toldLate) return;
    toldLate = true;
    warn(
      "another OpenTelemetry SDK came after botel's and gets nothing: start it before the first span (docs/node.md)",
    );
  }

  const unwatch = watchPlace({
    tracers(provider) {
      if (provider === fromHere.tracers || state === "own" || state === "released") return;
      tracers = provider;
      if (state === "registering") return;
      observeTracers(provider);
      options.foreign?.("spans");
    },
    loggers(provider) {
      if (provider === fromHere.loggers || state === "released") return;
      loggers = provider;
      if (state === "registering") return;
      observeLoggers(provider);
      options.foreign?.("records");
      held.end([]);
    },
    again(confirm) {
      if (state === "own" && !toldLate) confirm(tellLate);
    },
  });
  receive({ trace, logs }, fromHere.tracers, fromHere.loggers);
  const cancel = waitMs === undefined ? decideNow(decide) : later(waitMs, decide);

  return {
    receive: (api) => receive(api, fromHere.tracers, fromHere.loggers),
    release() {
      cancel();
      state = "released";
      loggers = undefined;
      giveBack();
      unwatch();
      forgetPlace();
    },
  };
}

function decideNow(decide: () => void): () => void {
  decide();
  return () => {};
}

function later(waitMs: number, work: () => void): () => void {
  if (waitMs === 0) {
    const immediate = setImmediate(work).unref();
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(work, waitMs).unref();
  return () => clearTimeout(timer);
}

/** Records that came before it was known who exports them. */
function createHeld() {
  let waiting: Parameters<LogRecordProcessor["onEmit"]>[] | undefined = [];
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    onEmit: (...shown: Parameters<LogRecordProcessor["onEmit"]>) =>
      void (waiting && waiting.length < HELD_MAX && waiting.push(shown)),
    forceFlush: nothing,
    shutdown: nothing,
    end(processors: LogRecordProcessor[]): void {
      for (const shown of waiting ?? []) for (const processor of processors) processor.onEmit(...shown);
      waiting = undefined;
    },
  };
}

/** Whoever has the place is asked for each span: a tracer may be older than what it stands for. */
function lazyTracers(current: () => TracerProvider | undefined): TracerProvider {
  const nobody = new ProxyTracerProvider();
  return {
    getTracer(...which) {
      let provider: TracerProvider | undefined;
      let tracer: Tracer;
      function real(): Tracer {
        const now = current() ?? nobody;
        if (now !== provider) [provider, tracer] = [now, now.getTracer(...which)];
        return tracer;
      }
      return {
        startSpan: (...span) => real().startSpan(...span),
        startActiveSpan: (...span: unknown[]) => Reflect.apply(real().startActiveSpan, real(), span),
      };
    },
  };
}

function lazyLoggers(current: () => LoggerProvider | undefined): LoggerProvider {
  const nobody: LoggerProvider = { getLogger: createNoopLogger };
  return {
    getLogger(...which) {
      let provider: LoggerProvider | undefined;
      let logger: Logger;
      function real(): Logger {
        const now = current() ?? nobody;
        if (now !== provider) [provider, logger] = [now, now.getLogger(...which)];
        return logger;
      }
      return { emit: (record) => real().emit(record), enabled: (asked) => real().enabled(asked) };
    },
  };
}
