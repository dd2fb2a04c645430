import { board, FROM, instance, job } from "./board.ts";
import { hourly, lines, stat, timeline } from "./panels.ts";

const wait = (quantile: number, counted: string) => `histogram_quantile(${quantile}, sum by (le) (${counted}))`;
const NOW = `rate(bot_response_wait_seconds_bucket{${FROM}}[$__rate_interval])`;
const LAST_HOUR = `increase(bot_response_wait_seconds_bucket{${FROM}}[1h])`;
const lastHour = (metric: string) => `sum(increase(${metric}{${FROM}}[1h]))`;

/** Is the bot there, does it answer, how much does it do. */
export const overview = () =>
  board({
    uid: "botel-overview",
    title: "Bot overview",
    description: "Whether the bot is there and answers, and how much it does.",
    variables: [job(), instance()],
    rows: [
      [
        "Now",
        [
          stat({
            title: "Bots connected",
            description: "Bots that are connected to their platform. A bot that was silent for 90 s is not.",
            unit: "short",
            queries: [{ expr: `sum(bot_connected{${FROM}})` }],
            size: { width: 4, height: 4 },
          }),
          stat({
            title: "Bots away",
            description: "Bots that are known and not connected.",
            unit: "short",
            queries: [{ expr: `count(bot_connected{${FROM}}) - sum(bot_connected{${FROM}})` }],
            steps: [[1, "red"]],
            size: { width: 4, height: 4 },
          }),
          stat({
            title: "Channels in error",
            description:
              "Channels that announced an error, or whose five newest requests all failed. Disabled ones do not count.",
            unit: "short",
            queries: [{ expr: `sum(bot_channel_state{${FROM}, bot_channel_status="error"})` }],
            steps: [[1, "orange"]],
            size: { width: 4, height: 4 },
          }),
          stat({
            title: "Under way",
            description:
              "Messages, requests and tool calls that have begun and not ended. A number that only grows is a bot that hangs.",
            unit: "short",
            queries: [{ expr: `sum(bot_operations_in_flight{${FROM}})` }],
            size: { width: 4, height: 4 },
          }),
          stat({
            title: "Active users",
            description: "Distinct users in the last 5 minutes, the last hour, and today in botel's time zone.",
            unit: "short",
            queries: [{ expr: `sum by (window) (bot_active_users{${FROM}})`, legend: "{{window}}" }],
            line: false,
            size: { width: 4, height: 4 },
          }),
          stat({
            title: "Active groups",
            description: "Distinct groups in the same windows.",
            unit: "short",
            queries: [{ expr: `sum by (window) (bot_active_groups{${FROM}})`, legend: "{{window}}" }],
            line: false,
            size: { width: 4, height: 4 },
          }),
          stat({
            title: "Messages, last hour",
            description: "Inbound chat messages that the bot saw, answered or not.",
            unit: "short",
            queries: [{ expr: lastHour("bot_messages_total") }],
            size: { width: 4, height: 4 },
          }),
          stat({
            title: "Responses, last hour",
            description: "Replies that were sent and whose text a model wrote.",
            unit: "short",
            queries: [{ expr: lastHour("bot_responses_total") }],
            size: { width: 4, height: 4 },
          }),
          stat({
            title: "Tool calls, last hour",
            description: "Executions of tools, whatever came of them.",
            unit: "short",
            queries: [{ expr: lastHour("bot_tool_calls_total") }],
            size: { width: 4, height: 4 },
          }),
          stat({
            title: "Tokens, last hour",
            description: "Input and output tokens, failed requests' too.",
            unit: "short",
            queries: [{ expr: lastHour("bot_tokens_total") }],
            size: { width: 4, height: 4 },
          }),
          stat({
            title: "Errors, last hour",
            description: "Items of botel's error list: error records, failed requests and failed tool calls.",
            unit: "short",
            queries: [{ expr: lastHour("bot_errors_total") }],
            steps: [[1, "orange"]],
            size: { width: 4, height: 4 },
          }),
          stat({
            title: "Wait, last hour",
            description: "Nine of ten persons had the first response to their message within this time.",
            unit: "s",
            queries: [{ expr: wait(0.9, LAST_HOUR) }],
            size: { width: 4, height: 4 },
          }),
        ],
      ],
      [
        "Conversation",
        [
          lines({
            title: "Messages and responses",
            description: "A minute's worth. Messages that go on while responses stop are a silent bot.",
            unit: "cpm",
            queries: [
              { expr: `60 * sum(rate(bot_messages_total{${FROM}}[$__rate_interval]))`, legend: "messages" },
              { expr: `60 * sum(rate(bot_responses_total{${FROM}}[$__rate_interval]))`, legend: "responses" },
            ],
          }),
          lines({
            title: "Wait for the first response",
            description: "From a message to its first response. Each dot is one turn: it leads to its trace.",
            unit: "s",
            queries: [
              { expr: wait(0.5, NOW), legend: "half" },
              { expr: wait(0.9, NOW), legend: "9 of 10", exemplar: true },
              { expr: wait(0.99, NOW), legend: "99 of 100" },
            ],
          }),
          hourly({
            title: "Messages by platform, hour by hour",
            description: "Inbound chat messages of each hour.",
            unit: "short",
            queries: [
              { expr: `sum by (bot_platform) (increase(bot_messages_total{${FROM}}[1h]))`, legend: "{{bot_platform}}" },
            ],
          }),
          hourly({
            title: "Responses by platform, hour by hour",
            description: "Replies whose text a model wrote, of each hour.",
            unit: "short",
            queries: [
              {
                expr: `sum by (bot_platform) (increase(bot_responses_total{${FROM}}[1h]))`,
                legend: "{{bot_platform}}",
              },
            ],
          }),
          lines({
            title: "Share of messages with a response",
            description:
              "Responses per message over an hour; above 1 where one message has several. In groups, most messages are not meant for the bot: compare it with its own past.",
            unit: "percentunit",
            queries: [
              {
                expr: `${lastHour("bot_responses_total")} / (${lastHour("bot_messages_total")} > 0)`,
                legend: "responses per message",
              },
            ],
          }),
          timeline({
            title: "Connections",
            description: "Whether each bot was connected to its platform.",
            unit: "short",
            queries: [
              { expr: `max by (bot_platform, bot_id) (bot_connected{${FROM}})`, legend: "{{bot_platform}} {{bot_id}}" },
            ],
            states: { 0: ["away", "red"], 1: ["connected", "green"] },
          }),
        ],
      ],
      [
        "What it takes",
        [
          hourly({
            title: "Tokens, hour by hour",
            description:
              "Input and output tokens. Cached ones are a part of the input, reasoning a part of the output.",
            unit: "short",
            queries: [
              {
                expr: `sum by (gen_ai_token_type) (increase(bot_tokens_total{${FROM}}[1h]))`,
                legend: "{{gen_ai_token_type}}",
              },
            ],
          }),
          hourly({
            title: "Requests and tool calls, hour by hour",
            description: "Requests to models, each attempt by itself, and executions of tools.",
            unit: "short",
            queries: [
              { expr: lastHour("bot_requests_total"), legend: "requests" },
              { expr: lastHour("bot_tool_calls_total"), legend: "tool calls" },
            ],
          }),
        ],
      ],
    ],
  });
