import { InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { AggregationTemporality } from "@opentelemetry/sdk-metrics";
import { describe, expect, test } from "vitest";
import { createProducer } from "../../src/prometheus/producer.ts";
import { NOON, beat, bot, channel, logFact, messageFact, requestFact, toolFact } from "../system/made.ts";
import { promtool, restarted, started } from "./made.ts";

const tokens = { inputTokens: 100, outputTokens: 20, cachedTokens: 60, cacheCreationTokens: 5, reasoningTokens: 8 };
const failure = { failed: true, errorType: "429", errorItem: true };

const facts = () => [
  messageFact({ responses: 2, responseWaitNs: 700_000_000 }),
  messageFact({ platform: undefined }),
  requestFact({ ...tokens, durationNs: 20_000_000, firstChunkNs: 5_000_000 }),
  requestFact({ ...tokens, durationNs: 20_000_001, previousChannel: "azure" }),
  requestFact({ ...failure, usageMissing: true, durationNs: 2_500_000_000 }),
  toolFact({ durationNs: 1_000_000 }),
  toolFact({ ...failure, errorType: undefined }),
  logFact({ errorItem: true }),
];

const REQUEST = {
  gen_ai_operation_name: "chat",
  gen_ai_provider_name: "openai",
  gen_ai_request_model: "gpt-4o",
  bot_channel_id: "openai-main",
};

describe("GET /metrics (contract §8)", () => {
  test("`promtool check metrics` prints nothing", async () => {
    const metrics = started();
    metrics.add(...facts());
    metrics.system.beat(beat({ refused: { too_old: 2 }, restarts: { store: 1, observer: 0 } }));
    metrics.system.changes([], [bot("1", true), channel("main", "error")]);
    metrics.system.latency(3.5);
    await metrics.render();
    const { contentType, body } = await metrics.render();
    expect(contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(promtool(body)).toBe("");
    expect(body).toMatch(/^# HELP target_info [^\n]+\n# TYPE target_info gauge\ntarget_info\{service_name="botel"/);
    expect(body.match(/^target_info/gm)).toHaveLength(1);
    expect(body).not.toContain("# UNIT");
    expect(body.endsWith("\n")).toBe(true);
  });

  test("promtool is there, and finds what is wrong", () => {
    expect(promtool("# TYPE a counter\na 1\n")).toContain("a ");
  });

  test("requests, tokens, tool calls, messages and errors are those of the facts", async () => {
    const metrics = started();
    metrics.add(...facts());
    const scrape = await metrics.scrape();
    expect(scrape.value("bot_messages_total", { bot_platform: "onebot" })).toBe(1);
    expect(scrape.value("bot_messages_total", { bot_platform: "unknown" })).toBe(1);
    expect(scrape.sum("bot_responses_total")).toBe(2);
    expect(scrape.value("bot_requests_total", { ...REQUEST, error_type: "429" })).toBe(1);
    expect(scrape.sum("bot_requests_total")).toBe(3);
    expect(scrape.value("bot_tokens_total", { gen_ai_token_type: "input" })).toBe(200);
    expect(scrape.sum("bot_tokens_total")).toBe(240);
    expect(scrape.of("bot_token_parts_total").map((s) => [s.labels["bot_token_part"], s.value])).toEqual([
      ["cache_read", 120],
      ["cache_creation", 10],
      ["reasoning", 16],
    ]);
    expect(scrape.sum("bot_requests_without_usage_total")).toBe(1);
    expect(scrape.value("bot_tool_calls_total", { gen_ai_tool_name: "get_time", error_type: "_OTHER" })).toBe(1);
    expect(scrape.sum("bot_tool_calls_total")).toBe(2);
    expect(scrape.of("bot_errors_total").map(({ labels, value }) => [Object.values(labels).join(" "), value])).toEqual([
      ["log", 1],
      ["tool _OTHER", 1],
      ["request 429 openai-main", 1],
    ]);
    expect(scrape.of("bot_failovers_total").map(({ labels, value }) => [labels, value])).toEqual([
      [{ bot_channel_previous: "azure", bot_channel_id: "openai-main" }, 1],
    ]);
  });

  test("histograms have the conventions' buckets, whose bounds are inclusive, and exact sums in seconds", async () => {
    const metrics = started();
    metrics.add(...facts());
    const scrape = await metrics.scrape();
    const bounds = (name: string) => scrape.of(`${name}_bucket`).map((s) => s.labels["le"]);
    const seconds = "0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 +Inf".split(" ");
    expect(new Set(bounds("gen_ai_client_operation_duration_seconds"))).toEqual(new Set(seconds));
    expect(bounds("gen_ai_client_operation_time_to_first_chunk_seconds")).toEqual(seconds);
    expect(new Set(bounds("gen_ai_client_token_usage"))).toEqual(
      new Set([...Array.from({ length: 14 }, (_, power) => String(4 ** power)), "+Inf"]),
    );
    const succeeded = (le: string) =>
      scrape
        .of("gen_ai_client_operation_duration_seconds_bucket", { ...REQUEST, le })
        .filter((s) => s.labels["error_type"] === undefined)
        .map((s) => s.value);
    expect(succeeded("0.01")).toEqual([0]);
    expect(succeeded("0.02")).toEqual([1]);
    expect(succeeded("0.04")).toEqual([2]);
    expect(succeeded("+Inf")).toEqual([2]);
    expect(scrape.sum("gen_ai_client_operation_duration_seconds_sum")).toBe(2.540000001);
    expect(scrape.value("gen_ai_client_token_usage_sum", { gen_ai_token_type: "output" })).toBe(40);
    expect(scrape.value("gen_ai_client_token_usage_bucket", { gen_ai_token_type: "input", le: "64" })).toBe(0);
    expect(scrape.value("gen_ai_client_token_usage_bucket", { gen_ai_token_type: "input", le: "256" })).toBe(2);
  });

  test("a request without usage is in no token histogram; an embedding has no output", async () => {
    const metrics = started();
    metrics.add(
      requestFact({ usageMissing: true }),
      requestFact({ operation: "embeddings", inputTokens: 3 }),
      requestFact(),
    );
    const scrape = await metrics.scrape();
    const counts = scrape.of("gen_ai_client_token_usage_count").map(({ labels, value }) => {
      return [labels["gen_ai_operation_name"], labels["gen_ai_token_type"], value];
    });
    expect(counts).toEqual([
      ["embeddings", "input", 1],
      ["chat", "input", 1],
      ["chat", "output", 1],
    ]);
  });

  test("a sum beyond 2^53 ns stays exact to the millisecond", async () => {
    const metrics = started();
    for (let n = 0; n < 1000; n += 1) metrics.add(toolFact({ durationNs: 2 ** 53 - 1 }));
    const scrape = await metrics.scrape();
    expect(scrape.value("bot_tool_duration_seconds_sum")).toBeCloseTo(Number((2n ** 53n - 1n) * 1000n) / 1e9, 3);
  });

  // contract §8: "Counters go on across a restart (they start from the stored totals)"
  test("Counters go on across a restart", async () => {
    const before = started();
    before.add(...facts());
    const first = await before.scrape();
    const after = started({}, restarted(before.state));
    const ofFacts = (body: string) => body.split("\n").filter((line) => /^(bot|gen_ai)_/.test(line));
    expect(ofFacts((await after.scrape()).body)).toEqual(ofFacts(first.body));
    after.add(messageFact());
    expect((await after.scrape()).sum("bot_messages_total") - first.sum("bot_messages_total")).toBe(1);
  });

  test("botel's own health (facts taken, refused, dropped, queue, store latency, scrape, SSE clients, event-loop delay), build info", async () => {
    const metrics = started();
    metrics.system.beat(
      beat({ dropped: { log: 4 }, queued: 5, refused: { too_old: 2 }, restarts: { store: 1, observer: 0 } }),
    );
    metrics.system.latency(3.5);
    metrics.system.storeHealth({
      taken: { request: 7 },
      refused: { too_old: 1, sealed_day: 1 },
      shed: { debug_logs: 9 },
      duplicates: 1,
      excluded: 8,
      late: 2,
      joined: 3,
      unjoined: 4,
      commits: 5,
      lastCommitMs: 6,
      bytes: 7,
    });
    await metrics.render();
    const scrape = await metrics.scrape();
    expect(scrape.value("botel_facts_taken_total", { kind: "request" })).toBe(7);
    expect(scrape.value("botel_facts_refused_total", { reason: "too_old" })).toBe(3);
    expect(scrape.value("botel_facts_dropped_total", { what: "log" })).toBe(4);
    expect(scrape.value("botel_queue_facts")).toBe(5);
    expect(scrape.value("botel_store_latency_seconds")).toBe(0.0035);
    expect(scrape.value("botel_store_commit_duration_seconds")).toBe(0.006);
    expect(scrape.value("botel_scrape_duration_seconds")).toBeGreaterThanOrEqual(0);
    expect(scrape.value("botel_live_clients")).toBe(1);
    expect(scrape.value("botel_event_loop_delay_max_seconds")).toBeGreaterThanOrEqual(0);
    expect(scrape.value("botel_worker_restarts_total", { worker: "store" })).toBe(1);
    expect(scrape.value("botel_build_info", { version: "1.5.0", nodejs: process.version })).toBe(1);
    expect(scrape.value("process_start_time_seconds")).toBe(NOON / 1000);
    expect(scrape.value("process_resident_memory_bytes")).toBeGreaterThan(1e6);
  });

  test("the bot's state: channels that are up, their status and breaker, bots that are connected", async () => {
    const metrics = started();
    const [a, b] = [channel("a", "active"), channel("b", "error", { breaker: "half_open" })];
    metrics.system.changes([], [a, b, bot("1", true), bot("2", false)]);
    const scrape = await metrics.scrape();
    expect(scrape.value("bot_channel_up", { bot_channel_id: "a" })).toBe(1);
    expect(scrape.value("bot_channel_up", { bot_channel_id: "b" })).toBe(0);
    const state = (name: string, id: string, label: string) =>
      scrape.of(name, { bot_channel_id: id }).map(({ labels, value }) => `${labels[label]} ${value}`);
    expect(state("bot_channel_state", "a", "bot_channel_status")).toEqual(["active 1", "error 0", "disabled 0"]);
    expect(state("bot_channel_state", "b", "bot_channel_status")).toEqual(["active 0", "error 1", "disabled 0"]);
    expect(state("bot_channel_breaker", "a", "bot_channel_breaker")).toEqual([]);
    expect(state("bot_channel_breaker", "b", "bot_channel_breaker")).toEqual(["closed 0", "half_open 1", "open 0"]);
    expect(scrape.value("bot_connected", { bot_id: "1", bot_platform: "onebot" })).toBe(1);
    expect(scrape.value("bot_connected", { bot_id: "2" })).toBe(0);
    expect(scrape.value("botel_check_up", { check: "channels" })).toBe(1);
  });

  test("a request that names its own channel as the one before is no failover", async () => {
    const metrics = started();
    metrics.add(requestFact({ previousChannel: "openai-main" }), requestFact());
    expect((await metrics.scrape()).of("bot_failovers_total")).toEqual([]);
  });

  test("active users and groups; where they cannot be had, the rest is shown", async () => {
    const active = { users: { "5m": 1, "1h": 2, today: 3 }, groups: { "5m": 0, "1h": 1, today: 1 } };
    const scrape = await started({ active: () => active }).scrape();
    expect(scrape.of("bot_active_users").map(({ labels, value }) => [labels["window"], value])).toEqual([
      ["5m", 1],
      ["1h", 2],
      ["today", 3],
    ]);
    expect(scrape.value("bot_active_groups", { window: "5m" })).toBe(0);
    const without = await started({ active: () => Promise.reject(new Error("away")) }).scrape();
    expect(without.of("bot_active_users")).toEqual([]);
    expect(without.value("botel_live_clients")).toBe(1);
  });

  test("how long persons waited for the first response", async () => {
    const metrics = started();
    metrics.add(...facts());
    const scrape = await metrics.scrape();
    expect(scrape.value("bot_response_wait_seconds_count", { bot_platform: "onebot" })).toBe(1);
    expect(scrape.value("bot_response_wait_seconds_sum")).toBe(0.7);
  });

  test("without the store, its own health is still shown", async () => {
    for (const state of [() => undefined, () => Promise.reject(new Error("away"))]) {
      const scrape = await started({ state }).scrape();
      expect(scrape.of("bot_messages_total")).toEqual([]);
      expect(scrape.value("botel_live_clients")).toBe(1);
      expect(promtool(scrape.body)).toBe("");
    }
  });

  test("scrapes at the same time are one", async () => {
    let reads = 0;
    const metrics = started({ state: () => void (reads += 1) });
    const bodies = await Promise.all([metrics.render(), metrics.render(), metrics.render()]);
    expect(new Set(bodies.map(({ body }) => body)).size).toBe(1);
    expect(reads).toBe(1);
    await metrics.render();
    expect(reads).toBe(2);
  });
});

describe("any other reader of OpenTelemetry metrics", () => {
  test("gets the same under the conventions' names and units, beside what its SDK measures", async () => {
    const metrics = started();
    metrics.add(...facts(), toolFact({ timeMs: NOON - 90_000 }));
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    // As it crosses from one thread to another.
    const producer = createProducer(async () => structuredClone(await metrics.collect()));
    const reader = new PeriodicExportingMetricReader({ exporter, metricProducers: [producer] });
    const provider = new MeterProvider({ readers: [reader] });
    provider.getMeter("bot").createCounter("mine").add(1);
    await provider.forceFlush();
    const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    const named = new Map(all.map((metric) => [metric.descriptor.name, metric]));
    expect(named.has("mine")).toBe(true);
    expect(named.get("gen_ai.client.operation.duration")?.descriptor.unit).toBe("s");
    const duration = named.get("gen_ai.client.operation.duration")?.dataPoints[0];
    expect(duration?.attributes).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-4o",
      "bot.channel.id": "openai-main",
    });
    expect(duration?.value).toMatchObject({ count: 2, sum: 0.040000001 });
    // The totals count from the first fact, also after a restart; what botel counts of itself from its start.
    expect(duration?.startTime).toEqual([Math.floor(NOON / 1000) - 90, 250_000_000]);
    expect(named.get("botel.live.events")?.dataPoints[0]?.startTime).toEqual([Math.floor(NOON / 1000), 250_000_000]);
    expect(named.get("bot.messages")).toMatchObject({ isMonotonic: true, descriptor: { unit: "{message}" } });
    await provider.shutdown();
  });

  test("has what its own SDK measured where the folds cannot be had", async () => {
    const { resourceMetrics, errors } = await createProducer(() => Promise.reject(new Error("away"))).collect();
    expect(resourceMetrics.scopeMetrics).toEqual([]);
    expect(errors).toEqual([new Error("away")]);
  });
});
