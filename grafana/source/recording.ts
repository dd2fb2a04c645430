/** A series that Prometheus computes again and again, for the alerts and for dashboards of your own. */
export interface Recording {
  record: string;
  expr: string;
  /** What it is. */
  means: string;
}

/** Tokens of a day past which the budget's alert fires; change it in your copy of the rules. */
const BUDGET = 10_000_000;

export const RECORDINGS: readonly Recording[] = [
  {
    record: "instance:bot_messages:increase30m",
    expr: "sum by (job, instance) (increase(bot_messages_total[30m]))",
    means: "Messages of the last half hour.",
  },
  {
    record: "instance:bot_responses:increase30m",
    expr: "sum by (job, instance) (increase(bot_responses_total[30m]))",
    means: "Responses of the last half hour.",
  },
  {
    record: "instance:bot_responses_per_message:ratio1d",
    expr: "sum by (job, instance) (increase(bot_responses_total[1d])) / (sum by (job, instance) (increase(bot_messages_total[1d])) > 0)",
    means: "Responses per message over a day: the bot's usual.",
  },
  {
    record: "instance:bot_responses_expected:increase30m",
    expr: "instance:bot_messages:increase30m * instance:bot_responses_per_message:ratio1d",
    means: "Responses that the messages of the last half hour would usually have.",
  },
  {
    record: "instance_channel:bot_requests:increase15m",
    expr: "sum by (job, instance, bot_channel_id) (increase(bot_requests_total[15m]))",
    means: "Requests of a channel in the last 15 minutes, each attempt by itself.",
  },
  {
    record: "instance_channel:bot_requests_failed:increase15m",
    expr: 'sum by (job, instance, bot_channel_id) (increase(bot_requests_total{error_type!=""}[15m]))',
    means: "Failed requests among them.",
  },
  {
    record: "instance_channel:bot_requests_rate_limited:increase15m",
    expr: 'sum by (job, instance, bot_channel_id) (increase(bot_requests_total{error_type=~"429|rate_limit.*"}[15m]))',
    means: "Requests among them that the provider refused because there were too many.",
  },
  {
    record: "instance_model:bot_requests_succeeded:increase15m",
    expr: 'sum by (job, instance, gen_ai_request_model) (increase(bot_requests_total{error_type=""}[15m]))',
    means: "Requests of a model that succeeded in the last 15 minutes.",
  },
  {
    record: "instance_model:bot_latency_seconds:p95_15m",
    expr: 'histogram_quantile(0.95, sum by (job, instance, gen_ai_request_model, le) (rate(gen_ai_client_operation_duration_seconds_bucket{error_type=""}[15m])))',
    means: "95 of 100 of them took no longer.",
  },
  {
    record: "instance_model:bot_channel_up:max",
    expr: "max by (job, instance, gen_ai_request_model) (max by (job, instance, gen_ai_request_model, bot_channel_id) (increase(bot_requests_total[1d]) > bool 0) * on (job, instance, bot_channel_id) group_left () max by (job, instance, bot_channel_id) (bot_channel_up))",
    means: "1 where a channel that had the model's requests in the last day is up, 0 where all of them are down.",
  },
  {
    record: "instance_tool:bot_tool_calls:increase30m",
    expr: "sum by (job, instance, gen_ai_tool_name) (increase(bot_tool_calls_total[30m]))",
    means: "Calls of a tool in the last half hour.",
  },
  {
    record: "instance_tool:bot_tool_calls_failed:increase30m",
    expr: 'sum by (job, instance, gen_ai_tool_name) (increase(bot_tool_calls_total{error_type!=""}[30m]))',
    means: "Failed calls among them.",
  },
  {
    record: "instance:bot_tokens:increase1d",
    expr: "sum by (job, instance) (increase(bot_tokens_total[1d]))",
    means: "Tokens of the last day.",
  },
  {
    record: "botel:token_budget:1d",
    expr: `vector(${BUDGET})`,
    means: "Tokens that a day may take. Put your own number here.",
  },
];
