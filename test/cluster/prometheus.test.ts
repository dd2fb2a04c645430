import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RECORDINGS } from "../../grafana/source/recording.ts";
import type { StatsData } from "../../src/contract/wire/stats.ts";
import { scrape, type Prometheus, type Sample } from "../grafana/prometheus.ts";
import { allBoards, filledIn, promQueries } from "../grafana/queries.ts";
import { announcements, turn } from "../grafana/script.ts";
import { requestsOf } from "../ingest/requests.ts";
import { freePort } from "../started/port.ts";
import { data } from "../started/ask.ts";
import { cleanUp, startServe, temporary, type Started } from "../started/started.ts";
import { until } from "../started/until.ts";
import { startBalancer, type Balancer } from "./balancer.ts";
import { startCluster, type Cluster } from "./clickhouse.ts";
import { deliver, shared, type Shared } from "./instances.ts";

// Prometheus with config/prometheus-cluster.yml scrapes three instances behind a balancer, over the death of one of them.

/** Longer than an instance may be behind another. */
const EVERY_S = 3;
const TURNS = 24;

let cluster: Cluster;
let settings: Shared;
let ports: number[];
let instances: Started[];
let balancer: Balancer;
let prometheus: Prometheus;
let done = 0;

const start = (port: number): Promise<Started> =>
  startServe({ dataDir: temporary(), zone: "UTC", config: settings.config, env: { BOTEL_PORT: String(port) } });

/** The bot does some turns, and tells the balancer of them. */
async function talk(turns: number): Promise<void> {
  for (let n = 0; n < turns; n += 1) {
    done += 1;
    const at = Date.now();
    const items = [...(done % 5 === 1 ? announcements(at) : []), ...turn(done, at)];
    for (const one of requestsOf(items, true)) await deliver(balancer.url, one);
    await sleep(200); // the rhythm of the script, nothing is waited for
  }
}

const hostOf = (url: string): string => new URL(url).host;
const number = ([sample]: Sample[]): number => Number(sample?.values[0]?.[1]);

beforeAll(async () => {
  cluster = await startCluster(2);
  settings = shared(cluster);
  ports = await Promise.all([freePort(), freePort(), freePort()]);
  instances = await Promise.all(ports.map(start));
  balancer = await startBalancer(() => instances.map(({ url }) => url));
  const each = instances.map(({ url }) => hostOf(url));
  const targets = { botel: [hostOf(balancer.url)], "botel-instances": each, every: each };
  prometheus = await scrape({ file: "prometheus-cluster.yml", targets, everyS: EVERY_S });
  await talk(TURNS / 3);
  await until(
    () => prometheus.instant('bot_messages_total{job="botel"}'),
    (samples) => (samples.length > 0 ? undefined : "nothing is scraped yet"),
    30_000,
  );
  await talk(TURNS / 3);
  await instances[0]!.kill();
  await talk(TURNS / 3);
  instances[0] = await start(ports[0]!);
  await until(
    () => prometheus.instant('sum(bot_messages_total{job="botel"})'),
    (samples) => (number(samples) === TURNS ? undefined : `${number(samples)} of ${TURNS} messages are scraped`),
    60_000,
  );
}, 180_000);
afterAll(async () => {
  await prometheus?.stop();
  await balancer?.stop();
  await cleanUp();
  await cluster?.stop();
});

// issue 9: "the bot's numbers on every instance are the cluster's totals (one scrape of the balancer is exact, and several
// targets are taken with `max without(instance)`: redelivery to another instance or a dead pod cannot falsify them)"
test("one scrape of the balancer is exact, and goes back for no counter, whichever instance answers", async () => {
  const { summary } = await data<StatsData>(balancer.url, "/api/stats");
  for (const [metric, total] of [
    ["bot_messages_total", summary.totalMessages],
    ["bot_responses_total", summary.aiResponses],
    ["bot_tool_calls_total", summary.toolCalls],
    ["bot_tokens_total", summary.tokensUsed],
  ] as const) {
    expect(number(await prometheus.instant(`sum(${metric}{job="botel"})`)), metric).toBe(total);
  }
  const names = await prometheus.ask<string[]>("/api/v1/label/__name__/values");
  const counters = names.filter((name) => /^(bot|gen_ai)_.+_(total|count|bucket|sum)$/.test(name));
  expect(counters.length).toBeGreaterThan(20);
  const resets = await Promise.all(
    counters.map((name) => prometheus.instant(`sum(resets(${name}{job="botel"}[10m]))`)),
  );
  expect(resets.map(number)).toEqual(counters.map(() => 0));
});

test("several targets are taken with `max without(instance)`, whichever of them died", async () => {
  const exact = "sum(max without (instance) (bot_messages_total{job='every'}))";
  await until(
    () => prometheus.instant(exact),
    (samples) => (number(samples) === TURNS ? undefined : `${number(samples)} of ${TURNS} messages`),
    30_000,
  );
});

test("botel's own health is each instance's", async () => {
  await until(
    () => prometheus.instant('botel_build_info{job="botel-instances"}'),
    (up) => (up.length === 3 ? undefined : `${up.length} of 3 instances are scraped`),
    30_000,
  );
  expect(await prometheus.instant('{__name__=~"(bot|gen_ai)_.+",job="botel-instances"}')).toEqual([]);
});

/** Only a bot that has botel in its process knows these. */
const OF_BOTS_PROCESS = /in_flight|unfinished|late_ends|beat_age|facts_dropped|queue_(?:facts|limit)|worker_restarts/;

test("every dashboard's queries have data, as with one instance", async () => {
  const empty: string[] = [];
  for (const { where, expr, instant } of allBoards().flatMap(({ board }) => promQueries(board))) {
    if (OF_BOTS_PROCESS.test(expr)) continue;
    const filled = filledIn(expr.replaceAll('job=~"$job"', 'job=~"botel|botel-instances"'), "30s");
    const to = Date.now();
    const found = instant ? await prometheus.instant(filled, to) : await prometheus.range(filled, to - 60_000, to, 3);
    if (found.length === 0) empty.push(`${where}: ${filled}`);
  }
  expect(empty).toEqual([]);
});

test("every rule is evaluated, and one thing raises one alert", async () => {
  type Groups = { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
  const { groups } = await prometheus.ask<Groups>("/api/v1/rules");
  expect(groups.flatMap(({ rules }) => rules).filter(({ health }) => health !== "ok")).toEqual([]);
  const recorded = await Promise.all(RECORDINGS.map(({ record }) => prometheus.instant(`${record}{job="botel"}`)));
  expect(recorded.filter((samples) => samples.length > 0).length).toBeGreaterThan(8);
  const alerts = await until(
    () => prometheus.instant('ALERTS{alertname="BotChannelDown", job!="every"}'),
    (samples) => (samples.length > 0 ? undefined : "no alert is pending"),
    30_000,
  );
  expect(alerts.map(({ metric }) => metric["bot_channel_id"])).toEqual(["local-qwen"]);
});
