import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { ALERTS } from "../../grafana/source/alerts.ts";
import { annotationsOf } from "../../grafana/source/rules.ts";
import { CASES, type Case } from "./cases.ts";

const ROOT = join(import.meta.dirname, "../..");
const RULES = ["recording", "alerts"].map((name) => join(ROOT, `grafana/rules/${name}.yaml`));
const folder = mkdtempSync(join(tmpdir(), "botel-rules-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @returns what it prints; throws with that where it finds something wrong */
function promtool(...args: string[]): string {
  try {
    return execFileSync("promtool", args, { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(stdout + stderr, { cause: error });
  }
}

/** The alert's texts, with the labels of one result in them. */
function textsOf(name: string, labels: Record<string, string>): Record<string, string> {
  const alert = ALERTS.find((other) => other.name === name);
  if (alert === undefined) throw new Error(`there is no alert ${name}`);
  const written = (text: string) =>
    text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? "");
  return Object.fromEntries(Object.entries(annotationsOf(alert)).map(([key, text]) => [key, written(text)]));
}

function testOf({ alert, every = 1, series, fires, silent }: Case) {
  const severity = ALERTS.find(({ name }) => name === alert)?.severity;
  const firing = fires.map(({ at, labels }) => ({
    eval_time: `${at}m`,
    alertname: alert,
    exp_alerts: [{ exp_labels: { severity, ...labels }, exp_annotations: textsOf(alert, labels) }],
  }));
  return {
    interval: `${every}m`,
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [...firing, ...silent.map((at) => ({ eval_time: `${at}m`, alertname: alert, exp_alerts: [] }))],
  };
}

test("promtool check config and check rules find nothing", () => {
  for (const file of ["prometheus.yml", "prometheus-cluster.yml"]) {
    expect(promtool("check", "config", join(ROOT, "config", file))).toContain("2 rule files found");
  }
  const withToken = join(ROOT, "config/prometheus-token.yml"); // the token is not there, so it is read only
  expect(promtool("check", "config", "--syntax-only", withToken)).toContain("is valid prometheus config file syntax");
  expect(promtool("check", "rules", ...RULES)).toMatch(/SUCCESS: \d+ rules found/);
});

describe("promtool test rules", () => {
  const numbered = CASES.map((one, at) => ({ ...one, at }));
  test.for(numbered)("$alert fires, stays silent, resolves ($at)", ({ at, ...one }) => {
    const file = join(folder, `${at}.yaml`);
    const content = { rule_files: RULES, evaluation_interval: `${one.every ?? 1}m`, tests: [testOf(one)] };
    writeFileSync(file, stringify(content, { aliasDuplicateObjects: false }));
    expect(promtool("test", "rules", file)).toContain("SUCCESS");
  });

  test("each alert has a case that fires, and that is silent before it and after it", () => {
    for (const { name } of ALERTS) {
      const firing = CASES.filter(({ alert, fires }) => alert === name && fires.length > 0);
      expect(firing, name).not.toEqual([]);
      for (const { fires, silent } of firing) {
        const at = fires[0]?.at ?? 0;
        expect(silent.some((minute) => minute < at) && silent.some((minute) => minute > at), name).toBe(true);
      }
    }
  });

  test("alerts that compare ratios or counts have a case of low traffic", () => {
    const guarded = ALERTS.filter(({ expr }) => / >= \d+\b/.test(expr)).map(({ name }) => name);
    expect(guarded.length).toBeGreaterThanOrEqual(5);
    for (const name of guarded) {
      expect(
        CASES.some(({ alert, fires }) => alert === name && fires.length === 0),
        name,
      ).toBe(true);
    }
  });
});

describe("each alert", () => {
  test("names the thing in its summary, by labels that its result has", () => {
    for (const { name, summary } of ALERTS.filter((alert) => alert.name !== "BotelAbsent")) {
      expect(summary, name).toMatch(/\{\{ \$labels\.\w+ \}\}/);
      const { labels } = CASES.find(({ alert, fires }) => alert === name && fires.length > 0)!.fires[0]!;
      for (const [, label = ""] of summary.matchAll(/\$labels\.(\w+)/g)) expect(labels, name).toHaveProperty(label);
    }
  });

  test("has in its expression what is watched", () => {
    for (const { name, expr, watches } of ALERTS) {
      expect(watches, name).not.toEqual([]);
      for (const watched of watches) expect(expr, name).toContain(watched);
    }
  });
});
