/** One situation of an alert, as `promtool test rules` has it. */
export interface Case {
  alert: string;
  /** Minutes between two values, and between two evaluations; default 1. */
  every?: number;
  /** Series, each with its values in promtool's notation. */
  series: Record<string, string>;
  /** Minutes at which it fires, with the labels that the thing is named by. */
  fires: { at: number; labels: Record<string, string> }[];
  /** Minutes at which it does not, before, without cause, or again. */
  silent: number[];
}

const FROM = 'job="botel", instance="a:3000"';
const OF = { job: "botel", instance: "a:3000" };
const requests = (more: string) => `bot_requests_total{${FROM}, gen_ai_request_model="m", bot_channel_id="c"${more}}`;
const bucket = (le: string) =>
  `gen_ai_client_operation_duration_seconds_bucket{${FROM}, gen_ai_request_model="m", le="${le}"}`;
const up = (channel: string) => `bot_channel_up{${FROM}, bot_channel_id="${channel}"}`;
const call = (more = "") => `bot_tool_calls_total{${FROM}, gen_ai_tool_name="t"${more}}`;

/** Of each alert at least one that fires and resolves, and one that only seems to be one. */
export const CASES: Case[] = [
  {
    alert: "BotDisconnected",
    series: { [`bot_connected{${FROM}, bot_id="1", bot_platform="onebot"}`]: "1x4 0x9 1x10" },
    fires: [{ at: 8, labels: { ...OF, bot_id: "1", bot_platform: "onebot" } }],
    silent: [4, 6, 16],
  },
  {
    alert: "BotDisconnected",
    series: { [`bot_connected{${FROM}, bot_id="1", bot_platform="onebot"}`]: "1 1 0 1 1 0 1 1 0 1 1" },
    fires: [],
    silent: [3, 6, 9, 10],
  },
  {
    // Two messages a minute, one answered, for a day; then none is answered for two hours.
    alert: "BotSilent",
    every: 5,
    series: {
      [`bot_messages_total{${FROM}, bot_platform="onebot"}`]: "0+10x360",
      [`bot_responses_total{${FROM}, bot_platform="onebot"}`]: "0+5x288 1440x23 1440+5x48",
    },
    fires: [{ at: 1500, labels: OF }],
    silent: [1400, 1450, 1620],
  },
  {
    // At night a message comes now and then, and none is answered: fewer than 5 responses were to be expected.
    alert: "BotSilent",
    every: 5,
    series: {
      [`bot_messages_total{${FROM}, bot_platform="onebot"}`]: "0+1x288 288+0.5x24",
      [`bot_responses_total{${FROM}, bot_platform="onebot"}`]: "0+0.5x288 144x24",
    },
    fires: [],
    silent: [1450, 1480, 1500],
  },
  {
    alert: "BotHangs",
    series: { [`botel_beat_age_seconds{${FROM}}`]: "1x4 5 20 80 140 1x9" },
    fires: [{ at: 7, labels: OF }],
    silent: [4, 6, 9],
  },
  {
    alert: "BotChannelBreakerOpen",
    series: {
      [`bot_channel_breaker{${FROM}, bot_channel_id="c", bot_channel_breaker="open"}`]: "0x3 1 0 1 0 1x5 0x9",
      [`bot_channel_breaker{${FROM}, bot_channel_id="c", bot_channel_breaker="half_open"}`]: "0x3 0 1 0 1 0x5 0x9",
    },
    fires: [{ at: 7, labels: { ...OF, bot_channel_id: "c" } }],
    silent: [3, 5, 14],
  },
  {
    alert: "BotChannelBreakerOpen",
    series: { [`bot_channel_breaker{${FROM}, bot_channel_id="c", bot_channel_breaker="open"}`]: "0 0 1 0 0 1 0" },
    fires: [],
    silent: [2, 3, 5, 6],
  },
  {
    alert: "BotChannelDown",
    series: { [`bot_channel_state{${FROM}, bot_channel_id="c", bot_channel_status="error"}`]: "0x3 1x9 0x9" },
    fires: [{ at: 10, labels: { ...OF, bot_channel_id: "c" } }],
    silent: [3, 6, 14],
  },
  {
    // One with a breaker is told by that.
    alert: "BotChannelDown",
    series: {
      [`bot_channel_state{${FROM}, bot_channel_id="c", bot_channel_status="error"}`]: "1x15",
      [`bot_channel_breaker{${FROM}, bot_channel_id="c", bot_channel_breaker="open"}`]: "1x15",
    },
    fires: [],
    silent: [6, 10, 15],
  },
  {
    alert: "BotModelUnreachable",
    series: {
      [requests("")]: "0+1x40",
      [`bot_requests_total{${FROM}, gen_ai_request_model="m", bot_channel_id="d"}`]: "0+1x40",
      [up("c")]: "1x9 0x19 1x10",
      [up("d")]: "1x19 0x9 1x10",
    },
    fires: [{ at: 25, labels: { ...OF, gen_ai_request_model: "m" } }],
    silent: [15, 21, 36],
  },
  {
    alert: "BotErrorRatioHigh",
    series: { [requests("")]: "0+3x90", [requests(', error_type="500"')]: "0x9 0+3x29 87x60" },
    fires: [{ at: 35, labels: { ...OF, bot_channel_id: "c" } }],
    silent: [9, 15, 80],
  },
  {
    // Half of them fail, and there are four.
    alert: "BotErrorRatioHigh",
    series: { [requests("")]: "0x5 0+0.13x40", [requests(', error_type="500"')]: "0x5 0+0.13x40" },
    fires: [],
    silent: [20, 30, 45],
  },
  {
    alert: "BotRateLimited",
    series: { [requests("")]: "0+3x90", [requests(', error_type="429"')]: "0x9 0+1x29 29x60" },
    fires: [{ at: 35, labels: { ...OF, bot_channel_id: "c" } }],
    silent: [9, 12, 80],
  },
  {
    // Ten of them, and of a thousand.
    alert: "BotRateLimited",
    series: { [requests("")]: "0+60x60", [requests(', error_type="429"')]: "0+1x60" },
    fires: [],
    silent: [20, 40, 60],
  },
  {
    alert: "BotLatencyHigh",
    series: {
      [requests("")]: "0+2x90",
      [bucket("20.48")]: "0+2x9 18x30 18+2x50",
      [bucket("40.96")]: "0+2x9 18x30 18+2x50",
      [bucket("81.92")]: "0+2x90",
      [bucket("+Inf")]: "0+2x90",
    },
    fires: [{ at: 35, labels: { ...OF, gen_ai_request_model: "m" } }],
    silent: [9, 15, 80],
  },
  {
    // As slow, and hardly asked.
    alert: "BotLatencyHigh",
    series: {
      [requests("")]: "0+0.2x60",
      [bucket("40.96")]: "0x60",
      [bucket("81.92")]: "0+0.2x60",
      [bucket("+Inf")]: "0+0.2x60",
    },
    fires: [],
    silent: [20, 40, 60],
  },
  {
    alert: "BotToolFailing",
    series: { [call()]: "0+1x9 9x20 9+1x60", [call(', error_type="x"')]: "0x9 0+1x20 20x60" },
    fires: [{ at: 29, labels: { ...OF, gen_ai_tool_name: "t" } }],
    silent: [9, 12, 80],
  },
  {
    // Each of its three calls fails.
    alert: "BotToolFailing",
    series: { [call(', error_type="x"')]: "0 1 1 2 2 3x30" },
    fires: [],
    silent: [5, 10, 30],
  },
  {
    alert: "BotTokenBudgetSpent",
    every: 5,
    series: { [`bot_tokens_total{${FROM}, gen_ai_token_type="input"}`]: "0+250000x60 15000000x400" },
    fires: [{ at: 240, labels: OF }],
    silent: [150, 1900],
  },
  {
    alert: "BotelDown",
    series: { [`botel_build_info{${FROM}, version="1", nodejs="v26"}`]: "1x9 _x14 1x10" },
    fires: [{ at: 18, labels: OF }],
    silent: [9, 30],
  },
  {
    alert: "BotelAbsent",
    series: { [`botel_build_info{${FROM}, version="1", nodejs="v26"}`]: "_x79 1x20" },
    fires: [{ at: 70, labels: {} }],
    silent: [2, 90],
  },
  {
    alert: "BotelStoreFailing",
    series: {
      [`botel_check_up{${FROM}, check="database"}`]: "1x4 0x5 1x9",
      [`botel_check_up{${FROM}, check="bot"}`]: "0x20",
    },
    fires: [{ at: 8, labels: OF }],
    silent: [4, 5, 13],
  },
  {
    alert: "BotelStoreSlow",
    series: { [`botel_store_latency_seconds{${FROM}}`]: "0.01x9 0.9x29 0.01x20" },
    fires: [{ at: 30, labels: OF }],
    silent: [9, 15, 50],
  },
  {
    // One that is slow now and then.
    alert: "BotelStoreSlow",
    series: { [`botel_store_latency_seconds{${FROM}}`]: "0.01x9 0.9 0.01x9 0.9 0.01x20" },
    fires: [],
    silent: [10, 20, 30],
  },
  {
    alert: "BotelFactsDropped",
    series: { [`botel_facts_dropped_total{${FROM}}`]: "0x9 7x40" },
    fires: [{ at: 12, labels: OF }],
    silent: [9, 40],
  },
  {
    alert: "BotelFactsRefused",
    series: { [`botel_facts_refused_total{${FROM}, reason="too_old"}`]: "0x9 0+2x19 38x60" },
    fires: [{ at: 25, labels: { ...OF, reason: "too_old" } }],
    silent: [9, 12, 60],
  },
  {
    alert: "BotelFactsRefused",
    series: { [`botel_facts_refused_total{${FROM}, reason="too_old"}`]: "0x9 5x60" },
    fires: [],
    silent: [15, 20, 60],
  },
  {
    alert: "BotelRestarts",
    series: { [`botel_worker_restarts_total{${FROM}, worker="store"}`]: "0x4 1 1 2 2 3 3 4x90" },
    fires: [{ at: 12, labels: { ...OF, worker: "store" } }],
    silent: [5, 90],
  },
];
