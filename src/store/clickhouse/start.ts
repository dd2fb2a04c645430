import { BotelError } from "../../contract/errors.ts";
import { NEW } from "../../contract/fact.ts";
import type { StateEvent } from "../../contract/state.ts";
import { createCalendar, machineZone, type Calendar } from "../../lib/calendar.ts";
import { AHEAD_MS } from "../refuse.ts";
import { JOIN_MS } from "../traces.ts";
import type { Hearing } from "./hear.ts";
import { name } from "./literal.ts";
import { signatures, type Signature } from "./fold.ts";
import type { Positions } from "./positions.ts";
import { readArrivals, readEnds } from "./recent.ts";
import type { Rollups, StoredDay } from "./rollups.ts";
import type { Seen } from "./seen.ts";
import type { Shard } from "./servers.ts";
import { field } from "./tsv.ts";
import type { Writers } from "./writers.ts";

/** What an instance has to know before it takes part. */

/**
 * The zone of the cluster's days: as configured, else the one that is kept with the data, at the first start the machine's.
 *
 * @param atFirst the zone where none is kept yet
 * @throws {BotelError} UNAVAILABLE where the cluster was made with another number of shards: facts would not be found
 */
export async function agree(
  shards: readonly Shard[],
  database: string,
  zone: string | undefined,
  nowMs: number,
  atFirst = machineZone(),
): Promise<Calendar> {
  const [first] = shards as [Shard];
  const sql = `SELECT name, value FROM ${name(database)}.meta FINAL`;
  const stored = new Map((await first.all(sql, 2)).map(([key = "", value = ""]) => [key, value]));
  const count = stored.get("shards");
  if (count !== undefined && Number(count) !== shards.length) {
    throw new BotelError(
      "UNAVAILABLE",
      `The database ${database} was made on ${count} shards and store.clickhouse.urls names ${shards.length}: ` +
        "name all of them, in their order; another number of shards takes a copy (botel copy).",
    );
  }
  const own = zone ?? stored.get("zone") ?? atFirst;
  const lines = Object.entries({ shards: String(shards.length), zone: own })
    .filter(([key, value]) => stored.get(key) !== value)
    .map(([key, value]) => `${key}\t${nowMs}\t${field(value)}\n`);
  if (lines.length > 0) await first.insert("meta", ["name", "version", "value"], lines.join(""));
  return createCalendar(own);
}

/** The days of the cluster, and the rollups that hold. */
export interface KnownDays {
  open: number[];
  closed: StoredDay[];
  /** Facts before it (epoch ms) are of sealed days. */
  sealedUntilMs: number;
}

/**
 * Follows all writers from where they are, and takes the rollups that hold. The order matters: what was rolled up before the
 * positions were taken, and still has the same facts after, has just what was told before them.
 */
export async function takePositions(parts: {
  shards: readonly Shard[];
  database: string;
  writers: Writers;
  positions: Positions;
  rollups: Rollups;
  calendar: Calendar;
  folds: string;
  untilMs: number;
}): Promise<KnownDays> {
  const { shards, database, writers, positions, rollups, calendar, folds, untilMs } = parts;
  const stored = await rollups.days();
  await Promise.all(
    shards.map(async (shard, n) => {
      const ends = await readEnds(shard, database, writers.alive);
      for (const writer of writers.alive) positions.follow(n, writer, ends.get(writer) ?? 0);
    }),
  );
  const found = byDay(await signatures(shards, database, false, 0, untilMs), calendar);
  const known: KnownDays = { open: [], closed: [], sealedUntilMs: 0 };
  for (const day of stored.values()) {
    if (!(await holds(day))) continue;
    known.closed.push(day);
    found.delete(day.day);
    if (day.sealed) known.sealedUntilMs = Math.max(known.sealedUntilMs, calendar.startOf(day.day + 1));
  }
  known.open = [...found.keys()].sort((a, b) => a - b);
  return known;

  async function holds(day: StoredDay): Promise<boolean> {
    if (day.sealed) return true;
    if (day.zone !== calendar.zone || day.folds !== folds) return false;
    const rows = found.get(day.day) ?? { facts: 0, versions: 0 };
    if (isSame(rows, day)) return true;
    if (rows.facts < day.facts) return false;
    // Rows that were replaced are not merged away yet: they are counted once.
    const [from, until] = [calendar.startOf(day.day), calendar.startOf(day.day + 1)];
    const exact = byDay(await signatures(shards, database, true, from, until), calendar).get(day.day);
    return exact !== undefined && isSame(exact, day);
  }
}

export function isSame(a: Signature, b: Signature): boolean {
  return a.facts === b.facts && a.versions === b.versions;
}

/** @param quarters by the start of each, epoch ms */
export function byDay(quarters: ReadonlyMap<number, Signature>, calendar: Calendar): Map<number, Signature> {
  const days = new Map<number, Signature>();
  for (const [ms, { facts, versions }] of quarters) {
    const day = calendar.dayOf(ms);
    const known = days.get(day) ?? { facts: 0, versions: 0 };
    days.set(day, { facts: known.facts + facts, versions: known.versions + versions });
  }
  return days;
}

/** What arrived within the time of joins, up to the positions, on all shards; each trace is on one of them. */
export async function recallArrivals(parts: {
  shards: readonly Shard[];
  database: string;
  positions: Positions;
  hearing: Hearing;
  seen: Seen;
  nowMs: number;
  /** Rows at the most. */
  limit: number;
}): Promise<void> {
  const { shards, database, positions, hearing, seen, nowMs, limit } = parts;
  const each = Math.floor(limit / shards.length);
  const found = await Promise.all(
    shards.map((shard) => readArrivals(shard, database, Math.max(0, nowMs - JOIN_MS), each)),
  );
  // Facts may be dated ahead: where not all that came lately is known, they may be stored all the same.
  seen.reaches(found.some((rows) => rows.length >= each) ? nowMs + AHEAD_MS : nowMs);
  for (const [n, rows] of found.entries()) {
    for (const row of rows) {
      if (!positions.covers(n, row.writer, row.seq)) continue;
      if ("link" in row) hearing.link(row.link, nowMs);
      else if ("what" in row) {
        seen.add(row.what, 0);
        if (row.what.before === NEW) hearing.hear(row.what, nowMs);
      }
    }
  }
}

/** The newest state of each bot, channel and inventory. */
export async function readStates(shards: readonly Shard[], database: string): Promise<StateEvent[]> {
  const sql = `SELECT state FROM ${name(database)}.states FINAL`;
  const found = await Promise.all(shards.map((shard) => shard.all(sql, 1)));
  return found.flat().map(([state = "{}"]) => JSON.parse(state) as StateEvent);
}
