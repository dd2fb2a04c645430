import type { BodyFill } from "../decide.ts";
import type { ItemFill } from "../items.ts";
import type { Placed } from "../owners.ts";
import type { Blocks } from "./blocks.ts";
import { name } from "./literal.ts";
import { idOf, newestRows, readFacts } from "./lookup.ts";
import type { Place, Places } from "./places.ts";
import type { FactRow } from "./rows.ts";
import type { Shard } from "./servers.ts";
import type { Value } from "./tsv.ts";

/** What came later of a fact that is stored: texts of an outer span, and what is known of an error item. */
export interface Fills {
  /**
   * Facts of this round get their texts before they are written; of others the texts are written again.
   *
   * @returns facts that are to be written again, as they are now
   */
  take(
    blocks: Blocks,
    placed: readonly Placed[],
    bodies: readonly BodyFill[],
    items: readonly ItemFill[],
  ): Promise<FactRow[]>;
}

export function createFills(shards: readonly Shard[], database: string, places: Places): Fills {
  async function fillStored(blocks: Blocks, fills: readonly BodyFill[]): Promise<FactRow[]> {
    const again: FactRow[] = [];
    for (const { row, outer } of fills) {
      const place = places.get(row);
      const stored = place && (await readOne(place));
      if (place === undefined || stored === undefined) continue;
      const { fact } = stored;
      const failed = fact.kind !== "log" && fact.failed;
      if (failed && (outer.errorMessage ?? outer.stack) !== undefined) {
        const [version, message, stack, meta] = await newest(place, "bodies", ["message", "stack", "meta"]);
        blocks.texts(fact, version + 1, { message: message ?? outer.errorMessage, stack: stack ?? outer.stack, meta });
      }
      if (outer.kind !== "tool" || (outer.args ?? outer.result) === undefined) continue;
      const [version, args, result] = await newest(place, "contents", ["args", "result"]);
      blocks.contents(fact, version + 1, { args: args ?? outer.args, result: result ?? outer.result });
      if (!outer.truncated || fact.kind !== "tool" || fact.truncated) continue;
      fact.truncated = true;
      again.push(stored);
    }
    return again;
  }

  async function readOne(place: Place): Promise<FactRow | undefined> {
    return (await readFacts(shards[place.shard] as Shard, database, [place])).get(idOf(place));
  }

  /** @returns the version, 0 where there is no row, and the values */
  async function newest(place: Place, table: string, columns: string[]): Promise<[number, ...Value[]]> {
    const shard = shards[place.shard] as Shard;
    const [row] = await newestRows(shard, `${name(database)}.${name(table)}`, ["version", ...columns], [place]);
    return [Number(row?.[0] ?? 0), ...(row?.slice(1) ?? [])];
  }

  /** What is known of an item the longest stays. */
  async function fillItem(blocks: Blocks, place: Place, fills: readonly ItemFill[], isNew: boolean): Promise<void> {
    const [version, ...known] = isNew ? [0] : await newest(place, "fills", ["stack", "channel", "model"]);
    const first = { stack: known[0] || undefined, channel: known[1] || undefined, model: known[2] || undefined };
    const fill = fills.reduce(
      (all, { stack, channel, model }) => ({
        stack: all.stack ?? stack,
        channel: all.channel ?? channel,
        model: all.model ?? model,
      }),
      first,
    );
    blocks.fill(place, version + 1, fill);
  }

  return {
    async take(blocks, placed, bodies, items) {
      const fresh = new Map(placed.map((one) => [one.fact.row, one]));
      for (const { row, outer } of bodies) fillNew(fresh.get(row), outer);
      const again = await fillStored(
        blocks,
        bodies.filter(({ row }) => !fresh.has(row)),
      );
      for (const [row, fills] of Map.groupBy(items, (item) => item.row)) {
        const place = places.get(row);
        if (place !== undefined) await fillItem(blocks, place, fills, fresh.has(row));
      }
      return again;
    },
  };
}

/** As it would be filled when it were stored. */
function fillNew(placed: Placed | undefined, outer: BodyFill["outer"]): void {
  if (placed === undefined) return;
  const { fact } = placed;
  if (fact.kind === "log" || fact.kind === "message") return;
  if (fact.failed) {
    fact.errorMessage ??= outer.errorMessage;
    fact.stack ??= outer.stack;
  }
  if (fact.kind !== "tool" || outer.kind !== "tool" || (outer.args ?? outer.result) === undefined) return;
  fact.args ??= outer.args;
  fact.result ??= outer.result;
  if (outer.truncated) fact.truncated = true;
}
