import type { AttributeValue, Instant } from "../contract/span.ts";
import type { Fields } from "./fields.ts";

/** Seconds; no stream begins later. */
const LONGEST = 1e6;

/** @returns whole ns from a call's start to its first chunk, in whichever way the sender says it */
export function firstChunkOf(fields: Fields, start: Instant): number | undefined {
  const { firstChunkSeconds, firstChunkMs, firstChunkAt } = fields;
  if (typeof firstChunkSeconds === "number") return nsOf(firstChunkSeconds);
  if (typeof firstChunkMs === "number") return nsOf(firstChunkMs / 1e3);
  const at = timeOf(firstChunkAt);
  return at === undefined ? undefined : nsOf((at - start.ms - start.ns / 1e6) / 1e3);
}

function nsOf(seconds: number): number | undefined {
  return seconds >= 0 && seconds < LONGEST ? Math.round(seconds * 1e9) : undefined;
}

/** @returns epoch ms */
function timeOf(value: AttributeValue): number | undefined {
  if (typeof value !== "string" || value.length > 40) return undefined;
  const ms = Date.parse(value.replaceAll('"', ""));
  return Number.isNaN(ms) ? undefined : ms;
}
