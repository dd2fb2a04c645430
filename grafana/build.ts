// Writes the dashboards, rules and pages that are made from grafana/source/ and the declarations of the metrics.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dashboards } from "./source/dashboards.ts";
import { alertsPage, metricsPage } from "./source/docs.ts";
import { alertRules, grafanaAlerts, recordingRules } from "./source/rules.ts";

const ROOT = join(import.meta.dirname, "..");

/** @returns the text of every file that is made, by its path from the root */
export function made(): Map<string, string> {
  const boards = [...dashboards()].map(
    ([name, board]) => [`grafana/dashboards/${name}`, `${JSON.stringify(board, null, 2)}\n`] as const,
  );
  return new Map([
    ...boards,
    ["grafana/rules/recording.yaml", recordingRules()],
    ["grafana/rules/alerts.yaml", alertRules()],
    ["grafana/provisioning/alerting/botel.yaml", grafanaAlerts()],
    ["docs/metrics.md", metricsPage()],
    ["docs/alerts.md", alertsPage()],
  ]);
}

if (import.meta.main) {
  for (const [path, text] of made()) {
    const file = join(ROOT, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
