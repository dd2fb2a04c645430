import { context, metrics, ROOT_CONTEXT, trace, TraceFlags } from "@opentelemetry/api";
import { AggregationTemporality, DataPointType } from "@opentelemetry/sdk-metrics";
import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { instrument as bot } from "../../src/index.ts";
import type { Sdk } from "../../src/instrument/sdk.ts";
import { Captured, startCaptured } from "./captured.ts";
import { startSinkServer } from "./sink-server.ts";
import type { SinkServer } from "./sink-server.ts";

let sink: SinkServer;
let captured: Captured;
let sdk: Sdk | undefined;

beforeEach(async () => {
  sink = await startSinkServer();
  captured = new Captured();
});
afterEach(async () => {
  await sdk?.stop(2000);
  sdk = undefined;
  vi.unstubAllEnvs();
  await sink.close();
});

/** Starts the SDK under these variables, which the exporters read out of the process's own environment. */
function start(env: Record<string, string>, more: Partial<Parameters<typeof startCaptured>[1]> = {}): Sdk {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  sdk = startCaptured(captured, { env: process.env, ...more });
  return sdk;
}

const MESSAGE = { platform: "qq", botId: "10001", userId: "42" };
const turn = () =>
  bot.message(MESSAGE, async () => {
    await bot.request({ provider: "openai", model: "gpt-4o", channel: "main" }, () => undefined);
    bot.log("info", "a line");
  });

const JSON_OTLP = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
});

