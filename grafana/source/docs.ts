import {
  type Declaration,
  FACT_METRICS,
  METRICS,
  type MetricId,
  prometheusName,
} from "../../src/prometheus/declarations.ts";
import { ALERTS, type Alert } from "./alerts.ts";
import { RECORDINGS } from "./recording.ts";

const NOTE = "<!-- Made by `node grafana/build.ts`: change the declarations, not this page. -->";
const UNITS: Record<string, string> = { s: "seconds", By: "bytes", "": "" };

/** docs/metrics.md, out of the declarations. */
export function metricsPage(): string {
  const ids = Object.keys(METRICS) as MetricId[];
  const facts: ReadonlySet<MetricId> = new Set(FACT_METRICS);
  const ofBot = ids.filter((id) => !facts.has(id) && METRICS[id].name.startsWith("bot."));
  const ofBotel = ids.filter((id) => !facts.has(id) && !METRICS[id].name.startsWith("bot."));
  return `# Metrics

${NOTE}

\`GET /metrics\` answers in Prometheus' text format; who asks for OpenMetrics (\`Accept: application/openmetrics-text\`, as
Prometheus does) gets the same series with times of creation and exemplars: \`trace_id\`, and \`trace\`, which is what the
live page takes: \`http://…:3000/#/trace/<trace>\`. Bots' own metrics that came by OTLP follow after botel's.

Totals of facts start from what is stored: they go on over a restart, and for the same window they equal the JSON
answers. The values of a label, and the series of a metric, are bounded: the ones first seen keep their name, the rest is
\`other\`; \`botel_label_other\` and \`botel_series_other\` count them. No label has a user, a group, a trace or free text.

Durations have the buckets of the GenAI conventions, 10 ms doubled to 81.92 s; tokens the powers of four.

\`\`\`sh
curl -s http://127.0.0.1:3000/metrics | grep ^bot_messages_total    # bot_messages_total{bot_platform="onebot"} 407
\`\`\`

\`\`\`promql
sum by (gen_ai_request_model) (rate(gen_ai_client_operation_duration_seconds_count[5m]))    # requests a second, by model
\`\`\`

## Of facts

${rows(FACT_METRICS)}

## Of the bot, now

${rows(ofBot)}

## Of botel itself

${rows(ofBotel)}
`;
}

function rows(ids: readonly MetricId[]): string {
  const head = "| name | type | unit | labels | what it is |\n| --- | --- | --- | --- | --- |";
  return `${head}\n${ids.map((id) => row(METRICS[id])).join("\n")}`;
}

function row(declaration: Declaration): string {
  const { type, unit, labels, help } = declaration;
  const named = labels.map((label) => `\`${label.replaceAll(".", "_")}\``);
  const shown = UNITS[unit] ?? unit.replaceAll(/[{}]/g, "");
  return `| \`${prometheusName(declaration)}\` | ${type} | ${shown} | ${named.join(", ")} | ${help} |`;
}

/** docs/alerts.md: what each alert means, and what to do. */
export function alertsPage(): string {
  return `# Alerts

${NOTE}

The rules are in [grafana/rules](../grafana/rules), for Prometheus, and once more in
[grafana/provisioning/alerting](../grafana/provisioning/alerting) for Grafana's own alerting; notify by one of the two.
Each alert has a severity (\`critical\`: look now; \`warning\`: look today), a summary that names the thing, and guards
against low traffic; \`promtool test rules\` shows of each that it fires, stays silent, and resolves.

${ALERTS.map(section).join("\n\n")}

## Recorded series

Prometheus computes them for the alerts; dashboards of your own may read them too.

| series | what it is |
| --- | --- |
${RECORDINGS.map(({ record, means }) => `| \`${record}\` | ${means} |`).join("\n")}
`;
}

function section({ name, severity, expr, for: lasting, means, runbook }: Alert): string {
  return `## ${name}

*${severity}, ${lasting === "0m" ? "at once" : `after ${lasting}`}.* ${means}

\`\`\`promql
${expr}
\`\`\`

**What to do.** ${runbook}`;
}
