/** Something that a person has to look at. */
export interface Alert {
  name: string;
  severity: "critical" | "warning";
  /** What has to hold … */
  expr: string;
  /** … for this long. */
  for: string;
  /** Queries inside `expr` that have data whether or not it fires. */
  watches: readonly string[];
  /** Names the thing; labels of the result in `{{ $labels.… }}`. */
  summary: string;
  /** What it means. */
  means: string;
  /** What to do. */
  runbook: string;
}

const CALLS = "instance_tool:bot_tool_calls:increase30m";
const FAILED_CALLS = "instance_tool:bot_tool_calls_failed:increase30m";
const REQUESTS = "instance_channel:bot_requests:increase15m";
const FAILED = "instance_channel:bot_requests_failed:increase15m";
const LIMITED = "instance_channel:bot_requests_rate_limited:increase15m";
const EXPECTED = "instance:bot_responses_expected:increase30m";
const RESPONSES = "instance:bot_responses:increase30m";
const LATENCY = "instance_model:bot_latency_seconds:p95_15m";
const SUCCEEDED = "instance_model:bot_requests_succeeded:increase15m";
const BREAKER = 'max by (job, instance, bot_channel_id) (bot_channel_breaker{bot_channel_breaker=~"open|half_open"})';
const IN_ERROR = 'max by (job, instance, bot_channel_id) (bot_channel_state{bot_channel_status="error"})';
const REFUSED = "sum by (job, instance, reason) (increase(botel_facts_refused_total[15m]))";
const DROPPED = "sum by (job, instance) (increase(botel_facts_dropped_total[15m]))";
const LATENCY_OF_STORE = "avg_over_time(botel_store_latency_seconds[5m])";
const RESTARTS = "sum by (job, instance, worker) (increase(botel_worker_restarts_total[1h]))";
const KNOWN = "group by (job, instance) (last_over_time(botel_build_info[1h]))";

