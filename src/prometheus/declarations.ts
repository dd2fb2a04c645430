/** One metric: what OpenTelemetry calls it, and what follows from that for Prometheus. */
export interface Declaration {
  /** OpenTelemetry's name; see {@link prometheusName} for the other. */
  name: string;
  type: "counter" | "gauge" | "histogram";
  /** UCUM: `s`, `By`, or a word in braces for a count. */
  unit: string;
  /** Attribute names; Prometheus has `_` for each `.`. */
  labels: readonly string[];
  /** Series at the most, the `other` ones among them. */
  series: number;
  help: string;
}

/** Series of a metric of botel's own: the values of its label are few, and of botel's own making. */
const OWN_SERIES = 30;

const REQUEST = ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "bot.channel.id"] as const;
const CALL = ["gen_ai.provider.name", "gen_ai.request.model", "bot.channel.id"] as const;

/** Of the facts that are stored: they go on across a restart (contract §8). */
const OF_FACTS = {
  operationDuration: {
    name: "gen_ai.client.operation.duration",
    type: "histogram",
    unit: "s",
    labels: [...REQUEST, "error.type"],
    series: 100,
    help: "Duration of requests to models, each attempt by itself; failed ones have an error_type.",
  },
  tokenUsage: {
    name: "gen_ai.client.token.usage",
    type: "histogram",
    unit: "{token}",
    labels: [...REQUEST, "gen_ai.token.type"],
    series: 120,
    help: "Input and output tokens of a request, of those whose provider reported usage.",
  },
  firstChunk: {
    name: "gen_ai.client.operation.time_to_first_chunk",
    type: "histogram",
    unit: "s",
    labels: REQUEST,
    series: 40,
    help: "Time from a streamed request to the first chunk of its answer.",
  },
  toolDuration: {
    name: "bot.tool.duration",
    type: "histogram",
    unit: "s",
    labels: ["gen_ai.tool.name", "error.type"],
    series: 40,
    help: "Duration of tool calls; failed ones have an error_type.",
  },
  messages: {
    name: "bot.messages",
    type: "counter",
    unit: "{message}",
    labels: ["bot.platform"],
    series: 60,
    help: "Inbound chat messages that the bot saw, answered or not.",
  },
  responses: {
    name: "bot.responses",
    type: "counter",
    unit: "{response}",
    labels: ["bot.platform"],
    series: 60,
    help: "Replies that the bot sent and whose text a model wrote.",
  },
  requests: {
    name: "bot.requests",
    type: "counter",
    unit: "{request}",
    labels: [...REQUEST, "error.type"],
    series: 700,
    help: "Requests to models, each attempt by itself; failed ones have an error_type.",
  },
  tokens: {
    name: "bot.tokens",
    type: "counter",
    unit: "{token}",
    labels: [...CALL, "gen_ai.token.type"],
    series: 600,
    help: "Tokens, input and output: with what was read from a cache and with reasoning, which are parts of them.",
  },
  tokenParts: {
    name: "bot.token.parts",
    type: "counter",
    unit: "{token}",
    labels: [...CALL, "bot.token.part"],
    series: 600,
    help: "Tokens that are a part of the input (cache_read, cache_creation) or of the output (reasoning) of bot_tokens_total; never to be added to it.",
  },
  usageMissing: {
    name: "bot.requests.without_usage",
    type: "counter",
    unit: "{request}",
    labels: CALL,
    series: 200,
    help: "Requests whose provider reported no token usage: they count 0 tokens.",
  },
  toolCalls: {
    name: "bot.tool.calls",
    type: "counter",
    unit: "{call}",
    labels: ["gen_ai.tool.name", "error.type"],
    series: 200,
    help: "Executions of tools; failed ones have an error_type.",
  },
  errors: {
    name: "bot.errors",
    type: "counter",
    unit: "{error}",
    labels: ["bot.error.source"],
    series: 4,
    help: "Items of /api/logs/errors, by what made them: a request, a tool call or a log record.",
  },
} as const satisfies Record<string, Declaration>;

