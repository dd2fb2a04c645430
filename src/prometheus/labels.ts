import { cutText } from "../lib/text.ts";

/** Stands for every value that got no place of its own. */
export const OTHER = "other";
/** Stands for a value that the sender did not say. */
export const UNKNOWN = "unknown";

const MAX_LENGTH = 128;
/** Distinct values beyond the bound that are told apart, for their count. */
const COUNTED = 10_000;

/**
 * Values of labels, bounded: of each label the first so many values keep their name, for as long as the process lives;
 * the rest is `other`. Ask in the order of the values' first facts: then a restart names the same ones.
 */
export interface Labels {
  /** @param raw of any content and length */
  named(label: string, raw: string): string;
  /** By label, how many distinct values were shown as `other`, 10,000 at the most. */
  others(): ReadonlyMap<string, number>;
}

export function createLabels(limit: number): Labels {
  const named = new Map<string, Map<string, string>>();
  const others = new Map<string, Set<string>>();
  return {
    named(label, raw) {
      const values = entry(named, label, () => new Map<string, string>());
      const known = values.get(raw);
      if (known !== undefined) return known;
      if (values.size >= limit) {
        const beyond = entry(others, label, () => new Set<string>());
        if (beyond.size < COUNTED) beyond.add(raw);
        return OTHER;
      }
      const clean = cleanValue(raw);
      values.set(raw, clean);
      return clean;
    },
    others: () => new Map([...others].map(([label, values]) => [label, values.size])),
  };
}

/**
 * A value that no scrape breaks on: short, without control characters, never empty (for Prometheus an empty label is
 * none). Quotes and backslashes stay; the serializer escapes them.
 */
export function cleanValue(raw: string): string {
  const clean = cutText(raw, MAX_LENGTH)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")
    .trim();
  return clean === "" ? UNKNOWN : clean;
}

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
