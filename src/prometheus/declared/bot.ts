import type { Declaration } from "./declaration.ts";

/** Of the bot, now. */
export const OF_BOT = {
  channelUp: {
    name: "bot.channel.up",
    type: "gauge",
    unit: "",
    labels: ["bot.channel.id"],
    series: 60,
    help: "1 where the channel is neither in error nor disabled, else 0.",
  },
  channelState: {
    name: "bot.channel.state",
    type: "gauge",
    unit: "",
    labels: ["bot.channel.id", "bot.channel.status"],
    worst: "max",
    series: 160,
    help: "1 for the status that the channel has (active, error or disabled), 0 for the others.",
  },
  channelBreaker: {
    name: "bot.channel.breaker",
    type: "gauge",
    unit: "",
    labels: ["bot.channel.id", "bot.channel.breaker"],
    worst: "max",
    series: 160,
    help: "1 for the state that the channel's circuit breaker has (closed, half_open or open), 0 for the others; absent where it announces none.",
  },
  connected: {
    name: "bot.connected",
    type: "gauge",
    unit: "",
    labels: ["bot.id", "bot.platform"],
    series: 60,
    help: "1 where the bot is connected to its platform, else 0.",
  },
  activeUsers: {
    name: "bot.active_users",
    type: "gauge",
    unit: "{user}",
    labels: ["window"],
    series: 3,
    help: "Distinct users: today by messages, as /api/stats counts them; in the last 5m and 1h whoever had a message, a request or a tool call.",
  },
  activeGroups: {
    name: "bot.active_groups",
    type: "gauge",
    unit: "{group}",
    labels: ["window"],
    series: 3,
    help: "Distinct groups, in the same windows as bot_active_users.",
  },
  inFlight: {
    name: "bot.operations.in_flight",
    type: "gauge",
    unit: "{operation}",
    labels: [],
    series: 1,
    help: "Messages, requests and tool calls under way.",
  },
} as const satisfies Record<string, Declaration>;
