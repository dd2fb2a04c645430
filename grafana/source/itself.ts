import { board, FROM, instance, job } from "./board.ts";
import { lines, stat, table, timeline } from "./panels.ts";

const one = (metric: string) => `${metric}{${FROM}}`;
const perMinute = (metric: string, by: string) => `60 * sum by (${by}) (rate(${metric}{${FROM}}[$__rate_interval]))`;
const in24h = (metric: string) => `sum(increase(${metric}{${FROM}}[1d]))`;

/** Whether the observer itself is well, and whether a number may be too low. */
export const itself = () =>
  board({
    uid: "botel-itself",
    title: "botel itself",
    description: "Whether the observer is well, and whether something was lost on the way.",
    variables: [job(), instance()],
    rows: [
      [
        "Health",
        [
          stat({
            title: "Up for",
            description: "Since the process started. Totals go on over a restart.",
            unit: "dtdurations",
            queries: [{ expr: `min(time() - ${one("process_start_time_seconds")})` }],
            line: false,
          }),
          stat({
            title: "The bot's thread was heard",
            description:
              "Time since its last beat; it beats once a second. More than a few seconds is a bot that hangs.",
            unit: "s",
            queries: [{ expr: `max(${one("botel_beat_age_seconds")})` }],
            steps: [[5, "red"]],
          }),
          stat({
            title: "Lost, last day",
            description: "Facts that a full queue dropped: numbers are that much too low.",
            unit: "short",
            queries: [{ expr: in24h("botel_facts_dropped_total") }],
            steps: [[1, "red"]],
          }),
          stat({
            title: "Refused, last day",
            description: "Facts that were not taken in: too old, too far ahead, or not valid.",
            unit: "short",
            queries: [{ expr: in24h("botel_facts_refused_total") }],
            steps: [[1, "orange"]],
          }),
          timeline({
            title: "Checks",
            description: "Of /api/system/health.",
            unit: "short",
            queries: [{ expr: `min by (check) (${one("botel_check_up")})`, legend: "{{check}}" }],
            states: { 0: ["error", "red"], 1: ["ok", "green"] },
            size: { width: 12, height: 6 },
          }),
          table({
            title: "Versions",
            description: "Which botel answers, on which Node.",
            unit: "short",
            queries: [{ expr: `max by (instance, version, nodejs) (${one("botel_build_info")})` }],
            columns: [{ name: "Up", unit: "bool_yes_no" }],
            rename: { instance: "Instance", version: "botel", nodejs: "Node" },
            size: { width: 12, height: 6 },
          }),
        ],
      ],
      [
        "Facts",
        [
          lines({
            title: "Facts stored",
            description: "A minute's worth, by kind.",
            unit: "cpm",
            queries: [{ expr: perMinute("botel_facts_taken_total", "kind"), legend: "{{kind}}" }],
          }),
          lines({
            title: "Facts refused",
            description: "A minute's worth, by the reason; excluded are those of users and groups that are not kept.",
            unit: "cpm",
            queries: [
              { expr: perMinute("botel_facts_refused_total", "reason"), legend: "{{reason}}" },
              { expr: perMinute("botel_facts_excluded_total", "job"), legend: "excluded" },
            ],
          }),
          lines({
            title: "Facts on their way",
            description:
              "Of the bot, waiting for the store; at the limit they are dropped. The spool: acknowledged, on their way to a cluster.",
            unit: "short",
            queries: [
              { expr: `sum(${one("botel_queue_facts")})`, legend: "waiting" },
              { expr: `sum(${one("botel_queue_limit")})`, legend: "limit" },
              { expr: `sum(${one("botel_spool_facts")})`, legend: "spool" },
            ],
          }),
          lines({
            title: "Late, twice, joined",
            description:
              "Facts of an earlier day, facts that came again, and facts that got their user from the turn's message or waited for one in vain.",
            unit: "cpm",
            queries: [
              { expr: perMinute("botel_facts_late_total", "job"), legend: "late" },
              { expr: perMinute("botel_facts_duplicates_total", "job"), legend: "twice" },
              { expr: perMinute("botel_facts_joined_total", "job"), legend: "joined" },
              { expr: perMinute("botel_facts_unjoined_total", "job"), legend: "without a message" },
              { expr: perMinute("botel_facts_late_ends_total", "job"), legend: "ended after they were given up" },
            ],
          }),
          lines({
            title: "OTLP requests",
            description: "A minute's worth, by the status of the answer. 503 is a store that cannot keep up.",
            unit: "cpm",
            queries: [{ expr: perMinute("botel_otlp_requests_total", "status"), legend: "{{status}}" }],
          }),
          lines({
            title: "Requests not let in",
            description:
              "A minute's worth, by the reason: no or a wrong token, no right to it, too often, from elsewhere.",
            unit: "cpm",
            queries: [{ expr: perMinute("botel_requests_refused_total", "reason"), legend: "{{reason}}" }],
          }),
          lines({
            title: "OTLP requests waiting",
            description: "Requests that are read or wait for the store.",
            unit: "short",
            queries: [{ expr: `sum(${one("botel_otlp_requests_waiting")})`, legend: "waiting" }],
          }),
          lines({
            title: "Bots' own metrics",
            description:
              "Series that came by OTLP and are shown on /metrics again, and those that cannot stand beside others.",
            unit: "short",
            queries: [
              { expr: `sum(${one("botel_otlp_metric_series")})`, legend: "shown" },
              { expr: `sum by (reason) (${one("botel_otlp_metric_series_hidden")})`, legend: "hidden: {{reason}}" },
            ],
          }),
          lines({
            title: "Points of bots' own metrics that were refused",
            description: "A minute's worth, by the reason.",
            unit: "cpm",
            queries: [{ expr: perMinute("botel_otlp_metric_points_refused_total", "reason"), legend: "{{reason}}" }],
          }),
          lines({
            title: "OTLP on its way",
            description: "Bytes of requests that are read or wait for the store.",
            unit: "bytes",
            queries: [{ expr: `sum(${one("botel_otlp_waiting_bytes")})`, legend: "bytes" }],
          }),
        ],
      ],
      [
        "Store",
        [
          lines({
            title: "Store latency",
            description: "A real write and read, and the last commit.",
            unit: "s",
            queries: [
              { expr: `max(${one("botel_store_latency_seconds")})`, legend: "write and read" },
              { expr: `max(${one("botel_store_commit_duration_seconds")})`, legend: "last commit" },
            ],
          }),
          lines({
            title: "Commits",
            description: "A minute's worth.",
            unit: "cpm",
            queries: [{ expr: perMinute("botel_store_commits_total", "job"), legend: "commits" }],
          }),
          lines({
            title: "Size on the disk",
            description: "Facts leave it when they are older than they are kept; totals stay.",
            unit: "bytes",
            queries: [{ expr: `sum(${one("botel_store_size_bytes")})`, legend: "store" }],
          }),
          lines({
            title: "What left the store",
            description: "For its age or for the store's size, by what it was.",
            unit: "cpm",
            queries: [{ expr: perMinute("botel_facts_shed_total", "what"), legend: "{{what}}" }],
          }),
        ],
      ],
      [
        "Process",
        [
          lines({
            title: "Resident memory",
            description: "Of the process, with the bot that it runs in.",
            unit: "bytes",
            queries: [{ expr: `sum by (instance) (${one("process_resident_memory_bytes")})`, legend: "{{instance}}" }],
          }),
          lines({
            title: "Event-loop delay",
            description: "Of the thread that answers, over 10 s each.",
            unit: "s",
            queries: [
              { expr: `max(${one("botel_event_loop_delay_mean_seconds")})`, legend: "mean" },
              { expr: `max(${one("botel_event_loop_delay_max_seconds")})`, legend: "longest" },
            ],
          }),
          lines({
            title: "Scrapes",
            description: "How long the last scrape took to make, by botel's own clock.",
            unit: "s",
            queries: [{ expr: `max(${one("botel_scrape_duration_seconds")})`, legend: "scrape" }],
          }),
          lines({
            title: "Live streams",
            description: "Open streams of live events.",
            unit: "short",
            queries: [{ expr: `sum(${one("botel_live_clients")})`, legend: "streams" }],
          }),
          lines({
            title: "Live events",
            description: "A minute's worth, and those that a slow client lost; it was told.",
            unit: "cpm",
            queries: [
              { expr: perMinute("botel_live_events_total", "job"), legend: "events" },
              { expr: perMinute("botel_live_lost_total", "job"), legend: "lost" },
              { expr: perMinute("botel_live_cut_total", "job"), legend: "cut" },
            ],
          }),
          lines({
            title: "Threads started again",
            description: "In the last hour. One that comes again and again has its reason in botel's own output.",
            unit: "short",
            queries: [
              { expr: `sum by (worker) (increase(botel_worker_restarts_total{${FROM}}[1h]))`, legend: "{{worker}}" },
            ],
          }),
          lines({
            title: "Forgotten",
            description: "Bots, channels and inventories that were too many to remember, in the last hour.",
            unit: "short",
            queries: [{ expr: `sum(increase(botel_registry_forgotten_total{${FROM}}[1h]))`, legend: "forgotten" }],
          }),
          lines({
            title: "Label values without a name",
            description: "Distinct values that are shown as `other`; totals hold them all the same.",
            unit: "short",
            queries: [{ expr: `max by (label) (${one("botel_label_other")})`, legend: "{{label}}" }],
          }),
          lines({
            title: "Series without a name",
            description: "Series that are shown as their metric's `other` series.",
            unit: "short",
            queries: [{ expr: `max by (metric) (${one("botel_series_other")})`, legend: "{{metric}}" }],
          }),
        ],
      ],
    ],
  });
