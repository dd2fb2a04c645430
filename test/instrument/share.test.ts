import { context, diag, logs, metrics, propagation, SamplingDecision, trace } from "@opentelemetry/api";
import type { Tracer } from "@opentelemetry/api";
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { NodeSDK } from "@opentelemetry/sdk-node";
import type { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { instrument as bot } from "../../src/index.ts";
import { handedFolds, handedRecords, handedSpans } from "../../src/instrument/handed.ts";
import type { Sdk, SdkOptions } from "../../src/instrument/sdk.ts";
import { Captured, startCaptured } from "./captured.ts";

let captured: Captured;
let sdk: Sdk | undefined;
let spans: InMemorySpanExporter;
let records: InMemoryLogRecordExporter;
let own: NodeSDK | undefined;

beforeEach(() => {
  captured = new Captured();
  spans = new InMemorySpanExporter();
  records = new InMemoryLogRecordExporter();
});
afterEach(async () => {
  await sdk?.stop(2000);
  await own?.shutdown();
  [sdk, own] = [undefined, undefined];
  for (const api of [trace, logs, metrics, context, propagation]) api.disable();
});

/** botel, that waits until the first span whether the bot has an SDK. */
function startBotel(more: Partial<SdkOptions> = {}): void {
  sdk = startCaptured(captured, { waitMs: 600_000, ...more });
}

/** An SDK of the bot's own. */
function startOwn(more: Partial<NodeSDKConfiguration> = {}): void {
  own = new NodeSDK({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
    logRecordProcessors: [new SimpleLogRecordProcessor({ exporter: records })],
    metricReaders: [],
    serviceName: "the-bots-own",
    ...more,
  });
  own.start();
}

const MESSAGE = { platform: "qq", botId: "10001", userId: "42" };
const turn = () =>
  bot.message(MESSAGE, async () => {
    await bot.request({ provider: "openai", model: "gpt-4o", channel: "main" }, () => undefined);
    bot.log("info", "a line");
  });

/** What was exported; the SDK's processors wait for attributes of the resource. */
async function flushed<T>(read: () => T[], count: number): Promise<T[]> {
  await vi.waitFor(() => expect(read().length).toBeGreaterThanOrEqual(count), 10_000);
  return read();
}
const exported = () => spans.getFinishedSpans().map(({ name }) => name);
const lines = () => records.getFinishedLogRecords().map(({ body }) => body);
const seen = () => captured.facts.map(({ kind }) => kind);

const ALL = ["request", "log", "message"];
const EXPORTED = ["chat gpt-4o", "message qq"];

describe("an SDK of the bot's own", () => {
  it.for(["before", "after"])("that is started %s botel has every span and record, and so has botel", async (when) => {
    if (when === "before") startOwn();
    startBotel();
    if (when === "after") startOwn();
    await turn();
    expect([await flushed(exported, 2), await flushed(lines, 1), seen()]).toEqual([EXPORTED, ["a line"], ALL]);
    expect(captured.facts.map(({ service }) => service)).toContain("the-bots-own");
    expect(captured.of("request")[0]).toMatchObject({ userId: "42", channel: "main" });
    expect(captured.lines).toEqual([]);
  });

  it("sees what the bot's own code does, by a tracer that is older than both", async () => {
    const tracer = trace.getTracer("older");
    startBotel();
    startOwn();
    const attributes = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m" };
    tracer.startActiveSpan("outer", (outer) => {
      tracer.startSpan("chat m", { attributes }).end();
      outer.end();
    });
    trace.getTracer("newer").startSpan("chat m", { attributes }).end();
    expect(await flushed(exported, 3)).toEqual(["chat m", "outer", "chat m"]);
    expect(seen()).toEqual(["request", "request"]);
  });

  it.for([undefined, new AlwaysOffSampler()])(
    "shows what it does by tracers and loggers that it made before",
    async (sampler) => {
      startOwn({ sampler });
      const tracer = trace.getTracer("older");
      const logger = logs.getLogger("older");
      startBotel();
      const attributes = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m" };
      tracer.startSpan("chat m", { attributes }).end();
      logger.emit({ body: "a line" });
      expect(seen()).toEqual(["request", "log"]);
    },
  );

  // contract §2: "Sampling never changes a number: the in-process sampler records what it does not sample."
  it("samples for its own exporter alone: what it drops is counted all the same", async () => {
    startBotel();
    startOwn({ sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }) });
    await turn();
    expect(exported()).toEqual([]);
    expect(seen()).toEqual(ALL);
    const [request, , message] = captured.facts;
    expect(request!.traceId).toBe(message!.traceId);
    expect(request).toMatchObject({ userId: "42" });
  });

  it("that samples some has those, and botel all, in the same traces", async () => {
    let n = 0;
    const everyOther = {
      shouldSample: () => ({
        decision: (n++ & 1) === 0 ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
      }),
      toString: () => "every other",
    };
    startBotel();
    startOwn({ sampler: new ParentBasedSampler({ root: everyOther }) });
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(await flushed(exported, 10)).toHaveLength(10);
    expect(captured.of("message")).toHaveLength(10);
    expect(new Set(captured.facts.map(({ traceId }) => traceId)).size).toBe(10);
  });

  it("that records nothing because tracing is suppressed is left alone", async () => {
    startBotel();
    startOwn();
    const suppressed = context.active().setValue(Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING"), true);
    context.with(suppressed, () => trace.getTracer("t").startSpan("chat m").end());
    expect([exported(), captured.facts, captured.links]).toEqual([[], [], []]);
  });

  it("with botel's processors in it shows each span and record once", async () => {
    startBotel();
    startOwn({
      spanProcessors: [new SimpleSpanProcessor({ exporter: spans }), handedSpans()],
      logRecordProcessors: [new SimpleLogRecordProcessor({ exporter: records }), handedRecords()],
    });
    await turn();
    expect([await flushed(exported, 2), await flushed(lines, 1), seen()]).toEqual([EXPORTED, ["a line"], ALL]);
  });

  it("that is never registered shows its spans by botel's processor", () => {
    startBotel();
    const provider = new TracerProvider({ spanProcessors: [handedSpans()] });
    const attributes = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m" };
    provider.getTracer("isolated").startSpan("chat m", { attributes }).end();
    expect(seen()).toEqual(["request"]);
  });

  it("that comes after the first span gets nothing, and that is told once", async () => {
    startBotel();
    await turn();
    startOwn();
    await turn();
    await vi.waitFor(() => expect(captured.lines).toEqual([expect.stringContaining("came after botel's")]));
    expect([exported(), seen()]).toEqual([[], [...ALL, ...ALL]]);
  });

  it("for metrics alone may come at any time", async () => {
    startBotel();
    await turn();
    metrics.setGlobalMeterProvider(new MeterProvider());
    await turn();
    diag.setLogger({ error() {}, warn() {}, info() {}, debug() {}, verbose() {} });
    await new Promise((resolve) => setImmediate(resolve));
    expect(captured.lines).toEqual([]);
    diag.disable();
  });

  it("for log records alone has them, and so has botel", async () => {
    const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: records })] });
    logs.setGlobalLoggerProvider(provider);
    startBotel();
    await turn();
    expect([lines(), seen()]).toEqual([["a line"], ALL]);
  });

  it("whose spans cannot be read is told, and the bot goes on", async () => {
    const span = { isRecording: () => true, spanContext: () => ({ traceId: "", spanId: "", traceFlags: 1 }), end() {} };
    const tracer = { startSpan: () => ({ ...span }) } as unknown as Tracer;
    trace.setGlobalTracerProvider({ getTracer: () => tracer });
    startBotel();
    await turn();
    expect(captured.lines).toEqual([expect.stringContaining("cannot be read")]);
  });

  it("keeps its place when botel stops, and botel sees nothing any more", async () => {
    startBotel();
    startOwn();
    await turn();
    await sdk!.stop(1000);
    await turn();
    expect(await flushed(exported, 4)).toEqual([...EXPORTED, ...EXPORTED]);
    expect(seen()).toEqual(ALL);
  });
});

