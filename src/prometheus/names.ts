import type { Measured } from "../contract/measured.ts";

/** Units of UCUM in Prometheus' words, and how many of its base unit one is. */
const UNITS: ReadonlyMap<string, readonly [word: string, factor: number]> = new Map([
  ["d", ["seconds", 86_400]],
  ["h", ["seconds", 3600]],
  ["min", ["seconds", 60]],
  ["s", ["seconds", 1]],
  ["ms", ["seconds", 1e-3]],
  ["us", ["seconds", 1e-6]],
  ["ns", ["seconds", 1e-9]],
  ["By", ["bytes", 1]],
  ["KiBy", ["bytes", 2 ** 10]],
  ["MiBy", ["bytes", 2 ** 20]],
  ["GiBy", ["bytes", 2 ** 30]],
  ["kBy", ["bytes", 1e3]],
  ["KBy", ["bytes", 1e3]],
  ["MBy", ["bytes", 1e6]],
  ["GBy", ["bytes", 1e9]],
  ["%", ["ratio", 0.01]],
  ["Hz", ["hertz", 1]],
  ["Cel", ["celsius", 1]],
]);

/** How a metric is called, and what its values are multiplied with: Prometheus has base units only. */
export interface Naming {
  name: string;
  factor: number;
}

/** @returns Prometheus' name of a metric of OpenTelemetry: its unit written out at the end, `_total` on a counter. */
export function namingOf({ name, unit, kind }: Pick<Measured, "name" | "unit" | "kind">): Naming {
  const base = clean(name, "unnamed").replace(/_total$/, "");
  const { suffix, factor } = suffixOf(unit, kind);
  const withUnit = suffix === "" || base.endsWith(suffix) ? base : `${base}_${suffix}`;
  return { name: kind === "counter" ? `${withUnit}_total` : withUnit, factor };
}

function suffixOf(unit: string, kind: Measured["kind"]): { suffix: string; factor: number } {
  if (unit === "1") return { suffix: kind === "gauge" ? "ratio" : "", factor: 1 };
  const [first = "", per = ""] = unit.replaceAll(/\{[^}]*\}/g, "").split("/");
  const [word, factor] = unitOf(first);
  if (per === "") return { suffix: word, factor };
  const [each, times] = unitOf(per);
  return { suffix: `${word === "" ? "" : `${word}_`}per_${each.replace(/s$/, "")}`, factor: factor / times };
}

function unitOf(unit: string): readonly [word: string, factor: number] {
  return UNITS.get(unit) ?? [clean(unit, ""), 1];
}

/** @returns a label that Prometheus takes; `le` and `quantile` are its own where they mean something. */
export function labelName(name: string, kind: Measured["kind"]): string {
  const label = clean(name, "unnamed");
  const own = (kind === "histogram" && label === "le") || (kind === "summary" && label === "quantile");
  return own ? `exported_${label}` : label;
}

const NAME_MAX = 200;

function clean(name: string, otherwise: string): string {
  const kept = name
    .slice(0, NAME_MAX)
    .replaceAll(/[^a-zA-Z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
  if (kept === "") return otherwise;
  return /^\d/.test(kept) ? `_${kept}` : kept;
}
