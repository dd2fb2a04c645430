import { isDeepStrictEqual } from "node:util";
import type { Row } from "./logs.ts";

/** Values that are the sender's own, where nothing may be added. */
const EXACT = new Set(["args", "result"]);

/**
 * In what an answer differs from what is expected. Extra fields are no difference, as the contract allows them; a field
 * that is expected to be null may be absent; a field that is expected to be undefined may be anything.
 */
export function differences(actual: unknown, expected: unknown, path = "data"): string[] {
  if (Array.isArray(expected)) return inList(actual, expected, path);
  if (typeof expected !== "object" || expected === null) {
    return Object.is(actual ?? null, expected) ? [] : [`${path}: ${show(actual)} instead of ${show(expected)}`];
  }
  if (typeof actual !== "object" || actual === null) return [`${path}: ${show(actual)} instead of ${show(expected)}`];
  return Object.entries(expected).flatMap(([key, value]) => {
    const found = (actual as Record<string, unknown>)[key];
    const at = `${path}.${key}`;
    if (value === undefined) return [];
    if (!EXACT.has(key)) return differences(found, value, at);
    return isDeepStrictEqual(found, value) ? [] : [`${at}: ${show(found)} instead of ${show(value)}`];
  });
}

function inList(actual: unknown, expected: readonly unknown[], path: string): string[] {
  if (!Array.isArray(actual)) return [`${path}: ${show(actual)} instead of a list`];
  const each = expected.slice(0, actual.length).flatMap((one, i) => differences(actual[i], one, `${path}[${i}]`));
  if (actual.length === expected.length) return each;
  return [`${path}: ${actual.length} rows instead of ${expected.length}`, ...each];
}

/** As {@link differences}, of rows by time, where those of equal time may come in any order. */
export function rowDifferences(actual: readonly unknown[], expected: readonly Row[]): string[] {
  const found: string[] = [];
  if (actual.length !== expected.length) found.push(`${actual.length} rows instead of ${expected.length}`);
  for (let from = 0; from < expected.length;) {
    const equal = expected.slice(from).findIndex(({ ns }) => ns !== expected[from]!.ns);
    const to = equal === -1 ? expected.length : from + equal;
    const open = actual.slice(from, to);
    for (const { row } of expected.slice(from, to)) {
      const match = open.findIndex((one) => differences(one, row).length === 0);
      if (match === -1) found.push(...differences(open[0], row, `row ${from}`));
      else open.splice(match, 1);
    }
    from = to;
  }
  return found;
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 300) ?? "nothing";
}
