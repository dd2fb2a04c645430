import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HISTOGRAM_SERIES, METRICS, OTHER_SERIES, prometheusName } from "../../src/prometheus/declarations.ts";
import { cleanValue } from "../../src/prometheus/labels.ts";
import { NOON, channel, messageFact, requestFact, toolFact } from "../system/made.ts";
import { promtool, restarted, started } from "./made.ts";
import type { Scrape, Started } from "./made.ts";

/** `count` models, tools, channels and platforms, each first seen a ms after the one before. */
function flood(metrics: Started, count: number, from = 0): void {
  for (let n = from; n < from + count; n += 1) {
    const when = { timeMs: NOON + n };
    const failure = n % 2 === 0 ? {} : { failed: true, errorType: `error${n}` };
    const names = { model: `model${n}`, channel: `channel${n}`, provider: `provider${n % 3}` };
    metrics.add(
      requestFact({ ...when, ...failure, ...names, inputTokens: n, outputTokens: 1, firstChunkNs: 1 }),
      toolFact({ ...when, ...failure, tool: `tool${n}` }),
      messageFact({ ...when, platform: `platform${n}`, responses: 1 }),
    );
  }
}

function seriesOf(scrape: Scrape, histograms: boolean): number {
  const names = Object.values(METRICS)
    .filter(({ type }) => (type === "histogram") === histograms)
    .map((declaration) => `${prometheusName(declaration)}${histograms ? "_count" : ""}`);
  return names.reduce((sum, name) => sum + scrape.of(name).length, 0);
}

const keyOf = ({ name, labels }: Scrape["samples"][number]) => JSON.stringify([name, labels]);

describe("every label's values are bounded, with an overflow value that is itself counted (contract §8)", () => {
  test("series of all histograms and of all else stay under their bounds, and no total is lost", async () => {
    const metrics = started({ labelValues: 400 });
    flood(metrics, 20_000);
    const scrape = await metrics.scrape();
    expect(seriesOf(scrape, true)).toBeLessThanOrEqual(HISTOGRAM_SERIES);
    expect(seriesOf(scrape, false)).toBeLessThanOrEqual(OTHER_SERIES);
    for (const name of ["bot_requests_total", "bot_tool_calls_total", "bot_messages_total", "bot_responses_total"]) {
      expect(scrape.sum(name)).toBe(20_000);
    }
    expect(scrape.sum("bot_tokens_total")).toBe((19_999 * 20_000) / 2 + 20_000);
    expect(scrape.sum("gen_ai_client_operation_duration_seconds_count")).toBe(20_000);
    expect(scrape.sum("gen_ai_client_token_usage_sum")).toBe((19_999 * 20_000) / 2 + 20_000);
    expect(scrape.sum("gen_ai_client_operation_time_to_first_chunk_seconds_count")).toBe(20_000);
    expect(promtool(scrape.body)).toBe("");
    expect(new Set(scrape.samples.map(keyOf)).size).toBe(scrape.samples.length);
  });

  test("the values first seen keep their name, the rest is `other`, and how many those are is counted", async () => {
    const metrics = started({ labelValues: 10 });
    flood(metrics, 25);
    const scrape = await metrics.scrape();
    const platforms = scrape.of("bot_messages_total").map((s) => [s.labels["bot_platform"], s.value]);
    expect(platforms).toEqual([...Array.from({ length: 10 }, (_, n) => [`platform${n}`, 1]), ["other", 15]]);
    expect(scrape.value("botel_label_other", { label: "bot.platform" })).toBe(15);
    expect(scrape.value("botel_label_other", { label: "gen_ai.request.model" })).toBe(15);
    expect(scrape.value("botel_label_other", { label: "bot.channel.previous" })).toBe(0);
  });

  test("series beyond a metric's bound are one `other` series, which keeps failed ones apart, and are counted", async () => {
    const metrics = started({ labelValues: 1000 });
    flood(metrics, 300);
    const scrape = await metrics.scrape();
    const other = scrape.of("bot_tool_duration_seconds_count", { gen_ai_tool_name: "other" });
    expect(other.map((s) => s.labels["error_type"])).toEqual([undefined, "other"]);
    const named = scrape.of("bot_tool_duration_seconds_count").length - other.length;
    expect(scrape.value("botel_series_other", { metric: "bot_tool_duration_seconds" })).toBe(300 - named);
    expect(other.reduce((sum, { value }) => sum + value, 0)).toBe(300 - named);
  });

  test("a restart names the same values and series", async () => {
    const metrics = started({ labelValues: 20 });
    // Arrival is not the order of time.
    flood(metrics, 50, 50);
    flood(metrics, 50, 0);
    const before = await metrics.scrape();
    const after = await started({ labelValues: 20 }, restarted(metrics.state)).scrape();
    const ofFacts = ({ samples }: Scrape) => samples.filter(({ name }) => /^(bot|gen_ai)_/.test(name));
    expect(ofFacts(after)).toEqual(ofFacts(before));
  });

  test("while the process lives a named series stays named, so that no counter goes back", async () => {
    const metrics = started({ labelValues: 20 });
    flood(metrics, 300, 1000);
    const before = await metrics.scrape();
    flood(metrics, 300, 0);
    const after = await metrics.scrape();
    const values = new Map(after.samples.map((sample) => [keyOf(sample), sample.value]));
    for (const sample of before.samples.filter(({ name }) => /_(total|count|sum|bucket)$/.test(name))) {
      expect(values.get(keyOf(sample)), keyOf(sample)).toBeGreaterThanOrEqual(sample.value);
    }
  });

  test("of channels beyond the bound, one that is down shows", async () => {
    const metrics = started({ labelValues: 1 });
    metrics.system.changes([], [channel("a", "active"), channel("b", "active"), channel("c", "error")]);
    const scrape = await metrics.scrape();
    const other = scrape.of("bot_channel_state", { bot_channel_id: "other" });
    expect(other.map(({ labels, value }) => `${labels["bot_channel_status"]} ${value}`)).toEqual([
      "active 1",
      "error 1",
      "disabled 0",
    ]);
    expect(scrape.of("bot_channel_up").map((s) => [s.labels["bot_channel_id"], s.value])).toEqual([
      ["a", 1],
      ["other", 0],
    ]);
  });
});