/** Of the bot: whether it is there, answers, and can answer. */
const OF_BOT: readonly Alert[] = [
  {
    name: "BotDisconnected",
    severity: "critical",
    expr: "max by (job, instance, bot_platform, bot_id) (bot_connected) == 0",
    for: "2m",
    watches: ["max by (job, instance, bot_platform, bot_id) (bot_connected)"],
    summary: "Bot {{ $labels.bot_id }} is not connected to {{ $labels.bot_platform }}.",
    means: "The bot said that it lost its platform, or has said nothing for 90 s.",
    runbook:
      "Is the process up, and the OneBot implementation that it talks to? `/api/logs?level=warn` has the reason of the lost connection. A bot that was taken out of service leaves the list with botel's catalog (`data/catalog.json`).",
  },
  {
    name: "BotSilent",
    severity: "critical",
    expr: `(${EXPECTED} >= 5) and (${RESPONSES} < 0.1 * ${EXPECTED})`,
    for: "5m",
    watches: [EXPECTED, RESPONSES],
    summary: "The bot at {{ $labels.instance }} gets messages and hardly answers any.",
    means:
      "Messages come, and responses are under a tenth of what the same messages had over the last day. It never fires where fewer than 5 responses were to be expected in half an hour.",
    runbook:
      "Look at *Errors* first: with failing requests it is the provider (see BotModelUnreachable). Without, the bot does not see that it is meant: a changed prefix or name, a permission lost in the groups, a hanging turn (*Under way* grows).",
  },
  {
    name: "BotHangs",
    severity: "critical",
    expr: "max by (job, instance) (botel_beat_age_seconds) > 10",
    for: "1m",
    watches: ["max by (job, instance) (botel_beat_age_seconds)"],
    summary: "The bot's thread at {{ $labels.instance }} does not turn.",
    means: "It beats once a second and was not heard for 10 s: an endless loop, or a long synchronous call.",
    runbook:
      "Take a CPU profile or a core of the process if you can, then restart it: a thread that hangs does not see SIGTERM. Nothing that was stored is lost.",
  },
  {
    name: "BotChannelBreakerOpen",
    severity: "warning",
    expr: `${BREAKER} == 1`,
    for: "2m",
    watches: [BREAKER],
    summary: "The circuit breaker of channel {{ $labels.bot_channel_id }} is open.",
    means:
      "The channel failed again and again; the bot leaves it alone, and tries it now and then. Other channels answer.",
    runbook:
      "`/api/logs/errors` has why: 401 is a key, 404 a model's name, 429 a quota (see BotRateLimited), 5xx and timeouts are the provider's. It closes by itself with the first success.",
  },
  {
    name: "BotChannelDown",
    severity: "warning",
    expr: `${IN_ERROR} == 1 unless on (job, instance, bot_channel_id) bot_channel_breaker`,
    for: "5m",
    watches: [IN_ERROR],
    summary: "Channel {{ $labels.bot_channel_id }} is in error.",
    means: "A channel without a breaker: it announced an error, or its five newest requests all failed.",
    runbook: "As for BotChannelBreakerOpen. It ends with the next request that succeeds.",
  },
  {
    name: "BotModelUnreachable",
    severity: "critical",
    expr: "instance_model:bot_channel_up:max == 0",
    for: "2m",
    watches: ["instance_model:bot_channel_up:max"],
    summary: "Every channel of model {{ $labels.gen_ai_request_model }} is down.",
    means: "All channels that had the model's requests in the last day are in error or disabled.",
    runbook:
      "Look at the provider's status page and at your quota. Give the model a channel at another provider, or enable one that is disabled.",
  },
  {
    name: "BotErrorRatioHigh",
    severity: "warning",
    expr: `${FAILED} / (${REQUESTS} >= 10) > 0.2`,
    for: "10m",
    watches: [FAILED, REQUESTS],
    summary: "More than a fifth of the requests of channel {{ $labels.bot_channel_id }} fail.",
    means: "Over 15 minutes, each attempt counted by itself; not with fewer than 10 requests.",
    runbook: "*Errors* has them by type, `/api/logs/errors` one by one, each with its turn.",
  },
  {
    name: "BotRateLimited",
    severity: "warning",
    expr: `(${LIMITED} >= 5) and (${LIMITED} / ${REQUESTS} > 0.1)`,
    for: "5m",
    watches: [LIMITED, REQUESTS],
    summary: "The provider of channel {{ $labels.bot_channel_id }} refuses requests: there are too many.",
    means: "At least 5 requests in 15 minutes, and more than a tenth of all.",
    runbook: "Raise the quota, give the model a second channel, or let the bot answer less often.",
  },
  {
    name: "BotLatencyHigh",
    severity: "warning",
    expr: `(${LATENCY} > 30) and on (job, instance, gen_ai_request_model) (${SUCCEEDED} >= 10)`,
    for: "10m",
    watches: [LATENCY, SUCCEEDED],
    summary: "Model {{ $labels.gen_ai_request_model }} is slow.",
    means: "One in twenty requests that succeeded took more than 30 s; not with fewer than 10 in 15 minutes.",
    runbook:
      "*Time to the first chunk* tells a slow provider from long answers. Longer prompts show in *Tokens of a request*.",
  },
  {
    name: "BotToolFailing",
    severity: "warning",
    expr: `${FAILED_CALLS} / (${CALLS} >= 5) > 0.5`,
    for: "5m",
    watches: [FAILED_CALLS, CALLS],
    summary: "More than half of the calls of tool {{ $labels.gen_ai_tool_name }} fail.",
    means: "Over half an hour; not with fewer than 5 calls.",
    runbook: "`/api/logs/tools?toolName=…&status=error` has the calls with their redacted arguments and results.",
  },
  {
    name: "BotTokenBudgetSpent",
    severity: "warning",
    expr: "instance:bot_tokens:increase1d > on () group_left () botel:token_budget:1d",
    for: "5m",
    watches: ["instance:bot_tokens:increase1d", "botel:token_budget:1d"],
    summary: "The bot at {{ $labels.instance }} took more tokens in a day than the budget.",
    means: "Over the last 24 hours. The budget is the recording rule `botel:token_budget:1d`.",
    runbook:
      "*Tokens by model, hour by hour* shows when and which model; `/api/stats/users?sort=tokens&period=day` shows who. Change the budget in your copy of the rules.",
  },
];

