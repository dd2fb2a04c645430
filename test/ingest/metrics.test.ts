import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Measured, MeasuredPoint } from "../../src/contract/measured.ts";
import { createMetricReader as jsonReader } from "../../src/ingest/json/metrics.ts";
import { createMetricReader } from "../../src/ingest/protobuf/metrics.ts";
import { createSeriesStore } from "../../src/ingest/series.ts";
import { reexpose } from "../../src/prometheus/reexposed.ts";
import { ask } from "../started/ask.ts";
import { cleanUp, startServe, temporary, type Started } from "../started/started.ts";
import { asJson, metricRequest } from "./messages.ts";
import { encode, type Plain } from "./reference.ts";
import { keyValues, post } from "./requests.ts";

afterAll(cleanUp);

const LIMITS = { maxItems: 1000, maxAttributes: 1000, maxDepth: 32 };
const MINUTE = 60_000;

/** A clock of the test's own. */
function clockAt(start: number) {
  let now = start;
  return { clock: { now: () => now, mono: () => now }, pass: (ms: number) => (now += ms) };
}

const point = (value: MeasuredPoint["value"], attributes = {}, ms = 1): MeasuredPoint => ({
  attributes,
  time: { ms, ns: 0 },
  value,
});

function measured(name: string, points: MeasuredPoint[], more: Partial<Measured> = {}): Measured {
  return { service: "bot", name, description: "", unit: "", kind: "counter", delta: false, points, ...more };
}

test("metrics are read alike from protobuf and from JSON", () => {
  const [protobuf, json] = [createMetricReader(), jsonReader()];
  fc.assert(
    fc.property(metricRequest, (request) => {
      const read = protobuf(encode("ExportMetricsServiceRequest", request), LIMITS);
      expect(json(asJson(request), LIMITS)).toEqual(read);
    }),
    { numRuns: 300 },
  );
});

describe("/v1/metrics: what a bot's own metrics say is on /metrics again, with its service", () => {
  let botel: Started;
  beforeAll(async () => {
    botel = await startServe({ dataDir: temporary() });
  });

  const now = (): string => `${Date.now()}000000`;

  function request(metrics: Plain[]): Plain {
    const resource = { attributes: keyValues({ "service.name": "kraków bot", "service.instance.id": "i-1" }) };
    return { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: "runtime" }, metrics }] }] };
  }

  const sum = (asInt: string, attributes: Plain[] = []): Plain => ({
    aggregationTemporality: 2,
    isMonotonic: true,
    dataPoints: [{ timeUnixNano: now(), asInt, attributes }],
  });

  async function scrape(): Promise<string> {
    return (await ask(botel.url, "/metrics")).body as string;
  }

  test.for([true, false])("json: %s", async (json) => {
    const metrics = [
      { name: `v8js.gc.runs_${json}`, unit: "{run}", description: "How often", sum: sum("7") },
      {
        name: `http.server.duration_${json}`,
        unit: "ms",
        histogram: {
          aggregationTemporality: 2,
          dataPoints: [
            { timeUnixNano: now(), count: "3", sum: 9.5, bucketCounts: ["1", "0", "2"], explicitBounds: [1, 5] },
          ],
        },
      },
      { name: `memory_${json}`, unit: "By", gauge: { dataPoints: [{ timeUnixNano: now(), asDouble: 1.5 }] } },
    ];
    const body = json
      ? Buffer.from(JSON.stringify(request(metrics)))
      : encode("ExportMetricsServiceRequest", request(metrics));
    const type = json ? "application/json" : "application/x-protobuf";
    const answer = await post(botel.url, "/v1/metrics", body, { "content-type": type });
    expect(answer.status).toBe(200);
    const text = await scrape();
    const labels = 'otel_scope_name="runtime",service_instance_id="i-1",service_name="kraków bot"';
    expect(text).toContain(`# HELP v8js_gc_runs_${json}_total How often\n# TYPE v8js_gc_runs_${json}_total counter\n`);
    expect(text).toContain(`v8js_gc_runs_${json}_total{${labels}} 7\n`);
    expect(text).toContain(`http_server_duration_${json}_seconds_bucket{${labels},le="0.001"} 1\n`);
    expect(text).toContain(`http_server_duration_${json}_seconds_bucket{${labels},le="+Inf"} 3\n`);
    expect(text).toContain(`http_server_duration_${json}_seconds_sum{${labels}} 0.0095\n`);
    expect(text).toContain(`memory_${json}_bytes{${labels}} 1.5\n`);
  });

  // issue 5: "Label collisions (`a.b` and `a_b`) never break the scrape."
  test("names that collide never break the scrape, and promtool finds nothing wrong", async () => {
    const metrics = [
      { name: "jobs", description: "a\nb \\ c", sum: sum("1", keyValues({ "a.b": "x", a_b: 'y"\n', "1c": "\\" })) },
      { name: "jobs", sum: sum("2", keyValues({ "a-b": "x;y" })) },
      { name: "jobs.", sum: sum("3", keyValues({ "a-b": "x;y" })) },
      { name: "jobs.total", gauge: { dataPoints: [{ timeUnixNano: now(), asDouble: 1 }] } },
      { name: "gen_ai.client.token.usage", unit: "{token}", sum: sum("4") },
      { name: "bot.messages.total", sum: sum("4") },
      { name: "bot.messages", sum: sum("5") },
      { name: "日本", sum: sum("6", keyValues({ 日: "本" })) },
    ];
    const body = encode("ExportMetricsServiceRequest", request(metrics));
    await post(botel.url, "/v1/metrics", body, { "content-type": "application/x-protobuf" });
    const text = await scrape();
    expect(execFileSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" })).toBe("");
    expect(text).toContain('jobs_total{_1c="\\\\",a_b="x;y\\"",');
    expect(text.match(/^jobs_total\{/gm)).toHaveLength(2);
    expect(text).not.toMatch(/^bot_messages_total\S* 5$/m);
    expect(text).toContain('botel_otlp_metric_series_hidden{reason="own"} 3\n');
    expect(text).toContain('botel_otlp_metric_series_hidden{reason="twin"} 1\n');
  });
});

