import { METRICS, prometheusName } from "../../src/prometheus/declarations.ts";
import { dashboards } from "../../grafana/source/dashboards.ts";
import { RECORDINGS } from "../../grafana/source/recording.ts";

/** A dashboard as Grafana reads it. */
export interface Board {
  uid: string;
  title: string;
  editable: boolean;
  tags: string[];
  links: { type: string; tags: string[] }[];
  panels: Panel[];
  templating: { list: Variable[] };
}

export interface Panel {
  id: number;
  type: string;
  title?: string;
  description?: string;
  datasource?: { uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string } };
  targets?: Target[];
}

export interface Variable {
  name: string;
  type: string;
  label?: string;
  query?: string;
  refresh?: number;
}

export interface Target {
  expr?: string;
  instant?: boolean;
  /** Of the Infinity plug-in. */
  url?: string;
  root_selector?: string;
  columns?: { selector: string; type: string }[];
}

/** Every dashboard, with its file's name. */
export function allBoards(): { file: string; board: Board }[] {
  return [...dashboards()].map(([file, board]) => ({ file, board: JSON.parse(JSON.stringify(board)) as Board }));
}

/** One query of one panel. */
export interface PanelQuery {
  /** `dashboard / panel`. */
  where: string;
  expr: string;
  instant: boolean;
}

/** All panels of a dashboard but its rows. */
export function panelsOf({ panels }: Board): Panel[] {
  return panels.filter(({ type }) => type !== "row");
}

/** All queries of Prometheus of a dashboard. */
export function promQueries(board: Board): PanelQuery[] {
  return panelsOf(board).flatMap(({ title, targets = [] }) =>
    targets.flatMap(({ expr, instant = false }) =>
      expr === undefined ? [] : { where: `${board.title} / ${title}`, expr, instant },
    ),
  );
}

export interface Selector {
  name: string;
  /** What stands in its braces. */
  matchers: string;
  /** What stands in its brackets; undefined where it selects no range. */
  range?: string;
  /** The function right around it. */
  inside?: string;
}

const WORDS = new Set([
  "by",
  "without",
  "on",
  "ignoring",
  "group_left",
  "group_right",
  "and",
  "or",
  "unless",
  "bool",
  "offset",
]);

/** Metrics that an expression reads: names that are no function, no keyword, and no label of a grouping. */
export function selectorsOf(expr: string): Selector[] {
  // Groupings hold labels; texts hold anything.
  const plain = expr.replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ");
  const selectors: Selector[] = [];
  for (const match of plain.matchAll(/([a-zA-Z_][\w:]*)(\s*\()?(?:\{([^}]*)\})?(?:\[([^\]]*)\])?/g)) {
    const [, name = "", call, matchers = "", range] = match;
    if (call !== undefined || WORDS.has(name)) continue;
    // A duration such as 30m, and what stands in a text.
    if (/[\d"$]$/.test(plain.slice(0, match.index)) || insideOf(plain, match.index)) continue;
    const inside = /(\w+)\s*\(\s*$/.exec(plain.slice(0, match.index))?.[1];
    selectors.push({ name, matchers, range, inside });
  }
  return selectors;
}

function insideOf(text: string, at: number): boolean {
  const before = text.slice(0, at);
  const opened = before.lastIndexOf("{") > before.lastIndexOf("}");
  const bracket = before.lastIndexOf("[") > before.lastIndexOf("]");
  return opened || bracket;
}

/** Every series name there is: of the declarations, recorded, and Prometheus' own. */
export const KNOWN: ReadonlySet<string> = new Set([
  ...Object.values(METRICS).flatMap((declaration) => {
    const name = prometheusName(declaration);
    return declaration.type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
  }),
  ...RECORDINGS.map(({ record }) => record),
  "ALERTS",
]);

/** With values for Grafana's variables, as a viewer who chose nothing has them. */
export function filledIn(expr: string, interval = "10s"): string {
  return expr
    .replaceAll(/\$(?:job|instance|channel|model)\b/g, ".+")
    .replaceAll("$__rate_interval", interval)
    .replaceAll("$__range", "1h");
}
