import type { Series } from "../ingest/series.ts";
import { METRICS, prometheusName, type Declaration } from "./declarations.ts";
import { cleanValue } from "./labels.ts";
import { labelName, namingOf } from "./names.ts";

/** Bots' own metrics, as lines of Prometheus' text format. */
export interface Reexposed {
  text: string;
  shown: number;
  /** Series that could not be shown beside the others, by the reason. */
  hidden: Record<HiddenReason, number>;
}

/**
 * `own`: botel itself has a metric of that name, out of the facts; `type`: a series of another type came first; `twin`:
 * another series has the same name and labels.
 */
export type HiddenReason = "own" | "type" | "twin";

interface Family {
  type: Series["kind"];
  help: string;
  lines: string[];
  labels: Set<string>;
}

const ENDINGS = ["", "_bucket", "_sum", "_count"];
const OWN_NAMES: ReadonlySet<string> = new Set(Object.values(METRICS).map(({ name }) => name));
const OWN: ReadonlySet<string> = new Set([
  "target_info",
  ...Object.values(METRICS).flatMap((each: Declaration) => ENDINGS.map((ending) => prometheusName(each) + ending)),
]);

/** @param series in the order of their first points: of two that cannot stand beside each other, the first is shown */
export function reexpose(series: readonly Series[]): Reexposed {
  const families = new Map<string, Family>();
  const samples = new Map<string, string>();
  const hidden: Reexposed["hidden"] = { own: 0, type: 0, twin: 0 };

  function add(each: Series): HiddenReason | undefined {
    const { name, factor } = namingOf(each);
    const taken = samplesOf(name, each.kind);
    if (OWN_NAMES.has(each.name) || taken.some((sample) => OWN.has(sample))) return "own";
    if (taken.some((sample) => (samples.get(sample) ?? name) !== name)) return "type";
    const family = families.get(name) ?? { type: each.kind, help: each.description, lines: [], labels: new Set() };
    if (family.type !== each.kind) return "type";
    const labels = labelsOf(each);
    if (family.labels.has(labels)) return "twin";
    family.labels.add(labels);
    families.set(name, family);
    for (const sample of taken) samples.set(sample, name);
    family.lines.push(...linesOf(name, labels, inBase(each.value, factor)));
    return undefined;
  }

  for (const each of series) {
    const reason = add(each);
    if (reason !== undefined) hidden[reason] += 1;
  }
  const text = [...families].map(([name, family]) => familyText(name, family)).join("");
  return { text, shown: series.length - hidden.own - hidden.type - hidden.twin, hidden };
}

/** Names of all lines that a family has. */
function samplesOf(name: string, kind: Series["kind"]): string[] {
  if (kind === "histogram") return ENDINGS.map((ending) => name + ending);
  return kind === "summary" ? [name, `${name}_sum`, `${name}_count`] : [name];
}

function familyText(name: string, { type, help, lines }: Family): string {
  return `# HELP ${name} ${cleanHelp(help) || NO_HELP}\n# TYPE ${name} ${type}\n${lines.join("\n")}\n`;
}

const HELP_MAX = 300;
const NO_HELP = "As a bot sent it, without a description.";

function cleanHelp(help: string): string {
  return help.slice(0, HELP_MAX).toWellFormed().replaceAll("\\", "\\\\").replaceAll(/\s+/g, " ").trim();
}

/** Pairs of a series without the braces. The sender is named by its service; of two names that become one, both values. */
function labelsOf({ attributes, service, instance, scope, kind }: Series): string {
  const values = new Map<string, string[]>();
  const put = (name: string, value: string): void => void values.set(name, [...(values.get(name) ?? []), value]);
  for (const name of Object.keys(attributes).sort()) put(labelName(name, kind), attributes[name] ?? "");
  const around = { service_name: service, service_instance_id: instance, otel_scope_name: scope };
  for (const [name, value] of Object.entries(around)) if (value !== undefined) values.set(name, [value]);
  const pairs = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs
    .filter(([, all]) => all.some((value) => value !== ""))
    .map(([name, all]) => `${name}="${escaped(cleanValue(all.join(";")))}"`)
    .join(",");
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function inBase(value: Series["value"], factor: number): Series["value"] {
  if (factor === 1) return value;
  if (typeof value === "number") return value * factor;
  const sum = value.sum * factor;
  if ("bounds" in value) return { ...value, sum, bounds: value.bounds.map((bound) => bound * factor) };
  return { ...value, sum, quantiles: value.quantiles.map((one) => ({ ...one, value: one.value * factor })) };
}

function linesOf(name: string, labels: string, value: Series["value"]): string[] {
  if (typeof value === "number") return [line(name, labels, value)];
  const ends = [line(`${name}_sum`, labels, value.sum), line(`${name}_count`, labels, value.count)];
  if ("quantiles" in value) {
    const each = value.quantiles.map((one) => line(name, joined(labels, `quantile="${one.quantile}"`), one.value));
    return [...each, ...ends];
  }
  let below = 0;
  const buckets = value.counts.map((count, at) => {
    below += count;
    const bound = value.bounds[at] ?? Infinity;
    return line(`${name}_bucket`, joined(labels, `le="${shown(bound)}"`), below);
  });
  return [...buckets, ...ends];
}

function joined(labels: string, more: string): string {
  return labels === "" ? more : `${labels},${more}`;
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels === "" ? "" : `{${labels}}`} ${shown(value)}`;
}

function shown(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
