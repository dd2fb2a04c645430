import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ALERTS } from "../../grafana/source/alerts.ts";
import { RECORDINGS } from "../../grafana/source/recording.ts";
import type { StatsData } from "../../src/contract/wire/stats.ts";
import { promtool } from "../prometheus/made.ts";
import { data } from "../started/ask.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, type StartedBot, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";
import { freePort, startPrometheus, type Prometheus, type Sample } from "./prometheus.ts";
import { allBoards, filledIn, panelsOf, promQueries } from "./queries.ts";
import { announcements, turn } from "./script.ts";

// A real Prometheus scrapes a real botel every second, over a SIGKILL and a restart, while a scripted bot runs.

const dataDir = temporary();
let port: number;
let bot: StartedBot;
let prometheus: Prometheus;
let turns = 0;

/** What is added up, JSON beside Prometheus. */
interface Totals {
  messages: number;
  responses: number;
  tools: number;
  tokens: number;
  requests: number;
  failed: number;
}
const SUMS: Record<keyof Totals, string> = {
  messages: "sum(bot_messages_total)",
  responses: "sum(bot_responses_total)",
  tools: "sum(bot_tool_calls_total)",
  tokens: "sum(bot_tokens_total)",
  requests: "sum(bot_requests_total)",
  failed: 'sum(bot_requests_total{error_type!=""})',
};
const window = { fromMs: 0, toMs: 0, first: {} as Totals, last: {} as Totals };

const start = () => startBot({ dataDir, zone: "UTC", env: { BOTEL_PORT: String(port) } });

/** The bot does some turns, as many a second. */
async function talk(count: number, everyMs: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    turns += 1;
    const at = Date.now();
    await bot.feed([...(turns % 5 === 1 ? announcements(at) : []), ...turn(turns, at)]);
    await sleep(everyMs); // the rhythm of the script, nothing is waited for
  }
}

async function totals(): Promise<Totals> {
  const { summary } = await data<StatsData>(bot.url, "/api/stats?period=all");
  const { models } = await data<{ models: { requests: number; errors: number }[] }>(bot.url, "/api/stats/models");
  const sum = (of: (model: (typeof models)[number]) => number) => models.reduce((all, model) => all + of(model), 0);
  return {
    messages: summary.totalMessages,
    responses: summary.aiResponses,
    tools: summary.toolCalls,
    tokens: summary.tokensUsed,
    requests: sum(({ requests }) => requests),
    failed: sum(({ errors }) => errors),
  };
}

/** Waits until a scrape has what is there now. @returns when, epoch ms */
async function scraped(now: Totals): Promise<number> {
  return until(
    async () => {
      const at = Date.now();
      const [sum] = await prometheus.instant(SUMS.tokens, at);
      return [at, Number(sum?.values[0]?.[1])] as const;
    },
    ([, tokens]) => (tokens === now.tokens ? undefined : `${tokens} of ${now.tokens} tokens`),
    15_000,
  ).then(([at]) => at);
}

beforeAll(async () => {
  port = await freePort();
  bot = await start();
  await talk(4, 20);
  await fed(bot, []);
  prometheus = await startPrometheus(`127.0.0.1:${port}`);
  window.first = await totals();
  window.fromMs = await scraped(window.first);
  await talk(40, 200);
  await fed(bot, []); // what was stored before the SIGKILL is what has to be there after it
  await bot.kill();
  bot = await start();
  await talk(30, 200);
  await bot.stop();
  bot = await start();
  await talk(30, 200);
  await fed(bot, []);
  window.last = await totals();
  window.toMs = await scraped(window.last);
}, 120_000);

afterAll(async () => {
  await prometheus?.stop();
  await cleanUp();
});

const numbers = (samples: readonly Sample[]) =>
  samples.flatMap(({ values }) => values.map(([, value]) => Number(value))).filter((value) => !Number.isNaN(value));

describe("over a SIGKILL and a restart", () => {
  // contract §8: "over any window, last sample − first sample (absent: 0) of a sum equals the JSON total of the facts taken
  // in that window."
  test.for(Object.keys(SUMS) as (keyof Totals)[])(
    "last sample − first sample of %s equals JSON exactly",
    async (name) => {
      const [first] = numbers(await prometheus.instant(SUMS[name], window.fromMs));
      const [last] = numbers(await prometheus.instant(SUMS[name], window.toMs));
      expect([first, last]).toEqual([window.first[name], window.last[name]]);
      expect((last ?? 0) - (first ?? 0)).toBeGreaterThan(50);
    },
  );

  test("Counters go on: there is no reset, and increase() is within 5 %", async () => {
    const seconds = Math.ceil((window.toMs - window.fromMs) / 1000);
    const at = (expr: string) => prometheus.instant(expr, window.toMs);
    const names = await prometheus.ask<string[]>("/api/v1/label/__name__/values");
    const counting = names.filter((name) => /^(bot|gen_ai)_.+_(total|count|bucket|sum)$/.test(name));
    expect(counting.length).toBeGreaterThan(20);
    const resets = await Promise.all(counting.map((name) => at(`sum(resets(${name}[${seconds}s]))`)));
    expect(numbers(resets.flat())).toEqual(counting.map(() => 0));
    for (const name of ["messages", "responses", "tools", "tokens", "requests"] as const) {
      const increase = SUMS[name].replace(/\((.*)\)/, `(increase($1[${seconds}s]))`);
      const [seen = 0] = numbers(await at(increase));
      const added = window.last[name] - window.first[name];
      expect(Math.abs(seen / added - 1), `${name}: ${seen} of ${added}`).toBeLessThan(0.05);
    }
  });
});

