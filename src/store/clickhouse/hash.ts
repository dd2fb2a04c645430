import type { FactBase } from "../../contract/fact.ts";

/** @returns 53 bits of a text that tell texts apart: of a million, two are alike with a chance of 1 in 18,000. */
export function hashOf(text: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (b >>> 0) + (a & 0x1fffff) * 0x1_0000_0000;
}

/**
 * The shard that a fact lies on: what is joined lies together, so it is that of the trace where there is one.
 *
 * Never change it: a fact that is sent again is looked for on its shard only.
 */
export function shardOf({ traceId, key }: Pick<FactBase, "traceId" | "key">, shards: number): number {
  // The first digits of a trace id may be a time.
  const digits = traceId === undefined ? key.slice(0, 8) : traceId.slice(-8);
  return shards === 1 ? 0 : Number.parseInt(digits, 16) % shards;
}
