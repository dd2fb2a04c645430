import type { EncodedSlice } from "../../contract/thread.ts";
import { createCalendar, machineZone } from "../../lib/calendar.ts";
import { foldDay, signatures, type DayFolder, type Signature } from "./fold.ts";
import { name } from "./literal.ts";
import { createPositions } from "./positions.ts";
import { createRollups, type StoredDay } from "./rollups.ts";
import { createSeen } from "./seen.ts";
import type { Shard } from "./servers.ts";
import { byDay, isSame } from "./start.ts";

/** A cluster as it is, for whoever checks it: nothing is written, and no instance is held up. */
export interface ClusterInspection {
  /** An IANA name. */
  readonly zone: string;
  /** Names and versions of the folds that are asked about. */
  readonly folds: string;
  /** Ascending. */
  days(): number[];
  /**
   * One day, as it is read: ClickHouse has no transaction that holds it still.
   *
   * @param folder gets the day's facts, unless the day is sealed
   */
  day(day: number, folder: DayFolder): Promise<{ state: DayState; facts: number; blobs: EncodedSlice[] }>;
}

/** After every time that a fact can have. */
const EVER_MS = 9_223_372_000_000;

type DayState = "open" | "closed" | "sealed";

/** @throws {BotelError} UNAVAILABLE where a shard is away */
export async function inspectCluster(
  shards: readonly Shard[],
  database: string,
  folds: string,
): Promise<ClusterInspection> {
  const [first] = shards as [Shard];
  const [row] = await first.all(`SELECT value FROM ${name(database)}.meta FINAL WHERE name = 'zone'`, 1);
  const calendar = createCalendar(row?.[0] ?? machineZone());
  const rollups = createRollups(shards, database, 0);
  const stored = await rollups.days();
  const found = byDay(await signatures(shards, database, true, 0, EVER_MS), calendar);

  /** Rollups that are other than the facts are void: every instance folds such a day anew. */
  function isClosed(day: StoredDay, facts: Signature | undefined): boolean {
    return day.zone === calendar.zone && day.folds === folds && facts !== undefined && isSame(day, facts);
  }

  function stateOf(day: number): DayState {
    const known = stored.get(day);
    if (known?.sealed) return "sealed";
    return known !== undefined && isClosed(known, found.get(day)) ? "closed" : "open";
  }

  return {
    zone: calendar.zone,
    folds,
    days: () => [...new Set([...stored.keys(), ...found.keys()])].sort((a, b) => a - b),
    async day(day, folder) {
      const state = stateOf(day);
      const known = stored.get(day);
      const blobs = state === "open" || known === undefined ? [] : ((await rollups.read(known)) ?? []);
      if (state === "sealed") return { state, facts: 0, blobs };
      const { signature } = await foldDay({
        shards,
        database,
        fromMs: calendar.startOf(day),
        untilMs: calendar.startOf(day + 1),
        folder,
        seen: createSeen(),
        positions: createPositions(shards.length),
        commit: 0,
        isOld: () => Promise.resolve(true),
      });
      return { state, facts: signature.facts, blobs };
    },
  };
}