describe("every query returns data without error", () => {
  const queries = allBoards().flatMap(({ board }) => promQueries(board));

  test.for(queries)("$where", async ({ expr, instant }) => {
    const filled = filledIn(expr);
    const to = Date.now();
    const samples = instant
      ? await prometheus.instant(filled, to)
      : await prometheus.range(filled, window.fromMs, to, 2);
    expect(numbers(samples).length, filled).toBeGreaterThan(0);
  });

  test.for(allBoards().flatMap(({ board }) => board.templating.list.filter(({ type }) => type === "query")))(
    "variable $name",
    async ({ query = "" }) => {
      const [, matcher = "", label = ""] = /^label_values\((.*), (\w+)\)$/.exec(filledIn(query)) ?? [];
      const values = await prometheus.ask<string[]>(`/api/v1/label/${label}/values`, { "match[]": matcher });
      expect(values).not.toEqual([]);
    },
  );

  test.for(ALERTS)("alert $name", async ({ expr, watches }) => {
    await prometheus.instant(expr);
    for (const watched of watches)
      expect(numbers(await prometheus.instant(watched)).length, watched).toBeGreaterThan(0);
  });

  test.for(RECORDINGS)("$record is recorded", async ({ record }) => {
    expect(numbers(await prometheus.range(record, window.fromMs, Date.now(), 2)).length).toBeGreaterThan(0);
  });

  test("no rule fails", async () => {
    type Groups = { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
    const { groups } = await prometheus.ask<Groups>("/api/v1/rules");
    const rules = groups.flatMap((group) => group.rules);
    expect(rules).toHaveLength(ALERTS.length + RECORDINGS.length);
    expect(rules.filter(({ health }) => health !== "ok")).toEqual([]);
  });
});

describe("the scrape", () => {
  test("is whole: Prometheus reads OpenMetrics of it and finds nothing wrong", async () => {
    type Targets = { activeTargets: { health: string; lastError: string; labels: { job: string } }[] };
    const { activeTargets } = await prometheus.ask<Targets>("/api/v1/targets");
    expect(activeTargets).toEqual([expect.objectContaining({ health: "up", lastError: "" })]);
    const created = await prometheus.instant("bot_messages_created");
    expect(created).not.toEqual([]);
  });

  test("`promtool check metrics` prints nothing", async () => {
    const answer = await fetch(`${bot.url}/metrics`);
    expect(promtool(await answer.text())).toBe("");
  });

  test("exemplars lead from a latency to the turn", async () => {
    type Series = { exemplars: { labels: Record<string, string>; timestamp: number }[] }[];
    const series = await prometheus.ask<Series>("/api/v1/query_exemplars", {
      query: "gen_ai_client_operation_duration_seconds_bucket",
      start: window.fromMs / 1000,
      end: Date.now() / 1000,
    });
    const all = series.flatMap(({ exemplars }) => exemplars);
    expect(all.length).toBeGreaterThan(5);
    for (const { labels, timestamp } of all) {
      expect(labels).toEqual({
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        trace: `${labels["trace_id"]}?at=${Math.round(timestamp * 1000)}`,
      });
    }
    const { trace = "", trace_id: traceId } = all[0]?.labels ?? {};
    expect(await data(bot.url, `/api/traces/${trace}`)).toMatchObject({ traceId });
  });
});

describe("the queries of what Prometheus must not hold", () => {
  const lists = allBoards().flatMap(({ board }) =>
    panelsOf(board).flatMap(({ title, targets = [] }) =>
      targets.filter(({ url }) => url !== undefined).map((target) => ({ title, ...target })),
    ),
  );

  test("there are some", () => expect(lists.length).toBeGreaterThan(4));

  test.for(lists)("$title", async ({ url = "", root_selector: root = "", columns = [] }) => {
    const path = url.replace("$period", "week").replace("$group", "").replace("$limit", "50");
    const answer = await fetch(bot.url + path);
    expect(answer.status).toBe(200);
    const found = at(await answer.json(), root);
    const rows = Array.isArray(found) ? found : [found];
    expect(rows).not.toEqual([]);
    for (const { selector, type } of columns) {
      const values = rows.map((row) => at(row, selector)).filter((value) => value !== undefined && value !== null);
      expect(values, selector).not.toEqual([]);
      for (const value of values) {
        expect(typeof value, selector).toBe(type === "timestamp" ? "string" : type);
        if (type === "timestamp") expect(Date.parse(value as string), selector).not.toBeNaN();
      }
    }
  });

  test("with a group of the box", async () => {
    const [target] = lists;
    const path = (target?.url ?? "").replace("$period", "week").replace("$group", "&groupId=group1");
    const { summary } = await data<StatsData>(bot.url, path);
    expect(summary.totalMessages).toBeGreaterThan(0);
  });
});

/** @param path with dots */
function at(value: unknown, path: string): unknown {
  return path.split(".").reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
