import { OF_BOT } from "./declared/bot.ts";
import { OF_BOTEL } from "./declared/botel.ts";
import type { Declaration } from "./declared/declaration.ts";
import { OF_FACTS } from "./declared/facts.ts";

export type { Declaration } from "./declared/declaration.ts";

/** Every metric that botel has. Docs, bounds and both renderings are made from it. */
export const METRICS = { ...OF_FACTS, ...OF_BOT, ...OF_BOTEL };

export type MetricId = keyof typeof METRICS;

/** Those whose totals are of stored facts. */
export const FACT_METRICS = Object.keys(OF_FACTS) as (keyof typeof OF_FACTS)[];

/** Series of all histograms together, and of all else: more hold up the thread that answers (10,000 take 6 s). */
export const HISTOGRAM_SERIES = 300;
export const OTHER_SERIES = 3000;

const UNIT_SUFFIX: Record<string, string> = { s: "_seconds", By: "_bytes" };

/** exporter-prometheus adds neither a unit nor, to a name of ours, anything else: `a.b` in seconds is `a_b_seconds`. */
export function prometheusName({ name, type, unit }: Declaration): string {
  return `${name.replaceAll(".", "_")}${UNIT_SUFFIX[unit] ?? ""}${type === "counter" ? "_total" : ""}`;
}
