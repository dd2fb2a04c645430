import type { ReceiverCounts } from "../ingest/receiver.ts";
import type { FactKind, RefusalReason } from "../contract/fact.ts";
import type { HealthData } from "../contract/wire/system.ts";
import type { LiveCounts } from "../live/live.ts";
import type { SystemInside } from "../system/system.ts";
import type { MetricId } from "./declarations.ts";
import { FACT_METRICS, METRICS, prometheusName } from "./declarations.ts";
import { CLOSED } from "./places.ts";
import type { Points } from "./points.ts";
import type { Reexposed } from "./reexposed.ts";
import { UNKNOWN } from "./labels.ts";

/** What comes by OTLP, and what of bots' own metrics is shown again. */
export interface ByOtlp {
  counts: ReceiverCounts;
  reexposed: Omit<Reexposed, "text">;
  refused: Readonly<Record<string, number>>;
}

/** Distinct users and groups of the last minutes, the last hour and today. */
export interface Active {
  users: ActiveWindows;
  groups: ActiveWindows;
}

export type ActiveWindows = Record<"5m" | "1h" | "today", number>;

/** What is no fact: the bot's state, and botel's own health. */
export interface Inside {
  active?: Active;
  otlp?: ByOtlp;
  system: SystemInside;
  health: HealthData;
  /** Resident, bytes. */
  memoryUsed: number;
  /** null where botel only receives OTLP. */
  inFlight: number | null;
  live: LiveCounts;
  /** Requests that were not let in, by the reason. */
  requestsRefused?: Readonly<Record<string, number>>;
  /** ms that the scrape before this one took. */
  scrapeMs?: number;
}

export function addInside(
  points: Points,
  { active, system, health, memoryUsed, inFlight, live, requestsRefused = {}, scrapeMs, otlp }: Inside,
): void {
  const { version, startMs, bots, channels, loop, forgotten, storeLatencyMs } = system;
  for (const channel of channels) addChannel(points, channel);
  for (const bot of bots) points.add("connected", [bot.botId, bot.platform ?? UNKNOWN], bot.connected ? 1 : 0);
  if (active !== undefined) {
    addEach(points, "activeUsers", active.users);
    addEach(points, "activeGroups", active.groups);
  }
  if (inFlight !== null) points.add("inFlight", [], inFlight);
  points.add("buildInfo", [version, process.version], 1);
  for (const [check, { status }] of Object.entries(health.checks)) {
    if (status !== "disabled") points.add("checkUp", [check], status === "ok" ? 1 : 0);
  }
  addStore(points, system);
  if (otlp !== undefined) addOtlp(points, otlp);
  addBeat(points, system);
  if (storeLatencyMs !== undefined) points.add("storeLatency", [], storeLatencyMs / 1000);
  addEach(points, "requestsRefused", requestsRefused);
  points.add("liveClients", [], live.clients);
  points.add("liveEvents", [], live.events);
  points.add("liveLost", [], live.lost);
  points.add("liveCut", [], live.cut);
  points.add("loopMean", [], loop.mean / 1000);
  points.add("loopMax", [], loop.max / 1000);
  if (scrapeMs !== undefined) points.add("scrape", [], scrapeMs / 1000);
  points.add("forgotten", [], forgotten);
  points.add("residentMemory", [], memoryUsed);
  points.add("startTime", [], startMs / 1000);
}

const STATUSES = ["active", "error", "disabled"] as const;
const BREAKERS = ["closed", "half_open", "open"] as const;

function addChannel(points: Points, { id, status, breaker }: SystemInside["channels"][number]): void {
  points.add("channelUp", [id], status === "active" ? 1 : 0);
  for (const each of STATUSES) points.add("channelState", [id, each], each === status ? 1 : 0);
  if (breaker === undefined) return;
  for (const each of BREAKERS) points.add("channelBreaker", [id, each], each === breaker ? 1 : 0);
}

function addOtlp(points: Points, { counts, reexposed, refused }: ByOtlp): void {
  addEach(points, "otlpRequests", { ...zeros(["200"]), ...counts.requests });
  addEach(points, "refused", counts.refused);
  points.add("otlpWaiting", [], counts.waiting);
  points.add("otlpWaitingSize", [], counts.waitingBytes);
  points.add("sentSeries", [], reexposed.shown);
  addEach(points, "sentHidden", reexposed.hidden);
  addEach(points, "sentRefused", refused);
}

const KINDS: readonly FactKind[] = ["message", "request", "tool", "log"];
const REASONS: readonly RefusalReason[] = [
  "invalid_id",
  "invalid_time",
  "invalid_state",
  "too_far_ahead",
  "too_old",
  "sealed_day",
  "too_large",
  "not_stored",
];

/** A count that begins with its first case has no increase then: those that are known to come begin with 0. */
function zeros(keys: readonly string[]): Record<string, number> {
  return Object.fromEntries(keys.map((key) => [key, 0]));
}

function addStore(points: Points, { store }: SystemInside): void {
  addEach(points, "refused", zeros(REASONS));
  if (store === undefined) return;
  addEach(points, "taken", { ...zeros(KINDS), ...store.taken });
  addEach(points, "refused", store.refused);
  addEach(points, "shed", store.shed);
  points.add("duplicates", [], store.duplicates);
  points.add("excluded", [], store.excluded);
  points.add("late", [], store.late);
  points.add("joined", [], store.joined);
  points.add("unjoined", [], store.unjoined);
  points.add("spooled", [], store.spooled ?? 0);
  points.add("storeCommits", [], store.commits);
  points.add("storeCommit", [], store.lastCommitMs / 1000);
  points.add("storeSize", [], store.bytes);
}

/** What the bot's thread says of itself; a refusal there and one in the store are one number. */
function addBeat(points: Points, { beat, beatAgeMs }: SystemInside): void {
  if (beatAgeMs !== undefined) points.add("beatAge", [], beatAgeMs / 1000);
  if (beat === undefined) return;
  addEach(points, "refused", beat.refused);
  addEach(points, "restarts", beat.restarts);
  points.add("queued", [], beat.queued);
  points.add("queueLimit", [], beat.queueLimit);
  addEach(points, "dropped", beat.dropped);
  points.add("shed", ["queuedSpans"], beat.droppedSpans);
  points.add("unfinished", [], beat.unfinished);
  points.add("lateEnds", [], beat.lateEnds);
}

/** Labels whose values others choose. */
const BOUNDED = [...new Set(FACT_METRICS.flatMap((metric) => METRICS[metric].labels as readonly string[]))].filter(
  (label) => !CLOSED.has(label),
);

/** Last: how many values and series had no place of their own. */
export function addOthers(
  points: Points,
  values: ReadonlyMap<string, number>,
  series: ReadonlyMap<MetricId, number>,
): void {
  for (const label of new Set([...BOUNDED, ...values.keys()]))
    points.add("otherValues", [label], values.get(label) ?? 0);
  for (const metric of new Set<MetricId>([...FACT_METRICS, ...series.keys()])) {
    points.add("otherSeries", [prometheusName(METRICS[metric])], series.get(metric) ?? 0);
  }
}

function addEach(points: Points, metric: MetricId, counts: Readonly<Record<string, number>>): void {
  for (const [value, count] of Object.entries(counts)) points.add(metric, [value], count);
}
