import type { Item, SpanItem } from "../oracle/items.ts";

/** A permutation that a seed repeats. */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const all = [...list];
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

/** Numbers in 0…1 that a seed repeats. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const isCall = (item: Item): item is SpanItem =>
  item.type === "span" && item.attributes["bot.operation.name"] !== "message";

/** How many calls and steps a span lies in. */
function depthIn(spans: ReadonlyMap<string, SpanItem>, span: SpanItem): number {
  const parent = span.parentId === undefined ? undefined : spans.get(span.traceId + span.parentId);
  return parent === undefined ? 0 : 1 + depthIn(spans, parent);
}

/** Puts the spans of each chain into those of their places that come first, the innermost first. */
export function innerFirst(items: readonly Item[]): Item[] {
  const calls = items.filter(isCall);
  const byId = new Map(calls.map((span) => [span.traceId + span.spanId, span]));
  const rootOf = (span: SpanItem): SpanItem => {
    const parent = span.parentId === undefined ? undefined : byId.get(span.traceId + span.parentId);
    return parent === undefined ? span : rootOf(parent);
  };
  const chains = Map.groupBy(calls, rootOf);
  const ordered = [...items];
  for (const chain of chains.values()) {
    const places = chain.map((span) => items.indexOf(span)).sort((a, b) => a - b);
    const deepest = chain.toSorted((a, b) => depthIn(byId, b) - depthIn(byId, a));
    for (const [i, place] of places.entries()) ordered[place] = deepest[i]!;
  }
  return ordered;
}

/** Each item once. */
export function distinct(items: readonly Item[]): Item[] {
  const bigints = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);
  return [...new Map(items.map((item) => [JSON.stringify(item, bigints), item])).values()];
}

/** The order in which what is sent at once arrives: spans before records. */
export function arrival(items: readonly Item[]): Item[] {
  return [...items.filter(({ type }) => type === "span"), ...items.filter(({ type }) => type === "record")];
}