describe("without an SDK of the bot's own", () => {
  it("botel takes no place before the first span, and then its own", async () => {
    startBotel();
    const registered = () =>
      Object.keys((globalThis as Record<symbol, object>)[Symbol.for("opentelemetry.js.api.1")] ?? {});
    bot.log("info", "early");
    expect(seen()).toEqual(["log"]);
    expect(registered().filter((kind) => trace.getTracerProvider() && kind === "context")).toEqual([]);
    await turn();
    expect(registered()).toContain("context");
    expect(seen()).toEqual(["log", ...ALL]);
  });

  it("another copy of the API is heard too, whatever its version", async () => {
    startBotel();
    const delegates: unknown[] = [];
    const copy = {
      trace: {
        getTracerProvider: () => ({
          getDelegateTracer: () => undefined,
          setDelegate: (p: unknown) => delegates.push(p),
        }),
      },
      logs: { getLoggerProvider: () => ({ setDelegate: (p: unknown) => delegates.push(p) }) },
    };
    sdk!.receive(copy);
    expect(delegates).toHaveLength(2);
    const attributes = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m" };
    (delegates[0] as typeof trace).getTracer("copy").startSpan("chat m", { attributes }).end();
    expect(seen()).toEqual(["request"]);
  });

  it("a logger of diagnostics of an older API keeps botel out of nothing", async () => {
    const says = { error() {}, warn() {}, info() {}, debug() {}, verbose() {} };
    const older: Record<string, unknown> = { version: "1.9.0", diag: says };
    (globalThis as Record<symbol, unknown>)[Symbol.for("opentelemetry.js.api.1")] = older;
    startBotel();
    await turn();
    expect(seen()).toEqual(ALL);
    const now = (globalThis as Record<symbol, Record<string, unknown>>)[Symbol.for("opentelemetry.js.api.1")]!;
    expect(now).toMatchObject({ version: "1.10.0", diag: says });
    delete now["diag"];
  });
});

describe("metrics", () => {
  it("are given to a reader that the bot makes in code, and to no other", async () => {
    const collect = vi.fn(() =>
      Promise.resolve({ resourceMetrics: { resource: undefined as never, scopeMetrics: [] }, errors: [] }),
    );
    startBotel({ metricProducers: [{ collect }] });
    await handedFolds().collect();
    expect(collect).toHaveBeenCalledTimes(1);
  });
});