describe("hostile names", () => {
  const plain = ["a.b", "a_b", "a b", "other", "unknown", "", " ", "__proto__", "constructor", "NaN", "+Inf", "群"];
  const quoting = ['"', "\\", "\n", "\r\n", "\u0000", "\u2028", "{}", 'x"} 1\nevil_total 5', "# HELP bot_x", "\\n"];
  const unicode = ["\ud800", "\udc00", "\u202e", "é", "e\u0301", "\u{1F600}".repeat(100)];
  const names = [...plain, ...quoting, ...unicode, "x".repeat(5000), `${"x".repeat(5000)}y`];
  const name = fc.oneof(fc.constantFrom(...names), fc.string({ unit: "binary", maxLength: 20 }));

  test("never break the scrape: promtool prints nothing, no series comes twice, the totals are whole", async () => {
    const metrics = started({ labelValues: 1000 });
    const calls = fc.sample(fc.tuple(name, name, name, name, name), { numRuns: 300, seed: 7 });
    for (const [model, provider, channel, errorType, operation] of calls) {
      metrics.add(requestFact({ model, provider, channel, errorType, failed: true, operation, inputTokens: 1 }));
      metrics.add(toolFact({ tool: model, errorType, failed: true }), messageFact({ platform: channel }));
    }
    const scrape = await metrics.scrape();
    expect(promtool(scrape.body)).toBe("");
    expect(new Set(scrape.samples.map(keyOf)).size).toBe(scrape.samples.length);
    expect(scrape.sum("bot_requests_total")).toBe(300);
    expect(scrape.sum("bot_tool_calls_total")).toBe(300);
    expect(scrape.sum("bot_messages_total")).toBe(300);
    expect(scrape.of("evil_total")).toEqual([]);
  });

  test("a label is short, well-formed, of one line and never empty", () => {
    fc.assert(
      fc.property(fc.oneof(name, fc.string({ unit: "binary" })), (raw) => {
        const clean = cleanValue(raw);
        expect(clean.length).toBeGreaterThan(0);
        expect(clean.length).toBeLessThanOrEqual(128);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
    expect(cleanValue("deepseek-chat")).toBe("deepseek-chat");
    expect(cleanValue("通义千问")).toBe("通义千问");
  });
});
