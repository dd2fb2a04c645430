import type { Declaration } from "./declaration.ts";

/** Series of a metric of botel's own: the values of its label are few, and of botel's own making. */
const OWN_SERIES = 25;

/** Of botel itself, since its start. */
export const OF_BOTEL = {
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
  excluded: counter("facts.excluded", "{fact}", "Facts that are not kept, because their user or group is excluded."),
  dropped: counter("facts.dropped", "{fact}", "Facts that the bot's full queue dropped, by what they were.", "what"),
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
    "Facts or bodies that left the store for its size, and spans that there was no room for, by what they were.",
    "what",
  ),
  spooled: gauge(
    "spool.facts",
    "{fact}",
    "Facts that are acknowledged and on their way to the cluster (store.clickhouse.spool).",
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
  liveCut: counter("live.cut", "{client}", "Clients that read nothing for a minute and were disconnected."),
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
  requestsRefused: counter(
    "requests.refused",
    "{request}",
    "Requests, and connections, that were not let in: without a valid token or the right, too often, from elsewhere.",
    "reason",
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

function gauge(name: string, unit: string, help: string, ...labels: string[]): Declaration {
  return { name: ownName(name), type: "gauge", unit, labels, series: labels.length > 0 ? OWN_SERIES : 1, help };
}

function counter(name: string, unit: string, help: string, ...labels: string[]): Declaration {
  return { ...gauge(name, unit, help, ...labels), type: "counter" };
}

function ownName(name: string): string {
  return name.startsWith("process.") ? name : `botel.${name}`;
}
