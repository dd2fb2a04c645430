import { NEW, type Change, type StoredFact } from "../../contract/fact.ts";
import type { StateEvent } from "../../contract/state.ts";
import type { Journal } from "../journal.ts";
import type { Hearing } from "./hear.ts";
import type { Places } from "./places.ts";
import type { Positions } from "./positions.ts";
import { readRecent, RECENT_LIMIT, type Recent } from "./recent.ts";
import { REPLACED, type FactRow } from "./rows.ts";
import type { Seen } from "./seen.ts";
import type { Shard } from "./servers.ts";

/** What all instances wrote since the last look, ours too: the one way by which facts reach the observer. */
export interface Told {
  changes: Change[];
  states: StateEvent[];
  /** Days whose folds are void because an owner was replaced. */
  voided: number[];
  /** Days that folds of facts changed on. */
  days: Set<number>;
  /** There is more than one look takes. */
  more: boolean;
}

export interface Tail {
  /** Of each shard. @throws {BotelError} UNAVAILABLE where one is away */
  read(): Promise<Recent[][]>;
  /** From now on this is told. */
  take(read: readonly Recent[][], nowMs: number): Told;
}

interface Parts {
  shards: readonly Shard[];
  database: string;
  writer: number;
  positions: Positions;
  seen: Seen;
  hearing: Hearing;
  journal: Journal;
  places: Places;
  /** Number of the commit that this look becomes. */
  commit(): number;
  dayOf(timeMs: number): number;
  /** A fact that counts in the folds of a day was told; by how much the sum of the versions grew with it. */
  folded(day: number, isNew: boolean, versions: number): void;
}

export function createTail(parts: Parts): Tail {
  const { shards, database, writer, positions, seen, hearing, journal, places, dayOf } = parts;

  function takeRows(shard: number, rows: readonly Recent[], told: Told, nowMs: number): void {
    for (const row of rows) {
      if (!positions.follows(row.writer)) for (const n of shards.keys()) positions.follow(n, row.writer, 0);
      // A writer that tried again wrote some twice.
      if ((positions.of(shard, row.writer) ?? 0) >= row.seq) continue;
      positions.advance(shard, row.writer, row.seq);
      if ("state" in row) told.states.push(row.state);
      else if ("what" in row) takeFact(row.what, told, nowMs);
      else if (row.writer !== writer) hearing.link(row.link, nowMs);
    }
  }

  function takeFact(row: FactRow, told: Told, nowMs: number): void {
    const { fact, before, version } = row;
    if (seen.commitOf(row) !== undefined) return;
    seen.add(row, parts.commit());
    if (row.writer !== writer && before === NEW) hearing.hear(row, nowMs);
    const isReplaced = before !== NEW && (before & REPLACED) !== 0;
    if (isFolded(fact)) {
      const day = dayOf(fact.timeMs);
      told.days.add(day);
      parts.folded(day, before === NEW, before === NEW ? version : 1);
      if (isReplaced) told.voided.push(day);
    }
    if (!fact.counted || isReplaced) return;
    fact.row = places.take(1);
    told.changes.push({ fact, before });
  }

  return {
    read: () => Promise.all(shards.map((shard, n) => readRecent(shard, database, n, positions))),
    take(read, nowMs) {
      const told: Told = { changes: [], states: [], voided: [], days: new Set(), more: false };
      for (const [n, rows] of read.entries()) {
        takeRows(n, rows, told, nowMs);
        if (rows.length === RECENT_LIMIT) told.more = true;
      }
      journal.keep();
      return told;
    },
  };
}

/** What no statistic reads changes no day. */
export function isFolded(fact: StoredFact): boolean {
  return fact.counted && (fact.kind !== "log" || fact.errorItem);
}
