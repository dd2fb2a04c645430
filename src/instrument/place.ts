import { context, propagation } from "@opentelemetry/api";
import type {
  ContextManager,
  LoggerProvider,
  ProxyTracerProvider,
  TextMapPropagator,
  TracerProvider,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";

/*
 * The place where an SDK registers itself in a process, whichever copy of `@opentelemetry/api` it does so through: a bot
 * and botel may have different ones, and a package has one for `import` and one for `require`.
 */

/** Where every copy of the API from 1.0 on looks. */
const API = Symbol.for("opentelemetry.js.api.1");
/** Where `@opentelemetry/api-logs`, the logs API before 1.10, looks: a function of the version. */
const OLD_LOGS = Symbol.for("io.opentelemetry.js.api.logs");
const OLD_LOGS_VERSION = 1;

interface Registered {
  version?: string;
  trace?: unknown;
  logs?: LoggerProvider;
  context?: ContextManager;
  propagation?: TextMapPropagator;
}

type OldLogs = (version: number) => LoggerProvider;

export interface PlaceWatcher {
  /** An SDK took the place for spans, or has it already. */
  tracers(provider: TracerProvider): void;
  /** An SDK took the place for log records, or has it already. */
  loggers(provider: LoggerProvider): void;
  /** Somebody registers something where something is registered; `confirm` calls back if that was refused. */
  again(confirm: (tell: () => void) => void): void;
}

/** Tells who takes the place, at once where it is taken. @returns what ends it */
export function watchPlace(watcher: PlaceWatcher): () => void {
  const undo: (() => void)[] = [];
  const attempted = createAttempts();
  const place = globalThis as Record<symbol, unknown>;
  undo.push(
    onSet<Registered>(place, API, watchRegistered, (registered) => {
      const attempts = attempted(registered);
      watcher.again((tell) => queueMicrotask(() => void (attempts.refused() && tell())));
    }),
    onSet<OldLogs>(place, OLD_LOGS, (providerFor) => watcher.loggers(providerFor(OLD_LOGS_VERSION))),
  );
  return () => {
    for (const each of undo.splice(0).toReversed()) each();
  };

  function watchRegistered(registered: Registered): void {
    undo.push(
      onSet<unknown>(registered, "trace", (proxy) => watchDelegate(proxy, watcher, undo)),
      onSet<LoggerProvider>(registered, "logs", (provider) => watcher.loggers(provider)),
    );
    listenTo(registered);
  }
}

/**
 * Counts what is registered within one turn: some of it may be accepted all the same, as a logger of diagnostics is at any
 * time, and metrics where nobody has them.
 */
function createAttempts(): (registered: Registered) => { refused(): boolean } {
  let [count, before]: [number, Record<string, unknown> | undefined] = [0, undefined];
  return (registered) => {
    count += 1;
    if (before === undefined) {
      before = { ...registered };
      setImmediate(() => ([count, before] = [0, undefined])).unref();
    }
    const was = before;
    return {
      refused() {
        const now = Object.entries(registered);
        return count > now.filter(([kind, value]) => value !== was[kind]).length;
      },
    };
  };
}

/** Calls `told` with the value that the property has, and with each other that it is given; `again` with the same. */
function onSet<T>(target: object, key: PropertyKey, told: (value: T) => void, again?: (value: T) => void): () => void {
  let value = (target as Record<PropertyKey, unknown>)[key];
  const get = (): unknown => value;
  Object.defineProperty(target, key, {
    configurable: true,
    enumerable: true,
    get,
    set(next: unknown) {
      const same = next === value;
      value = next;
      if (next !== undefined) (same ? again : told)?.(next as T);
    },
  });
  if (value !== undefined) told(value as T);
  return () => {
    if (Object.getOwnPropertyDescriptor(target, key)?.get !== get) return; // it was deleted
    if (value === undefined) delete (target as Record<PropertyKey, unknown>)[key];
    else Object.defineProperty(target, key, { configurable: true, enumerable: true, writable: true, value });
  };
}

/** What is registered for spans is a proxy; who it stands for is set right after. */
function watchDelegate(registered: unknown, watcher: PlaceWatcher, undo: (() => void)[]): void {
  const proxy = registered as ProxyTracerProvider;
  if (typeof proxy.setDelegate !== "function") return watcher.tracers(proxy);
  if (proxy.getDelegateTracer("botel") !== undefined) watcher.tracers(proxy.getDelegate());
  const setDelegate = proxy.setDelegate;
  proxy.setDelegate = (provider) => {
    setDelegate.call(proxy, provider);
    watcher.tracers(provider);
  };
  undo.push(() => void (proxy.setDelegate = setDelegate));
}

/** What of this copy of the API asks who is registered. */
const ASKING = [
  { api: context as unknown as Asking, ask: "_getContextManager", type: "context" },
  { api: propagation as unknown as Asking, ask: "_getGlobalPropagator", type: "propagation" },
] as const;

type Asking = Record<string, (() => unknown) | undefined>;

/** A copy of the API refuses what an older one registered, though the calls are the same: ours takes it all the same. */
function listenTo(registered: Registered): void {
  for (const { api, ask, type } of ASKING) {
    const usual = Object.getPrototypeOf(api)[ask] as () => unknown;
    api[ask] = () => registered[type] ?? usual.call(api);
  }
}

/** This copy of the API goes its usual way again. */
export function forgetPlace(): void {
  for (const { api, ask } of ASKING) delete api[ask];
}

/**
 * Whatever asks this copy of the API for a tracer or a logger gets one of these, until an SDK is registered through it.
 * Nothing is registered by that, so nobody is kept out.
 */
export function receive(api: LocalApi, tracers: TracerProvider, loggers: LoggerProvider): void {
  const spans = api.trace?.getTracerProvider() as ProxyTracerProvider | undefined;
  if (spans?.getDelegateTracer?.("botel") === undefined) spans?.setDelegate?.(tracers);
  const records = api.logs?.getLoggerProvider() as LocalLoggers | undefined;
  for (const name of SET_LOGGERS) records?.[name]?.(loggers);
}

/** What a copy of `@opentelemetry/api` or `@opentelemetry/api-logs` exports. */
export interface LocalApi {
  trace?: { getTracerProvider(): unknown };
  logs?: { getLoggerProvider(): unknown };
}

/** Since 1.10, and in `@opentelemetry/api-logs`. */
const SET_LOGGERS = ["_setDelegate", "setDelegate"];

type LocalLoggers = Record<string, ((provider: LoggerProvider) => void) | undefined>;

/** @returns `trace`, `logs`, …: what somebody has registered */
export function registeredKinds(): ReadonlySet<string> {
  const registered = (globalThis as Record<symbol, unknown>)[API] ?? {};
  return new Set(Object.entries(registered).flatMap(([kind, value]) => (value === undefined ? [] : [kind])));
}

/** The context manager of an SDK that has none is ours: what a turn causes is known by it. */
export function ensureContext(): void {
  const registered = (globalThis as Record<symbol, unknown>)[API] as Registered | undefined;
  if (registered && registered.context === undefined) {
    registered.context = new AsyncLocalStorageContextManager().enable();
  }
}

/**
 * Makes room for the SDK of this copy of the API where another copy has registered something beside spans (a context
 * manager, a logger of diagnostics): that stays, but its version no longer keeps this copy out.
 */
export function renewPlace(): void {
  const place = globalThis as Record<symbol, unknown>;
  const before = place[API] as Registered | undefined;
  if (before === undefined) return;
  place[API] = undefined;
  // Whatever is registered first makes a new place, of this copy's version.
  propagation.setGlobalPropagator({ inject() {}, extract: (around) => around, fields: () => [] });
  const now = place[API] as Record<string, unknown>;
  now["propagation"] = undefined;
  for (const [type, value] of Object.entries(before)) if (type !== "version") now[type] = value;
}

/** Has what asks the logs API before 1.10 come to the provider too, where no SDK has that place. @returns what ends it */
export function lendOldLogs(provider: LoggerProvider): () => void {
  const place = globalThis as Record<symbol, unknown>;
  if (place[OLD_LOGS] !== undefined) return () => {};
  const lent: OldLogs = () => provider;
  place[OLD_LOGS] = lent;
  return () => {
    if (place[OLD_LOGS] === lent) place[OLD_LOGS] = undefined;
  };
}