/** Of the bot, now. */
const OF_BOT = {
  channelUp: {
    name: "bot.channel.up",
    type: "gauge",
    unit: "",
    labels: ["bot.channel.id"],
    series: 100,
    help: "1 where the channel is neither in error nor disabled, else 0.",
  },
  connected: {
    name: "bot.connected",
    type: "gauge",
    unit: "",
    labels: ["bot.id", "bot.platform"],
    series: 100,
    help: "1 where the bot is connected to its platform, else 0.",
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

/** Of botel itself, since its start. */
const OF_BOTEL = {
  buildInfo: gauge(
    "build_info",
    "",
    "Always 1; the labels say which botel answers, on which Node.",
    "version",
    "nodejs",
  ),
  checkUp: gauge("check.up", "", "Checks of /api/system/health: 1 ok, 0 error, absent where disabled.", "check"),
  taken: counter("facts.taken", "{fact}", "Facts that were stored, by kind.", "kind"),
  duplicates: counter("facts.duplicates", "{fact}", "Facts that came again and changed nothing."),
  late: counter("facts.late", "{fact}", "Facts that came on a later day than their own."),
  refused: counter("facts.refused", "{fact}", "Facts that were refused, by reason.", "reason"),
  dropped: counter("facts.dropped", "{fact}", "Facts that the bot's full queue dropped."),
  unfinished: counter("facts.unfinished", "{fact}", "Requests and tool calls that were declared unfinished."),
  lateEnds: counter(
    "facts.late_ends",
    "{fact}",
    "Real ends of requests and tool calls that had been declared unfinished.",
  ),
  joined: counter("facts.joined", "{fact}", "Facts that got user and group from the message of their trace."),
  unjoined: counter("facts.unjoined", "{fact}", "Facts that no message of their trace came for in time."),
  shed: counter(
    "facts.shed",
    "{fact}",
    "Facts or bodies that left the store for their age or its size, by what they were.",
    "what",
  ),
  queued: gauge("queue.facts", "{fact}", "Facts of the bot that wait for the store's acknowledgement."),
  queueLimit: gauge("queue.limit", "{fact}", "Facts that may wait at the most; past it they are dropped."),
  beatAge: gauge("beat.age", "s", "Time since the bot's own thread was last heard."),
  storeLatency: gauge("store.latency", "s", "A real write and read of the store, measured every 5 s at the most."),
  storeCommits: counter("store.commits", "{commit}", "Commits of the store."),
  storeCommit: gauge("store.commit.duration", "s", "How long the last commit of the store took."),
  storeSize: gauge("store.size", "By", "Bytes that the store takes on the disk."),
  restarts: counter("worker.restarts", "{restart}", "Threads of botel that ended and were started again.", "worker"),
  liveClients: gauge("live.clients", "{client}", "Open streams of live events."),
  liveEvents: counter("live.events", "{event}", "Live events."),
  liveLost: counter("live.lost", "{event}", "Live events that a client was too slow for; it was told of the gap."),
  loopMean: gauge("event_loop.delay.mean", "s", "Mean delay of the answering thread's event loop over 10 s."),
  loopMax: gauge("event_loop.delay.max", "s", "Longest delay of the answering thread's event loop in 10 s."),
  scrape: gauge("scrape.duration", "s", "How long the scrape before this one took to make."),
  otherValues: gauge("label.other", "{value}", "Distinct values of the label that are shown as `other`.", "label"),
  otherSeries: gauge(
    "series.other",
    "{series}",
    "Series of the metric that are shown as its `other` series.",
    "metric",
  ),
  otlpRequests: counter("otlp.requests", "{request}", "OTLP requests, by the status of the answer.", "status"),
  otlpWaiting: gauge("otlp.requests.waiting", "{request}", "OTLP requests that are read or wait for the store."),
  otlpWaitingSize: gauge("otlp.waiting", "By", "Bytes of the OTLP requests that are read or wait for the store."),
  sentSeries: gauge("otlp.metric.series", "{series}", "Series of bots' own metrics that are shown here again."),
  sentHidden: gauge(
    "otlp.metric.series.hidden",
    "{series}",
    "Series of bots' own metrics that cannot be shown beside the others, by the reason.",
    "reason",
  ),
  sentRefused: counter(
    "otlp.metric.points.refused",
    "{point}",
    "Points of bots' own metrics that are not shown, by the reason.",
    "reason",
  ),
  forgotten: counter("registry.forgotten", "{entry}", "Bots, channels and inventories that were too many to remember."),
  residentMemory: gauge(
    "process.resident_memory",
    "By",
    "Resident memory of the process, with the bot that it runs in.",
  ),
  startTime: gauge("process.start_time", "s", "Start of the process, in seconds since 1970."),
} as const satisfies Record<string, Declaration>;

/** Every metric that botel has. Docs, bounds and both renderings are made from it. */
export const METRICS = { ...OF_FACTS, ...OF_BOT, ...OF_BOTEL };

export type MetricId = keyof typeof METRICS;

/** Those whose totals are of stored facts. */
export const FACT_METRICS: ReadonlySet<string> = new Set(Object.keys(OF_FACTS));

/** Series of all histograms together, and of all else: more hold up the thread that answers (10,000 take 6 s). */
export const HISTOGRAM_SERIES = 300;
export const OTHER_SERIES = 3000;

const UNIT_SUFFIX: Record<string, string> = { s: "_seconds", By: "_bytes" };

/** exporter-prometheus adds neither a unit nor, to a name of ours, anything else: `a.b` in seconds is `a_b_seconds`. */
export function prometheusName({ name, type, unit }: Declaration): string {
  return `${name.replaceAll(".", "_")}${UNIT_SUFFIX[unit] ?? ""}${type === "counter" ? "_total" : ""}`;
}

function gauge(name: string, unit: string, help: string, ...labels: string[]): Declaration {
  return { name: ownName(name), type: "gauge", unit, labels, series: labels.length > 0 ? OWN_SERIES : 1, help };
}

function counter(name: string, unit: string, help: string, ...labels: string[]): Declaration {
  return { ...gauge(name, unit, help, ...labels), type: "counter" };
}

function ownName(name: string): string {
  return name.startsWith("process.") ? name : `botel.${name}`;
}
