import { describe, expect, test } from "vitest";
import { allBoards, type Board, type Panel, panelsOf, promQueries, selectorsOf, type Variable } from "./queries.ts";

// The rules of grafana/dashboard-linter, each under its name there. It is a program in Go, and cannot be had by npm.

const boards = allBoards();
const ofPrometheus = boards.filter(({ board }) => datasource(board)?.query === "prometheus");

function variables({ templating }: Board): Variable[] {
  return templating.list;
}

function datasource(board: Board): Variable | undefined {
  return variables(board).find(({ type }) => type === "datasource");
}

const titled = (panels: Panel[]) => panels.map(({ title }) => title);

test("there are dashboards of Prometheus and of the JSON answers", () => {
  expect(ofPrometheus.map(({ file }) => file)).toEqual([
    "botel-overview.json",
    "botel-models.json",
    "botel-tools.json",
    "botel-errors.json",
    "botel-itself.json",
  ]);
  expect(boards).toHaveLength(ofPrometheus.length + 1);
});

describe.for(boards)("$file", ({ board }) => {
  test("template-datasource-rule", () => {
    const sources = variables(board).filter(({ type }) => type === "datasource");
    expect(sources.map(({ name, label }) => [name, label])).toEqual([["datasource", "Data source"]]);
  });

  test("panel-datasource-rule", () => {
    const uids = panelsOf(board).map(({ datasource }) => datasource?.uid);
    expect(new Set(uids)).toEqual(new Set(["$datasource"]));
  });

  test("panel-title-description-rule", () => {
    expect(titled(panelsOf(board).filter(({ title, description }) => !title || !description))).toEqual([]);
    const titles = titled(panelsOf(board));
    expect(new Set(titles).size).toBe(titles.length);
  });

  test("panel-no-targets-rule", () => {
    expect(titled(panelsOf(board).filter(({ targets }) => !targets?.length))).toEqual([]);
  });

  test("template-on-time-change-reload-rule", () => {
    const stale = variables(board).filter(({ type, refresh }) => type === "query" && refresh !== 2);
    expect(stale.map(({ name }) => name)).toEqual([]);
  });

  test("uneditable-dashboard", () => {
    expect(board.editable).toBe(false);
  });

  test("it has an address of its own, tags by which others link to it, and panels with numbers of their own", () => {
    expect(board.uid).toMatch(/^botel-[a-z]+$/);
    expect(board.tags).toContain("botel");
    expect(board.links.some(({ type, tags }) => type === "dashboards" && tags.includes("botel"))).toBe(true);
    const ids = board.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe.for(boards)("$file", ({ board }) => {
  test("panels lie beside and below each other, none on another, each under its row", () => {
    const taken = new Map<string, string>();
    for (const { title = "", gridPos } of board.panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let row = y; row < y + h; row += 1) {
        for (let column = x; column < x + w; column += 1) {
          expect(taken.get(`${row} ${column}`), `${title} lies on another`).toBeUndefined();
          taken.set(`${row} ${column}`, title);
        }
      }
    }
    const order = board.panels.map(({ gridPos }) => gridPos.y * 24 + gridPos.x);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});

/** Those that the panels have, out of the list of the linter. */
const UNITS = new Set(["short", "cpm", "s", "bytes", "percentunit", "dtdurations", "bool_yes_no", "bool"]);

describe.for(ofPrometheus)("$file", ({ board }) => {
  test.for(["job", "instance"])("template-%s-rule", (name) => {
    const variable = variables(board).find((other) => other.name === name);
    expect(variable).toMatchObject({
      type: "query",
      label: name === "job" ? "Job" : "Instance",
      multi: true,
      allValue: ".+",
      datasource: { uid: "$datasource" },
    });
  });

  test("template-label-promql-rule", () => {
    const queries = variables(board).filter(({ type }) => type === "query");
    for (const { query } of queries) expect(query).toMatch(/^label_values\([a-z_]+(\{.*\})?, [a-z_]+\)$/);
    expect(queries.length).toBeGreaterThanOrEqual(2);
  });

  test("panel-units-rule", () => {
    const bare = panelsOf(board).filter(({ fieldConfig }) => {
      const unit = fieldConfig?.defaults.unit;
      // `short` counts as none there: a number of things has no unit.
      return unit === undefined || !UNITS.has(unit);
    });
    expect(titled(bare)).toEqual([]);
  });

  test("target-job-rule and target-instance-rule", () => {
    const bare = promQueries(board).flatMap(({ where, expr }) =>
      selectorsOf(expr)
        .filter(({ matchers }) => !matchers.includes('job=~"$job"') || !matchers.includes('instance=~"$instance"'))
        .map(({ name }) => `${where}: ${name}`),
    );
    expect(bare).toEqual([]);
  });

  test("target-rate-interval-rule", () => {
    const wrong = promQueries(board).flatMap(({ where, expr }) =>
      selectorsOf(expr)
        .filter(({ inside, range }) => /^i?rate$/.test(inside ?? "") && range !== "$__rate_interval")
        .map(({ name }) => `${where}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test("target-counter-agg-rule", () => {
    const wrong = promQueries(board).flatMap(({ where, expr }) =>
      selectorsOf(expr)
        .filter(({ name, inside, range }) => {
          const counts = name.endsWith("_total") || /_(bucket|sum|count)$/.test(name);
          return counts && !(range !== undefined && /^(rate|irate|increase)$/.test(inside ?? ""));
        })
        .map(({ name }) => `${where}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});

test("the reader of expressions sees what the rules ask", () => {
  const expr = 'sum by (le, job) (rate(a_bucket{job=~"$job", x="}"}[5m])) / on (instance) b:c:d offset 1h > bool 0';
  expect(selectorsOf('sum by (le) (rate(a_bucket{job=~"$job"}[5m])) / on (x) b:c:d > bool 0')).toEqual([
    { name: "a_bucket", matchers: 'job=~"$job"', range: "5m", inside: "rate" },
    { name: "b:c:d", matchers: "", range: undefined, inside: undefined },
  ]);
  expect(selectorsOf(expr).map(({ name }) => name)).toContain("a_bucket");
});
