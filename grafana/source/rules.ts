import { stringify } from "yaml";
import { ALERTS, type Alert } from "./alerts.ts";
import { RECORDINGS } from "./recording.ts";

const NOTE = "# Made by `node grafana/build.ts` from grafana/source/: change it there.\n";

export function recordingRules(): string {
  const rules = RECORDINGS.map(({ record, expr }) => ({ record, expr }));
  return yaml({ groups: [{ name: "botel-recording", rules }] });
}

export function alertRules(): string {
  const rules = ALERTS.map((alert) => ({
    alert: alert.name,
    expr: alert.expr,
    for: alert.for,
    labels: { severity: alert.severity },
    annotations: annotationsOf(alert),
  }));
  return yaml({ groups: [{ name: "botel-alerts", rules }] });
}

export function annotationsOf({ name, summary, means }: Alert): Record<string, string> {
  return { summary, description: means, runbook: `docs/alerts.md#${name.toLowerCase()}` };
}

/** The same alerts for Grafana's own alerting, which needs no Alertmanager. */
export function grafanaAlerts(): string {
  const rules = ALERTS.map((alert) => ({
    uid: `botel-${alert.name.toLowerCase()}`,
    title: alert.name,
    condition: "C",
    data: [
      query("A", DATASOURCE, { expr: alert.expr, instant: true }),
      // Whatever the query returns fires, as in Prometheus; nothing returned is well.
      query("B", "__expr__", { type: "math", expression: "is_number($A) || is_nan($A) || is_inf($A)" }),
      query("C", "__expr__", {
        type: "threshold",
        expression: "B",
        conditions: [{ evaluator: { type: "gt", params: [0] } }],
      }),
    ],
    noDataState: "OK",
    execErrState: "Error",
    for: alert.for,
    labels: { severity: alert.severity },
    annotations: annotationsOf(alert),
    isPaused: false,
  }));
  return yaml({ apiVersion: 1, groups: [{ orgId: 1, name: "botel", folder: "botel", interval: "1m", rules }] });
}

/** Of grafana/provisioning/datasources/botel.yaml. */
const DATASOURCE = "botel-prometheus";

function query(refId: string, datasourceUid: string, model: Record<string, unknown>) {
  return { refId, relativeTimeRange: { from: 600, to: 0 }, datasourceUid, model: { refId, ...model } };
}

function yaml(content: unknown): string {
  return NOTE + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });
}
