/**
 * How far `recent` was read, by shard and writer. A row of `facts` is within it where it was told already; one that is not
 * will be. Writers that are not here wrote before we came.
 */
export interface Positions {
  /** Reads from a writer of now on. @param seq what was read already */
  follow(shard: number, writer: number, seq: number): void;
  follows(writer: number): boolean;
  /** The highest number of all that were ever followed: whoever has a higher one began later. */
  newest(): number;
  /** The last row that was read. */
  of(shard: number, writer: number): number | undefined;
  advance(shard: number, writer: number, seq: number): void;
  /** Those of others are forgotten: what they wrote counts as told. @returns whether there were any */
  keep(writers: ReadonlySet<number>): boolean;
  /** `writer > seq` of a shard. */
  entries(shard: number): Iterable<[writer: number, seq: number]>;
  /** True where the row was told; as of the moment of the copy. */
  covers(shard: number, writer: number, seq: number): boolean;
  copy(): Pick<Positions, "covers" | "follows">;
}

export function createPositions(shards: number, from?: ReadonlyMap<number, number>[]): Positions {
  const read = from?.map((of) => new Map(of)) ?? Array.from({ length: shards }, () => new Map<number, number>());
  let newest = Math.max(0, ...read.flatMap((positions) => [...positions.keys()]));
  const of = (shard: number, writer: number) => read[shard]?.get(writer);

  return {
    follow(shard, writer, seq) {
      newest = Math.max(newest, writer);
      if (of(shard, writer) === undefined) read[shard]?.set(writer, seq);
    },
    follows: (writer) => read.some((positions) => positions.has(writer)),
    newest: () => newest,
    of,
    advance(shard, writer, seq) {
      read[shard]?.set(writer, seq);
    },
    keep(writers) {
      const gone = read.flatMap((of) => [...of.keys()].filter((writer) => !writers.has(writer)));
      for (const of of read) for (const writer of gone) of.delete(writer);
      return gone.length > 0;
    },
    entries: (shard) => read[shard] ?? [],
    covers(shard, writer, seq) {
      const position = of(shard, writer);
      return position === undefined || seq <= position;
    },
    copy: () => createPositions(shards, read),
  };
}
