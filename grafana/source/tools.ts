import { board, FROM, instance, job } from "./board.ts";
import { hourly, lines, table } from "./panels.ts";

const BY = "gen_ai_tool_name";
const LEGEND = "{{gen_ai_tool_name}}";
const duration = (quantile: number, by = "le") =>
  `histogram_quantile(${quantile}, sum by (${by}) (rate(bot_tool_duration_seconds_bucket{${FROM}}[$__rate_interval])))`;

/** Which tools are called, how long they take, and which fail. */
export const tools = () =>
  board({
    uid: "botel-tools",
    title: "Tools",
    description: "Which tools are called, built-in and MCP, how long they take, and which fail.",
    variables: [job(), instance()],
    rows: [
      [
        "Calls",
        [
          lines({
            title: "Calls by tool",
            description: "A minute's worth of executions.",
            unit: "cpm",
            queries: [
              { expr: `60 * sum by (${BY}) (rate(bot_tool_calls_total{${FROM}}[$__rate_interval]))`, legend: LEGEND },
            ],
          }),
          hourly({
            title: "Calls by tool, hour by hour",
            description: "Executions of each hour, failed ones too.",
            unit: "short",
            queries: [{ expr: `sum by (${BY}) (increase(bot_tool_calls_total{${FROM}}[1h]))`, legend: LEGEND }],
          }),
          lines({
            title: "Success by tool",
            description: "Calls that did not fail of all calls, over an hour.",
            unit: "percentunit",
            queries: [
              {
                expr: `1 - (sum by (${BY}) (increase(bot_tool_calls_total{${FROM}, error_type!=""}[1h])) or 0 * sum by (${BY}) (increase(bot_tool_calls_total{${FROM}}[1h]))) / (sum by (${BY}) (increase(bot_tool_calls_total{${FROM}}[1h])) > 0)`,
                legend: LEGEND,
              },
            ],
          }),
          hourly({
            title: "Failed calls, hour by hour",
            description: "By tool and type of error. The error list of botel has the text of each.",
            unit: "short",
            queries: [
              {
                expr: `sum by (${BY}, error_type) (increase(bot_tool_calls_total{${FROM}, error_type!=""}[1h]))`,
                legend: `${LEGEND} {{error_type}}`,
              },
            ],
          }),
        ],
      ],
      [
        "Duration",
        [
          lines({
            title: "Duration",
            description: "Of all calls. Each dot is one call: it leads to its turn.",
            unit: "s",
            queries: [
              { expr: duration(0.5), legend: "half" },
              { expr: duration(0.95), legend: "95 of 100", exemplar: true },
            ],
          }),
          lines({
            title: "Duration by tool",
            description: "95 of 100 calls took no longer.",
            unit: "s",
            queries: [{ expr: duration(0.95, `le, ${BY}`), legend: LEGEND }],
          }),
          table({
            title: "Tools of the chosen time",
            description: "Prometheus estimates between its samples: for exact totals see /api/stats/tools.",
            unit: "short",
            queries: [
              { expr: `sum by (${BY}) (increase(bot_tool_calls_total{${FROM}}[$__range]))` },
              { expr: `sum by (${BY}) (increase(bot_tool_calls_total{${FROM}, error_type!=""}[$__range]))` },
              {
                expr: `sum by (${BY}) (increase(bot_tool_duration_seconds_sum{${FROM}}[$__range])) / sum by (${BY}) (increase(bot_tool_duration_seconds_count{${FROM}}[$__range]))`,
              },
            ],
            columns: [
              { name: "Calls", unit: "short" },
              { name: "Failed", unit: "short" },
              { name: "Mean duration", unit: "s" },
            ],
            rename: { [BY]: "Tool" },
          }),
        ],
      ],
    ],
  });
