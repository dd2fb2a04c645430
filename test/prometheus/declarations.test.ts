import { describe, expect, test } from "vitest";
import { HISTOGRAM_SERIES, METRICS, OTHER_SERIES, prometheusName } from "../../src/prometheus/declarations.ts";
import type { Declaration } from "../../src/prometheus/declarations.ts";

const declarations: Declaration[] = Object.values(METRICS);
const byName = new Map(declarations.map((declaration) => [prometheusName(declaration), declaration]));

describe("the table of metrics (contract §8)", () => {
  // contract §8: "Standard GenAI names first: `gen_ai_client_operation_duration_seconds` and `gen_ai_client_token_usage`
  // (histograms, with `gen_ai_operation_name`, `gen_ai_provider_name`, `gen_ai_request_model`, `gen_ai_token_type`,
  // `error_type`, plus `bot_channel_id`)"
  test("Standard GenAI names first, as histograms, in Prometheus' and in the conventions' spelling", () => {
    const request = ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "bot.channel.id"];
    expect(byName.get("gen_ai_client_operation_duration_seconds")).toMatchObject({
      name: "gen_ai.client.operation.duration",
      type: "histogram",
      unit: "s",
      labels: [...request, "error.type"],
    });
    expect(byName.get("gen_ai_client_token_usage")).toMatchObject({
      name: "gen_ai.client.token.usage",
      type: "histogram",
      unit: "{token}",
      labels: [...request, "gen_ai.token.type"],
    });
  });

  test("then `bot_*` for what the conventions lack", () => {
    const counters = ["messages", "responses", "requests", "tokens", "tool_calls"].map((name) => `bot_${name}_total`);
    for (const name of counters) expect(byName.get(name)?.type).toBe("counter");
    expect(byName.get("bot_tool_duration_seconds")).toMatchObject({ type: "histogram" });
    expect(byName.get("bot_tool_duration_seconds")?.labels).toContain("gen_ai.tool.name");
    expect(byName.get("bot_channel_up")).toMatchObject({ type: "gauge" });
    expect(byName.get("bot_connected")).toMatchObject({ type: "gauge" });
  });

  // contract §6: "User ids never become a metric label."
  test("No label has a user, a group, a trace or free text", () => {
    const labels = new Set(declarations.flatMap((declaration) => declaration.labels));
    expect([...labels].filter((label) => /user|group|trace|span|message|nick|chat/.test(label))).toEqual([]);
  });

  test("Base units, `_total` on counters, help text on each", () => {
    expect(byName.size).toBe(declarations.length);
    for (const [name, { type, unit, help }] of byName) {
      expect(name).toMatch(/^(gen_ai|bot|botel|process)_[a-z0-9_]+$/);
      expect(name.endsWith("_total")).toBe(type === "counter");
      expect(["s", "By", ""].includes(unit) || /^\{[a-z]+\}$/.test(unit)).toBe(true);
      expect(help).toMatch(/^[^\n]{10,}\.$/);
    }
  });

  test("no two labels of a metric, and no two metrics, differ only in `.` and `_`", () => {
    const plain = (names: readonly string[]) => names.map((name) => name.replaceAll(".", "_"));
    expect(new Set(plain(declarations.map(({ name }) => name))).size).toBe(declarations.length);
    for (const { labels } of declarations) expect(new Set(plain(labels)).size).toBe(labels.length);
  });

  test("the bounds of all together are held", () => {
    const series = (histograms: boolean) =>
      declarations
        .filter(({ type }) => (type === "histogram") === histograms)
        .reduce((sum, declaration) => sum + declaration.series, 0);
    expect(series(true)).toBeLessThanOrEqual(HISTOGRAM_SERIES);
    expect(series(false)).toBeLessThanOrEqual(OTHER_SERIES);
  });
});