describe("exporters", () => {
  // contract §7: "Unset `OTEL_*_EXPORTER` means none; set ones work beside botel;"
  it("that are not asked for do not exist: with an endpoint alone nothing is sent", async () => {
    start(JSON_OTLP());
    await turn();
    await sdk!.stop(2000);
    expect([sink.spans, sink.lines, sink.metrics]).toEqual([[], [], []]);
    expect(captured.facts.map(({ kind }) => kind)).toEqual(["request", "log", "message"]);
  });

  it("that are asked for get all of it beside botel", async () => {
    const counted: MetricProducer = {
      collect: () =>
        Promise.resolve({
          errors: [],
          resourceMetrics: { resource: undefined as never, scopeMetrics: [scope("bot.messages")] },
        }),
    };
    start(
      {
        ...JSON_OTLP(),
        OTEL_TRACES_EXPORTER: "otlp",
        OTEL_LOGS_EXPORTER: "otlp",
        OTEL_METRICS_EXPORTER: "otlp",
        OTEL_SERVICE_NAME: "named-by-env",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
      },
      { metricProducers: [counted], service: { name: "default-name", version: "1.0.0" } },
    );
    metrics.getMeter("test").createCounter("own.counter").add(1);
    await turn();
    await sdk!.flush(5000);
    expect(sink.spans.toSorted()).toEqual(["chat gpt-4o", "message qq"]);
    expect(sink.lines).toEqual(["a line"]);
    expect(sink.metrics.toSorted()).toEqual(["bot.messages", "own.counter"]);
    expect(sink.resource).toMatchObject({ "service.name": "named-by-env", "deployment.environment.name": "test" });
    expect(captured.facts.map(({ kind, service }) => [kind, service])).toEqual([
      ["request", "named-by-env"],
      ["log", "named-by-env"],
      ["message", "named-by-env"],
    ]);
  });

  it("of one signal leave the others alone, and `none` is none", async () => {
    start({ ...JSON_OTLP(), OTEL_LOGS_EXPORTER: "otlp", OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: " " });
    await turn();
    await sdk!.flush(5000);
    expect([sink.spans, sink.lines, sink.metrics]).toEqual([[], ["a line"], []]);
    expect(captured.lines).toEqual([]);
  });

  it("batch as OTEL_BSP_* says", async () => {
    start({ ...JSON_OTLP(), OTEL_TRACES_EXPORTER: "otlp", OTEL_BSP_SCHEDULE_DELAY: "20" });
    await turn();
    await vi.waitFor(() => expect(sink.spans).toHaveLength(2));
  });

  it("of Prometheus are scraped on their own port, with what the producers give", async () => {
    const counted: MetricProducer = {
      collect: () =>
        Promise.resolve({
          errors: [],
          resourceMetrics: { resource: undefined as never, scopeMetrics: [scope("bot_messages")] },
        }),
    };
    const free = await startSinkServer();
    await free.close();
    start(
      {
        OTEL_METRICS_EXPORTER: "prometheus",
        OTEL_EXPORTER_PROMETHEUS_HOST: "127.0.0.1",
        OTEL_EXPORTER_PROMETHEUS_PORT: String(free.port),
      },
      { metricProducers: [counted] },
    );
    await vi.waitFor(async () => {
      const answer = await fetch(`http://127.0.0.1:${free.port}/metrics`);
      expect(await answer.text()).toMatch(/^bot_messages_total\S* 3/m);
    });
  });

  // contract §7: "an exporter whose endpoint is botel itself is refused with one line."
  it("whose endpoint is botel itself are refused with one line each", async () => {
    start(
      { ...JSON_OTLP(), OTEL_TRACES_EXPORTER: "otlp,console", OTEL_LOGS_EXPORTER: "otlp" },
      { ownPorts: [3000, sink.port] },
    );
    const written = vi.spyOn(console, "dir").mockImplementation(() => undefined);
    await turn();
    await sdk!.flush(5000);
    expect([sink.spans, sink.lines]).toEqual([[], []]);
    expect(written, "the other exporter works").toHaveBeenCalledTimes(2);
    written.mockRestore();
    expect(captured.lines).toHaveLength(2);
    expect(captured.lines[0]).toContain("botel itself");
    expect(captured.facts).toHaveLength(3);
  });

  it.for([
    [{}, 4318, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" }, 4318, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "https://localhost" }, 4318, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel.example.com:4318" }, 4318, false],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://[::1]:3000/v1/traces" }, 3000, true],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, 4318, false],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" }, 4318, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://[broken" }, 4318, true],
  ] as const)("are botel's own or not: %o with botel on %i: %s", ([env, port, refused]) => {
    start({ OTEL_TRACES_EXPORTER: "otlp", ...env }, { ownPorts: [port] });
    expect(captured.lines.length > 0).toBe(refused);
  });

  it.for([true, false])("whose endpoint may be botel itself send nothing until that is known: %s", async (own) => {
    const known = Promise.withResolvers<boolean>();
    const env = { ...JSON_OTLP(), OTEL_TRACES_EXPORTER: "otlp", OTEL_LOGS_EXPORTER: "otlp" };
    start(env, { maybeOwn: { port: sink.port, isOwn: known.promise } });
    await turn();
    await sdk!.flush(300);
    expect([sink.spans, sink.lines]).toEqual([[], []]);
    known.resolve(own);
    await vi.waitFor(() => {
      expect([sink.spans.length, sink.lines.length]).toEqual(own ? [0, 0] : [2, 1]);
      expect(captured.lines).toHaveLength(own ? 2 : 0);
    });
  });

  it("that nobody knows are told", () => {
    start({ OTEL_TRACES_EXPORTER: "jaeger", OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "x", OTEL_LOGS_EXPORTER: "otlp" });
    expect(captured.lines).toEqual([
      expect.stringContaining("OTEL_TRACES_EXPORTER=jaeger"),
      expect.stringContaining("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL"),
    ]);
  });

  it("that cannot be set up are told, and the others work", async () => {
    const zipkin = { OTEL_TRACES_EXPORTER: "zipkin", OTEL_EXPORTER_ZIPKIN_ENDPOINT: "http://[broken" };
    start({ ...JSON_OTLP(), ...zipkin, OTEL_LOGS_EXPORTER: "otlp" });
    await turn();
    await sdk!.flush(5000);
    expect(captured.lines).toEqual([expect.stringContaining("OTEL_TRACES_EXPORTER=zipkin cannot be set up")]);
    expect(captured.facts).toHaveLength(3);
    expect(sink.lines).toEqual(["a line"]);
  });

  it("with a dead endpoint hold up neither the turn nor the stop", async () => {
    await sink.close();
    start({ ...JSON_OTLP(), OTEL_TRACES_EXPORTER: "otlp", OTEL_METRICS_EXPORTER: "otlp" });
    await turn();
    const started = performance.now();
    await sdk!.stop(300);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(captured.facts).toHaveLength(3);
    sink = await startSinkServer();
  });
});

describe("sampling", () => {
  // contract §2: "Sampling never changes a number: the in-process sampler records what it does not sample."
  it.for([
    [{ OTEL_TRACES_SAMPLER: "always_off" }, 0, 0],
    [{ OTEL_TRACES_SAMPLER: "parentbased_always_off" }, 0, 0],
    [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" }, 20, 180],
    [{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" }, 20, 180],
    [{}, 200, 200],
    [{ OTEL_TRACES_SAMPLER: "nonsense" }, 200, 200],
  ] as const)("by %o: the exporter sees from %i to %i of 200 spans, botel all", async ([env, least, most]) => {
    start({ ...JSON_OTLP(), OTEL_TRACES_EXPORTER: "otlp", ...env });
    for (let n = 0; n < 100; n += 1) await turn();
    await sdk!.flush(5000);
    expect(sink.spans.length).toBeGreaterThanOrEqual(least);
    expect(sink.spans.length).toBeLessThanOrEqual(most);
    expect(captured.of("message")).toHaveLength(100);
    expect(captured.of("request")).toHaveLength(100);
  });

  it("goes by whole traces where it is parent-based", async () => {
    start({
      ...JSON_OTLP(),
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.5",
    });
    for (let n = 0; n < 50; n += 1) await turn();
    await sdk!.flush(5000);
    const count = (name: string) => sink.spans.filter((span) => span === name).length;
    expect(count("chat gpt-4o")).toBe(count("message qq"));
  });

  it("follows the caller where it is parent-based", async () => {
    start({ ...JSON_OTLP(), OTEL_TRACES_EXPORTER: "otlp", OTEL_TRACES_SAMPLER: "parentbased_always_off" });
    const caller = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", isRemote: true };
    for (const traceFlags of [TraceFlags.SAMPLED, TraceFlags.NONE]) {
      const around = trace.setSpanContext(ROOT_CONTEXT, { ...caller, traceFlags });
      await context.with(around, () => bot.request({ provider: "p", model: `m${traceFlags}`, channel: "c" }, () => 1));
    }
    await sdk!.flush(5000);
    expect(sink.spans).toEqual(["chat m1"]);
    expect(captured.of("request")).toHaveLength(2);
  });
});

function scope(name: string) {
  const time: [number, number] = [1_734_276_600, 0];
  return {
    scope: { name: "botel" },
    metrics: [
      {
        descriptor: { name, description: "", unit: "", valueType: 1, advice: {} },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.SUM as const,
        isMonotonic: true,
        dataPoints: [{ startTime: time, endTime: time, attributes: {}, value: 3 }],
      },
    ],
  };
}