/** Of botel: whether a number may be wrong. */
const OF_BOTEL: readonly Alert[] = [
  {
    name: "BotelDown",
    severity: "critical",
    expr: `${KNOWN} unless on (job, instance) botel_build_info`,
    for: "2m",
    watches: [KNOWN],
    summary: "botel at {{ $labels.instance }} cannot be scraped.",
    means:
      "It was scraped within the last hour and is not any more: the process is gone, or Prometheus cannot reach it.",
    runbook: "`GET /livez` and `/readyz` at its address. Where botel lives in the bot's process, the bot is gone too.",
  },
  {
    name: "BotelAbsent",
    severity: "warning",
    expr: "absent(last_over_time(botel_build_info[1h]))",
    for: "5m",
    watches: ["last_over_time(botel_build_info[1h])"],
    summary: "No botel was scraped for an hour.",
    means: "Prometheus has no target that is a botel, or lost all of them long ago.",
    runbook: "Is there a scrape job for it (`config/prometheus.yml`), and is its target right (*Status → Targets*)?",
  },
  {
    name: "BotelStoreFailing",
    severity: "critical",
    expr: 'min by (job, instance) (botel_check_up{check="database"}) == 0',
    for: "1m",
    watches: ['min by (job, instance) (botel_check_up{check="database"})'],
    summary: "The store of botel at {{ $labels.instance }} cannot be written.",
    means: "A real write and read failed. Facts wait, in the bot's process up to its queue's limit.",
    runbook: "Is the disk full, or the data folder read-only? botel goes on by itself when there is room again.",
  },
  {
    name: "BotelStoreSlow",
    severity: "warning",
    expr: `${LATENCY_OF_STORE} > 0.25`,
    for: "10m",
    watches: [LATENCY_OF_STORE],
    summary: "The store of botel at {{ $labels.instance }} is slow.",
    means: "A write and a read take more than a quarter of a second.",
    runbook: "The disk is busy or slow: move `dataDir` to a local SSD, or find what else writes there.",
  },
  {
    name: "BotelFactsDropped",
    severity: "critical",
    expr: `${DROPPED} > 0`,
    for: "0m",
    watches: [DROPPED],
    summary: "botel at {{ $labels.instance }} lost facts: its numbers are too low.",
    means: "The queue between the bot and the store was full.",
    runbook: "The store could not keep up (see BotelStoreSlow), or was away: botel's output has the reason.",
  },
  {
    name: "BotelFactsRefused",
    severity: "warning",
    expr: `${REFUSED} > 10`,
    for: "5m",
    watches: [REFUSED],
    summary: "botel at {{ $labels.instance }} refuses facts: {{ $labels.reason }}.",
    means: "More than 10 in 15 minutes were not taken in, and are in no number.",
    runbook:
      "`too_far_ahead` and `too_old` are a sender's clock, `invalid_*` and `too_large` its instrumentation; a sender over OTLP is told in `partial_success`.",
  },
  {
    name: "BotelRestarts",
    severity: "warning",
    expr: `${RESTARTS} > 2`,
    for: "0m",
    watches: [RESTARTS],
    summary: "The {{ $labels.worker }} thread of botel at {{ $labels.instance }} ends again and again.",
    means: "It was started again more than twice within an hour.",
    runbook: "botel's output has the reason of each end. The bot goes on all the same.",
  },
];

export const ALERTS: readonly Alert[] = [...OF_BOT, ...OF_BOTEL];
