import { board, FROM, instance, job } from "./board.ts";
import { hourly, lines, stat, table } from "./panels.ts";

/** What fails, where, and since when. */
export const errors = () =>
  board({
    uid: "botel-errors",
    title: "Errors",
    description:
      "What fails, where, and since when. The error list of botel's live page has each error's text and turn.",
    variables: [job(), instance()],
    rows: [
      [
        "Alerts",
        [
          stat({
            title: "Alerts that fire",
            description: "Alerts of botel's rules that fire now.",
            unit: "short",
            queries: [{ expr: `count(ALERTS{${FROM}, alertname=~"Bot.+", alertstate="firing"}) or vector(0)` }],
            steps: [[1, "red"]],
          }),
          stat({
            title: "Failed share of requests",
            description: "Failed requests of all requests in the last hour.",
            unit: "percentunit",
            queries: [
              {
                expr: `sum(increase(bot_requests_total{${FROM}, error_type!=""}[1h])) / (sum(increase(bot_requests_total{${FROM}}[1h])) > 0)`,
              },
            ],
            steps: [
              [0.05, "orange"],
              [0.2, "red"],
            ],
          }),
          stat({
            title: "Rate limits, last hour",
            description: "Requests that a provider refused because there were too many.",
            unit: "short",
            queries: [{ expr: `sum(increase(bot_requests_total{${FROM}, error_type=~"429|rate_limit.*"}[1h]))` }],
            steps: [[1, "orange"]],
          }),
          stat({
            title: "Unfinished, last hour",
            description: "Requests and tool calls that were open for too long and never ended.",
            unit: "short",
            queries: [{ expr: `sum(increase(botel_facts_unfinished_total{${FROM}}[1h]))` }],
            steps: [[1, "orange"]],
          }),
        ],
      ],
      [
        "Errors",
        [
          hourly({
            title: "Errors by source, hour by hour",
            description: "Items of botel's error list, by what made them.",
            unit: "short",
            queries: [
              {
                expr: `sum by (bot_error_source) (increase(bot_errors_total{${FROM}}[1h]))`,
                legend: "{{bot_error_source}}",
              },
            ],
          }),
          hourly({
            title: "Errors by channel, hour by hour",
            description: "Of errors that happened on a channel.",
            unit: "short",
            queries: [
              {
                expr: `sum by (bot_channel_id) (increase(bot_errors_total{${FROM}, bot_channel_id!=""}[1h]))`,
                legend: "{{bot_channel_id}}",
              },
            ],
          }),
          lines({
            title: "Failed requests by type",
            description: "A minute's worth. Numbers are HTTP statuses of the provider.",
            unit: "cpm",
            queries: [
              {
                expr: `60 * sum by (error_type) (rate(bot_requests_total{${FROM}, error_type!=""}[$__rate_interval]))`,
                legend: "{{error_type}}",
              },
            ],
          }),
          lines({
            title: "How long failures take",
            description:
              "95 of 100 failed requests ended within this time. Each dot is one failed request: it leads to its turn.",
            unit: "s",
            queries: [
              {
                expr: `histogram_quantile(0.95, sum by (le) (rate(gen_ai_client_operation_duration_seconds_bucket{${FROM}, error_type!=""}[$__rate_interval])))`,
                legend: "95 of 100",
                exemplar: true,
              },
            ],
          }),
          table({
            title: "Errors of the chosen time",
            description: "By source, type and channel. “People and logs” lists them one by one.",
            unit: "short",
            queries: [
              {
                expr: `sort_desc(sum by (bot_error_source, error_type, bot_channel_id) (increase(bot_errors_total{${FROM}}[$__range])) > 0)`,
              },
            ],
            columns: [{ name: "Errors", unit: "short" }],
            rename: { bot_error_source: "Source", error_type: "Type", bot_channel_id: "Channel" },
          }),
          table({
            title: "Alerts",
            description: "Of botel's rules: firing, and pending ones that may fire soon.",
            unit: "short",
            queries: [{ expr: `ALERTS{${FROM}, alertname=~"Bot.+"}` }],
            columns: [{ name: "Active", unit: "bool_yes_no" }],
            rename: { alertname: "Alert", alertstate: "State", severity: "Severity" },
          }),
        ],
      ],
    ],
  });
