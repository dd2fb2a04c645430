import { NEW, type Link, type StoredFact } from "../../contract/fact.ts";
import type { StateEvent } from "../../contract/state.ts";
import type { EncodedSlice } from "../../contract/thread.ts";
import type { ItemFill } from "../items.ts";
import type { Placed } from "../owners.ts";
import { createBlocks, NAMED, type Blocks } from "./blocks.ts";
import { hashOf, shardOf } from "./hash.ts";
import { name, text } from "./literal.ts";
import { findFacts, idOf } from "./lookup.ts";
import type { Place } from "./places.ts";
import { createRollups } from "./rollups.ts";
import { NAME_COLUMNS } from "./schema.ts";
import type { Shard } from "./servers.ts";
import { field } from "./tsv.ts";

/**
 * Takes over what another store has, as it was decided there. Everything may be given twice. It is not told to instances
 * that run, as what happened just now would be: they find it when they check their days, and fold those anew.
 */
export interface Import {
  /** With all their texts. */
  facts(placed: readonly Placed[]): Promise<void>;
  fills(known: readonly { fact: StoredFact; fill: Omit<ItemFill, "row"> }[]): Promise<void>;
  spans(links: readonly Link[]): Promise<void>;
  names(kind: keyof typeof NAMED, names: readonly { id: string; name: string; time: string }[]): Promise<void>;
  states(states: readonly StateEvent[]): Promise<void>;
  /** A day whose facts are gone. */
  sealed(day: number, zone: string, folds: string, slices: readonly EncodedSlice[]): Promise<void>;
  /** @returns those of the facts that are not there */
  missing(facts: readonly StoredFact[]): Promise<StoredFact[]>;
  /** How far a copy came; 0 where it is new. */
  reached(source: string): Promise<number>;
  reach(source: string, row: number): Promise<void>;
}

/** Nobody's: whoever started before has read all of it. */
const NOBODY = 0;
/** Places of one fact each, as instances give them. */
const PLACES = 1024;
/** Before any that an instance gives now. */
const FIRST_VERSION = 1;

/** @param now epoch ms */
export function createImport(shards: readonly Shard[], database: string, now: () => number): Import {
  const rollups = createRollups(shards, database, NOBODY);
  const [first] = shards as [Shard];

  async function write(make: (blocks: Blocks) => void): Promise<void> {
    const blocks = createBlocks(shards.length, now());
    make(blocks);
    await Promise.all(
      shards.map(async (shard, n) => {
        for (const { table, columns, lines } of blocks.of(n)) {
          if (table !== "recent") await shard.insert(table, columns, lines);
        }
      }),
    );
  }

  return {
    facts: (placed) =>
      write((blocks) => {
        for (const { fact, joined } of placed) {
          // One that was joined since a copy before is the newer of the two.
          const version = FIRST_VERSION + joined;
          const place = fact.row * PLACES;
          blocks.fact({ fact, joined, version, writer: NOBODY, seq: 0, before: NEW, place }, true);
        }
      }),
    fills: (known) =>
      write((blocks) => {
        for (const { fact, fill } of known) {
          blocks.fill(placeOf(fact, shards.length), FIRST_VERSION, fill);
        }
      }),
    spans: (links) =>
      write((blocks) => {
        for (const link of links) blocks.span(link);
      }),
    async names(kind, names) {
      const byShard = Map.groupBy(names, ({ id }) => hashOf(id) % shards.length);
      for (const [n, some] of byShard) {
        const lines = some.map((named) => {
          return `${NAMED[kind]}\t${field(named.id)}\t${named.time}\t${field(named.name)}\n`;
        });
        await (shards[n] as Shard).insert("names", Object.keys(NAME_COLUMNS), lines.join(""));
      }
    },
    states: (states) =>
      write((blocks) => {
        for (const state of states) blocks.state(state, { writer: NOBODY, seq: 0 });
      }),
    async sealed(day, zone, folds, slices) {
      await rollups.write({ day, zone, folds, facts: 0, versions: 0 }, slices, now());
      const written = (await rollups.days()).get(day);
      if (written !== undefined) await rollups.seal(written, now());
    },
    async missing(facts) {
      const byShard = Map.groupBy(facts, (fact) => shardOf(fact, shards.length));
      const found = await Promise.all([...byShard].map(([n, some]) => findFacts(shards[n] as Shard, database, some)));
      return facts.filter((fact) => !found.some((known) => known.has(idOf(fact))));
    },
    async reached(source) {
      const sql = `SELECT value FROM ${name(database)}.meta FINAL WHERE name = ${text(nameOf(source))}`;
      const [row] = await first.all(sql, 1);
      return Number(row?.[0] ?? 0);
    },
    reach: (source, row) =>
      first.insert("meta", ["name", "version", "value"], `${field(nameOf(source))}\t${now()}\t${row}\n`),
  };
}

function placeOf(fact: StoredFact, shards: number): Place {
  const { kind, timeMs, timeNs, key } = fact;
  return { kind, timeMs, timeNs, key, shard: shardOf(fact, shards), own: false };
}

function nameOf(source: string): string {
  return `copied ${source}`;
}
