import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { made } from "../../grafana/build.ts";
import { ALERTS } from "../../grafana/source/alerts.ts";
import { RECORDINGS } from "../../grafana/source/recording.ts";
import { FACT_METRICS, METRICS, prometheusName } from "../../src/prometheus/declarations.ts";
import { allBoards, KNOWN, promQueries, selectorsOf } from "./queries.ts";

const ROOT = join(import.meta.dirname, "../..");
const boards = allBoards().map(({ board }) => board);

describe("what is made from grafana/source/", () => {
  test.for([...made()])("%s is current: `node grafana/build.ts` makes it", ([path, text]) => {
    expect(readFileSync(join(ROOT, path), "utf8")).toBe(text);
  });

  test("is all that lies beside it", () => {
    const files = ["grafana/dashboards", "grafana/rules", "grafana/provisioning/alerting"].flatMap((folder) =>
      readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`),
    );
    const paths = [...made().keys()];
    expect(files.filter((file) => !paths.includes(file))).toEqual([]);
  });
});

describe("a metric that is renamed", () => {
  const expressions = [
    ...boards.flatMap((board) => promQueries(board)),
    ...ALERTS.map(({ name, expr }) => ({ where: `alert ${name}`, expr })),
    ...RECORDINGS.map(({ record, expr }) => ({ where: record, expr })),
  ];

  test("is missed by each dashboard, alert and rule that reads it", () => {
    const unknown = expressions.flatMap(({ where, expr }) =>
      selectorsOf(expr)
        .filter(({ name }) => !KNOWN.has(name))
        .map(({ name }) => `${where}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  test("every expression is understood: none reads nothing", () => {
    expect(expressions.filter(({ expr }) => selectorsOf(expr).length === 0).map(({ where }) => where)).toEqual([
      "botel:token_budget:1d",
    ]);
  });

  test("labels in the expressions are labels of the metric", () => {
    const labels = new Map(Object.values(METRICS).map((metric) => [prometheusName(metric), metric.labels]));
    const wrong = expressions.flatMap(({ where, expr }) =>
      selectorsOf(expr).flatMap(({ name, matchers }) => {
        const own = labels.get(name) ?? labels.get(name.replace(/_(bucket|sum|count)$/, ""));
        if (own === undefined) return [];
        const known = new Set(["job", "instance", "le", ...own.map((label: string) => label.replaceAll(".", "_"))]);
        const used = [...matchers.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)].map(([, label = ""]) => label);
        return used.filter((label) => !known.has(label)).map((label) => `${where}: ${name} has no ${label}`);
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("each metric of the facts and of the bot is on a dashboard", () => {
    const read = boards.flatMap((board) => promQueries(board).flatMap(({ expr }) => selectorsOf(expr)));
    const shown = new Set(read.map(({ name }) => name.replace(/_(bucket|sum|count)$/, "")));
    const bot = Object.values(METRICS).filter(({ name }) => name.startsWith("bot."));
    const due = [...FACT_METRICS.map((id) => METRICS[id]), ...bot].map((metric) => prometheusName(metric));
    // A sum of what bot_channel_state says, for whoever asks with one word.
    expect(due.filter((name) => !shown.has(name) && name !== "bot_channel_up")).toEqual([]);
  });

  test("every counter and gauge of botel's own is on a dashboard", () => {
    const read = new Set(
      boards.flatMap((board) => promQueries(board).flatMap(({ expr }) => selectorsOf(expr))).map((s) => s.name),
    );
    const own = Object.values(METRICS).filter(({ name }) => name.startsWith("botel.") || name.startsWith("process."));
    const missing = own.map((metric) => prometheusName(metric)).filter((name) => !read.has(name));
    expect(missing).toEqual([]);
  });
});