describe("the series that are shown again", () => {
  test("deltas become totals; one that is sent again changes nothing", () => {
    const store = createSeriesStore(clockAt(0).clock);
    const delta = { delta: true };
    store.take([measured("n", [point(5, {}, 10)], delta)]);
    store.take([measured("n", [point(7, {}, 20)], delta)]);
    store.take([measured("n", [point(7, {}, 20)], delta), measured("n", [point(5, {}, 10)], delta)]);
    expect(store.now()).toMatchObject([{ value: 12 }]);
    const histogram = { bounds: [1], counts: [1, 2], sum: 9, count: 3 };
    const wide = { kind: "histogram", delta: true } as const;
    store.take([measured("h", [point(histogram, {}, 10)], wide)]);
    store.take([measured("h", [point(histogram, {}, 20)], wide)]);
    expect(store.now()[1]).toMatchObject({ value: { bounds: [1], counts: [2, 4], sum: 18, count: 6 } });
  });

  test("totals are taken as they are, the newest of them", () => {
    const store = createSeriesStore(clockAt(0).clock);
    store.take([measured("n", [point(5, {}, 10), point(9, {}, 30), point(7, {}, 20)])]);
    expect(store.now()).toMatchObject([{ value: 9 }]);
  });

  test("stale after 5 minutes", () => {
    const { clock, pass } = clockAt(0);
    const store = createSeriesStore(clock);
    store.take([measured("n", [point(1)])]);
    pass(5 * MINUTE);
    expect(store.now()).toHaveLength(1);
    pass(1);
    expect(store.now()).toHaveLength(0);
  });

  test("bounded in series, overflow counted; room is made by those that are gone", () => {
    const { clock, pass } = clockAt(0);
    const store = createSeriesStore(clock);
    const many = (name: string, count: number): Measured =>
      measured(
        name,
        Array.from({ length: count }, (_, n) => point(1, { n: String(n) })),
      );
    store.take([many("a", 2500)]);
    expect(store.now()).toHaveLength(2000);
    expect(store.refused()).toEqual({ private: 0, overflow: 500 });
    pass(6 * MINUTE);
    store.take([many("b", 10)]);
    expect(store.now()).toHaveLength(10);
    const wide = Array.from({ length: 300 }, (_, n) =>
      point({ bounds: [], counts: [1], sum: 1, count: 1 }, { n: `${n}` }),
    );
    store.take([measured("h", wide, { kind: "histogram" })]);
    expect(store.now()).toHaveLength(210);
  });

  // contract §8: "No label has a user, a group, a trace or free text; every label's values are bounded, …"
  test.for(["user.id", "user.name", "bot.group.id", "session.id", "trace_id", "chatId", "enduser.id"])(
    "a point with %s is not shown",
    (name) => {
      const store = createSeriesStore(clockAt(0).clock);
      store.take([measured("n", [point(1, { [name]: "x" }), point(1, { model: "gpt" })])]);
      expect(store.now()).toHaveLength(1);
      expect(store.refused().private).toBe(1);
    },
  );

  test("whatever names, labels and numbers they have, promtool reads them", () => {
    const text = fc.string({ unit: "binary", maxLength: 12 });
    const value = fc.oneof(
      fc.double(),
      fc.record({
        bounds: fc.constant([0.5, 2]),
        counts: fc.constant([1, 2, 3]),
        sum: fc.double(),
        count: fc.constant(6),
      }),
      fc.record({ quantiles: fc.constant([{ quantile: 0.5, value: 2 }]), sum: fc.double(), count: fc.nat() }),
    );
    const series = fc.record({
      service: fc.option(text, { nil: undefined }),
      scope: fc.option(text, { nil: undefined }),
      name: text,
      description: text,
      unit: fc.oneof(text, fc.constantFrom("s", "By", "1", "By/s", "{x}", "%", "toString")),
      attributes: fc.dictionary(text, text, { maxKeys: 4 }),
      value,
    });
    fc.assert(
      fc.property(fc.array(series, { maxLength: 20 }), (all) => {
        const given = all.map((each) => ({ ...each, kind: kindOf(each.value), time: { ms: 1, ns: 0 }, heardMs: 0 }));
        const { text: lines } = reexpose(given);
        const { error, warnings } = promtool(lines);
        expect(error).toBe("");
        // What promtool has to say about names is the sender's.
        for (const line of warnings) expect(line).not.toMatch(/parse|duplicate|inconsistent/i);
      }),
      { numRuns: 40 },
    );
  });
});

function kindOf(value: unknown): "gauge" | "histogram" | "summary" {
  if (typeof value === "number") return "gauge";
  return "bounds" in (value as object) ? "histogram" : "summary";
}

function promtool(input: string): { error: string; warnings: string[] } {
  try {
    execFileSync("promtool", ["check", "metrics"], { input, encoding: "utf8", stdio: "pipe" });
    return { error: "", warnings: [] };
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    const lines = stderr.split("\n").filter((line) => line !== "");
    return { error: lines.find((line) => line.includes("error while linting")) ?? "", warnings: lines };
  }
}
