import type { Block, Blocks } from "./blocks.ts";
import type { Insist } from "./insist.ts";
import type { Shard } from "./servers.ts";

/**
 * Writes a round, each shard on its own: what is stored first, then what tells of it. A shard that is away holds up only
 * itself, and is asked again until all is there; what it has twice then is the same row.
 */
export function createWrite(shards: readonly Shard[], insist: Insist): (make: () => Promise<Blocks>) => Promise<void> {
  async function writeTo(shard: Shard, all: readonly Block[]): Promise<void> {
    const insert = ({ table, columns, lines }: Block) => insist(() => shard.insert(table, columns, lines));
    const [recent, stored] = [all.filter(isRecent), all.filter((block) => !isRecent(block))];
    await Promise.all(stored.map(insert));
    await Promise.all(recent.map(insert));
  }

  return async (make) => {
    const blocks = await insist(make);
    await Promise.all(shards.map((shard, n) => writeTo(shard, blocks.of(n))));
  };
}

function isRecent({ table }: Block): boolean {
  return table === "recent";
}
