import { context, isSpanContextValid, trace } from "@opentelemetry/api";
import type {
  Context,
  Logger,
  LoggerProvider,
  Span,
  SpanContext,
  SpanOptions,
  Tracer,
  TracerProvider,
} from "@opentelemetry/api";
import { SamplingDecision, TracerProvider as OwnTracers } from "@opentelemetry/sdk-trace";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Resource } from "@opentelemetry/resources";
import { quiet } from "./quiet.ts";
import type { Seer } from "./seer.ts";

export interface ForeignOptions {
  seer: Seer;
  /** Nothing is seen any more. */
  isOver(): boolean;
  /** Of what the bot's own SDK does not record. */
  resource: Resource;
  /** Takes one line. */
  warn(line: string): void;
}

/**
 * Sees every span of the bot's own SDK, by what any SDK has in common: its tracers start spans, and spans end. What its
 * sampler drops is recorded by a span of botel's with the same ids, which no exporter of the bot's ever sees: sampling
 * never changes a number (contract §2).
 */
export function createTracerObserver({
  seer,
  isOver,
  resource,
  warn,
}: ForeignOptions): (provider: TracerProvider) => void {
  const { spans } = seer;
  const instead = createSubstitute(seer, resource);
  const observed = new WeakSet<object>();
  let told = false;

  function see(span: Span, name: string, options: SpanOptions, parent: Context): Span {
    if (!span.isRecording())
      return isSpanContextValid(span.spanContext()) ? instead(span, name, options, parent) : span;
    if (spans.knows(span)) return span;
    if (!isReadable(span)) {
      if (!told) warn("the bot's own SDK makes spans that cannot be read: botel sees none of them");
      told = true;
      return span;
    }
    spans.onStart(span as never, parent);
    const end = span.end;
    span.end = function (this: Span, ...when) {
      const ends = this.isRecording();
      end.apply(this, when);
      if (ends && !isOver()) spans.onEnd(this as unknown as ReadableSpan);
    };
    return span;
  }

  function observe(tracer: Tracer): Tracer {
    if (observed.has(tracer)) return tracer;
    observed.add(tracer);
    const startSpan = tracer.startSpan;
    tracer.startSpan = function (this: Tracer, name, options = {}, parent = context.active()) {
      const span = startSpan.call(this, name, options, parent);
      if (isOver()) return span;
      const around = options.root ? trace.deleteSpan(parent) : parent;
      return quiet(() => see(span, name, options, around)) ?? span;
    };
    return tracer;
  }

  return (provider) => {
    if (observed.has(provider)) return;
    observed.add(provider);
    for (const tracer of madeBefore<Tracer>(provider, "_tracers")) observe(tracer);
    const getTracer = provider.getTracer;
    provider.getTracer = function (this: TracerProvider, ...which) {
      const tracer = getTracer.apply(this, which);
      return quiet(() => observe(tracer)) ?? tracer;
    };
  };
}

/** @returns what makes a span of botel's own in the place of one that is not recorded */
function createSubstitute({ spans }: Seer, resource: Resource) {
  let ids: SpanContext;
  const own = new OwnTracers({
    resource,
    spanProcessors: [spans],
    sampler: {
      shouldSample: () => ({ decision: SamplingDecision.RECORD, traceState: ids.traceState }),
      toString: () => "botel",
    },
    idGenerator: { generateTraceId: () => ids.traceId, generateSpanId: () => ids.spanId },
  }).getTracer("botel");
  return (span: Span, name: string, options: SpanOptions, parent: Context): Span => {
    ids = span.spanContext();
    return own.startSpan(name, options, parent);
  };
}

/** What an SDK's provider has made before it was seen: instrumentations hold on to it. All lines from 1 to 3 keep it so. */
function madeBefore<T>(provider: object, ...path: string[]): T[] {
  const made = path.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], provider);
  return made instanceof Map ? [...made.values()] : [];
}

function isReadable(span: object): boolean {
  const { attributes, startTime, status } = span as Partial<ReadableSpan>;
  return typeof attributes === "object" && Array.isArray(startTime) && typeof status === "object";
}

/** Sees every record that goes to the bot's own SDK, whatever that does with it. */
export function createLoggerObserver(
  { seer, isOver }: Pick<ForeignOptions, "seer" | "isOver">,
  own: LoggerProvider,
): (provider: LoggerProvider) => void {
  const observed = new WeakSet<object>();

  function observe(logger: Logger, mine: Logger): Logger {
    if (observed.has(logger)) return logger;
    observed.add(logger);
    const emit = logger.emit;
    logger.emit = function (this: Logger, record) {
      const before = seer.records.emitted();
      emit.call(this, record);
      // One that has botel's processor has shown it already.
      if (!isOver() && seer.records.emitted() === before) {
        quiet(() => mine.emit({ ...record, context: record.context ?? context.active() }));
      }
    };
    return logger;
  }

  return (provider) => {
    if (observed.has(provider)) return;
    observed.add(provider);
    for (const logger of madeBefore<Logger>(provider, "_sharedState", "loggers")) {
      observe(logger, own.getLogger("botel"));
    }
    const getLogger = provider.getLogger;
    provider.getLogger = function (this: LoggerProvider, ...which) {
      const logger = getLogger.apply(this, which);
      return quiet(() => observe(logger, own.getLogger(...which))) ?? logger;
    };
  };
}
