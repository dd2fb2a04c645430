import { board, channel, FROM, instance, job, model } from "./board.ts";
import { hourly, lines, table, timeline } from "./panels.ts";

const CHANNEL = `${FROM}, bot_channel_id=~"$channel"`;
const CALL = `${CHANNEL}, gen_ai_request_model=~"$model"`;

const DURATIONS = `gen_ai_client_operation_duration_seconds_bucket{${CALL}, error_type=""}`;
const latency = (quantile: number) =>
  `histogram_quantile(${quantile}, sum by (le) (rate(${DURATIONS}[$__rate_interval])))`;
const firstChunk = (quantile: number, by = "le") =>
  `histogram_quantile(${quantile}, sum by (${by}) (rate(gen_ai_client_operation_time_to_first_chunk_seconds_bucket{${CALL}}[$__rate_interval])))`;
const failedShare = (by: string) =>
  `sum by (${by}) (increase(bot_requests_total{${CALL}, error_type!=""}[1h])) / (sum by (${by}) (increase(bot_requests_total{${CALL}}[1h])) > 0)`;
const range = (metric: string, by: string, more = "") =>
  `sum by (${by}) (increase(${metric}{${CALL}${more}}[$__range]))`;

/** Which model and channel answers, how fast, at which cost, and what fails. */
export const models = () =>
  board({
    uid: "botel-models",
    title: "Models and channels",
    description: "Which models and channels answer, how fast, with how many tokens, and which fail.",
    variables: [job(), instance(), channel(), model()],
    rows: [
      [
        "Channels",
        [
          timeline({
            title: "Status of the channels",
            description: "Error: as the bot announced it, or because the five newest requests all failed.",
            unit: "short",
            queries: [
              {
                expr: `sum by (bot_channel_id) (bot_channel_state{${CHANNEL}, bot_channel_status="error"}) + 2 * sum by (bot_channel_id) (bot_channel_state{${CHANNEL}, bot_channel_status="disabled"})`,
                legend: "{{bot_channel_id}}",
              },
            ],
            states: { 0: ["active", "green"], 1: ["error", "red"], 2: ["disabled", "text"] },
          }),
          timeline({
            title: "Circuit breakers",
            description: "Open: nobody is asked. Half open: one request tries whether it may close.",
            unit: "short",
            queries: [
              {
                expr: `sum by (bot_channel_id) (bot_channel_breaker{${CHANNEL}, bot_channel_breaker="half_open"}) + 2 * sum by (bot_channel_id) (bot_channel_breaker{${CHANNEL}, bot_channel_breaker="open"})`,
                legend: "{{bot_channel_id}}",
              },
            ],
            states: { 0: ["closed", "green"], 1: ["half open", "orange"], 2: ["open", "red"] },
          }),
          hourly({
            title: "Failovers, hour by hour",
            description: "Requests made to a channel instead of one that had just failed.",
            unit: "short",
            queries: [
              {
                expr: `sum by (bot_channel_previous, bot_channel_id) (increase(bot_failovers_total{${CHANNEL}}[1h]))`,
                legend: "{{bot_channel_previous}} → {{bot_channel_id}}",
              },
            ],
          }),
          lines({
            title: "Failed share by channel",
            description: "Failed requests of all requests, over an hour; each attempt counts.",
            unit: "percentunit",
            queries: [{ expr: failedShare("bot_channel_id"), legend: "{{bot_channel_id}}" }],
          }),
        ],
      ],
      [
        "Requests",
        [
          lines({
            title: "Requests by model",
            description: "A minute's worth, each attempt by itself.",
            unit: "cpm",
            queries: [
              {
                expr: `60 * sum by (gen_ai_request_model) (rate(bot_requests_total{${CALL}}[$__rate_interval]))`,
                legend: "{{gen_ai_request_model}}",
              },
            ],
          }),
          hourly({
            title: "Requests by model, hour by hour",
            description: "Requests of each hour, failed ones too.",
            unit: "short",
            queries: [
              {
                expr: `sum by (gen_ai_request_model) (increase(bot_requests_total{${CALL}}[1h]))`,
                legend: "{{gen_ai_request_model}}",
              },
            ],
          }),
          lines({
            title: "Latency",
            description:
              "Duration of requests that succeeded, a streamed answer to its end. Each dot is one request: it leads to its turn.",
            unit: "s",
            queries: [
              { expr: latency(0.5), legend: "half" },
              { expr: latency(0.95), legend: "95 of 100", exemplar: true },
              { expr: latency(0.99), legend: "99 of 100" },
            ],
          }),
          lines({
            title: "Latency by model",
            description: "95 of 100 requests that succeeded took no longer, over an hour.",
            unit: "s",
            queries: [
              {
                expr: `histogram_quantile(0.95, sum by (le, gen_ai_request_model) (increase(${DURATIONS}[1h])))`,
                legend: "{{gen_ai_request_model}}",
              },
            ],
          }),
          lines({
            title: "Time to the first chunk",
            description: "Of streamed answers: from the request to the first piece of the answer.",
            unit: "s",
            queries: [
              { expr: firstChunk(0.5), legend: "half" },
              { expr: firstChunk(0.95), legend: "95 of 100", exemplar: true },
            ],
          }),
          lines({
            title: "Failed share by model",
            description: "Failed requests of all requests, over an hour.",
            unit: "percentunit",
            queries: [{ expr: failedShare("gen_ai_request_model"), legend: "{{gen_ai_request_model}}" }],
          }),
        ],
      ],
      [
        "Tokens",
        [
          hourly({
            title: "Tokens by model, hour by hour",
            description: "Input and output tokens; cached and reasoning tokens are parts of them.",
            unit: "short",
            queries: [
              {
                expr: `sum by (gen_ai_request_model) (increase(bot_tokens_total{${CALL}}[1h]))`,
                legend: "{{gen_ai_request_model}}",
              },
            ],
          }),
          lines({
            title: "Tokens of a request",
            description: "Half of the requests had no more, of those whose provider reports usage.",
            unit: "short",
            queries: [
              {
                expr: `histogram_quantile(0.5, sum by (le, gen_ai_token_type) (rate(gen_ai_client_token_usage_bucket{${CALL}}[$__rate_interval])))`,
                legend: "{{gen_ai_token_type}}",
              },
            ],
          }),
          lines({
            title: "Share of the input that came from a cache",
            description: "Cache reads of all input tokens, over an hour. A fall makes the same talk dearer.",
            unit: "percentunit",
            queries: [
              {
                expr: `sum by (gen_ai_request_model) (increase(bot_token_parts_total{${CALL}, bot_token_part="cache_read"}[1h])) / (sum by (gen_ai_request_model) (increase(bot_tokens_total{${CALL}, gen_ai_token_type="input"}[1h])) > 0)`,
                legend: "{{gen_ai_request_model}}",
              },
            ],
          }),
          hourly({
            title: "Requests without usage, hour by hour",
            description: "Their provider reported no tokens: they count 0, and the totals are that much too low.",
            unit: "short",
            queries: [
              {
                expr: `sum by (gen_ai_request_model) (increase(bot_requests_without_usage_total{${CALL}}[1h]))`,
                legend: "{{gen_ai_request_model}}",
              },
            ],
          }),
          table({
            title: "Models and channels of the chosen time",
            description: "Prometheus estimates between its samples: for exact totals see /api/stats/models.",
            unit: "short",
            queries: [
              { expr: range("bot_requests_total", "gen_ai_request_model, bot_channel_id") },
              { expr: range("bot_requests_total", "gen_ai_request_model, bot_channel_id", ', error_type!=""') },
              { expr: range("bot_tokens_total", "gen_ai_request_model, bot_channel_id") },
            ],
            columns: [
              { name: "Requests", unit: "short" },
              { name: "Failed", unit: "short" },
              { name: "Tokens", unit: "short" },
            ],
            rename: { gen_ai_request_model: "Model", bot_channel_id: "Channel" },
          }),
        ],
      ],
    ],
  });
