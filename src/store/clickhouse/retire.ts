import type { Calendar } from "../../lib/calendar.ts";
import { signatures } from "./fold.ts";
import { list, name, text } from "./literal.ts";
import type { Rollups, StoredDay } from "./rollups.ts";
import type { Shard } from "./servers.ts";
import { byDay, isSame } from "./start.ts";

/** Days of 24 h that things are kept. */
export interface ClusterRetention {
  facts: number;
  debugLogs: number;
  toolBodies: number;
  spans: number;
}

interface Parts {
  shards: readonly Shard[];
  database: string;
  calendar: Calendar;
  rollups: Rollups;
  /** Names and versions of the folds. */
  folds: string;
  retention: ClusterRetention;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** What instances tell each other is read within seconds; a start reads a quarter of an hour. In ms. */
const RECENT_MS = 6 * HOUR_MS;
/** Place of debug lines among the partitions of a date. */
const DEBUG_SHELF = "2";

/**
 * Drops what is older than its retention, by whole partitions; every instance does it, to the same end. A day's facts go only
 * when its rollups hold, which are the truth from then on.
 */
export async function retire(parts: Parts, nowMs: number): Promise<void> {
  const { shards, database, calendar, rollups, retention } = parts;
  const untilMs = (days: number): number => nowMs - days * DAY_MS;
  const sealedUntilMs = await sealUntil(untilMs(retention.facts));
  await Promise.all(shards.map(drop));

  /** @returns the end of the last day whose facts may go */
  async function sealUntil(beforeMs: number): Promise<number> {
    const stored = await rollups.days();
    const found = byDay(await signatures(shards, database, false, 0, beforeMs), calendar);
    let border = beforeMs;
    for (const day of [...found.keys()].sort((a, b) => a - b)) {
      if (calendar.startOf(day + 1) > beforeMs) return Math.min(border, calendar.startOf(day));
      const known = stored.get(day);
      if (known === undefined || !(known.sealed || (await holds(known)))) return calendar.startOf(day);
      if (!known.sealed) await rollups.seal(known, nowMs);
      border = calendar.startOf(day + 1);
    }
    return border;
  }

  async function holds(day: StoredDay): Promise<boolean> {
    if (day.zone !== calendar.zone || day.folds !== parts.folds) return false;
    const [from, until] = [calendar.startOf(day.day), calendar.startOf(day.day + 1)];
    const exact = byDay(await signatures(shards, database, true, from, until), calendar).get(day.day);
    return exact !== undefined && isSame(exact, day);
  }

  async function drop(shard: Shard): Promise<void> {
    const tables = ["facts", "bodies", "contents", "fills", "spans", "recent"];
    const sql = `SELECT DISTINCT table, partition FROM system.parts
      WHERE database = ${text(database)} AND active AND table IN ${list(tables.map(text))}`;
    for (const [table = "", partition = ""] of await shard.all(sql, 2)) {
      if (endOf(table, partition) > borderOf(table, partition)) continue;
      await shard.command(`ALTER TABLE ${name(database)}.${name(table)} DROP PARTITION ${partition}`);
    }
  }

  /** Epoch ms; partitions that end before it may go. */
  function borderOf(table: string, partition: string): number {
    if (table === "recent") return nowMs - RECENT_MS;
    if (table === "spans") return untilMs(retention.spans);
    if (table === "contents") return untilMs(retention.toolBodies);
    const isDebug = /,\s*(\d+)\)$/.exec(partition)?.[1] === DEBUG_SHELF;
    return isDebug ? untilMs(Math.min(retention.debugLogs, retention.facts)) : sealedUntilMs;
  }
}

/** @returns epoch ms; never, where the partition is none of ours */
function endOf(table: string, partition: string): number {
  const [, year, month, day, hour] = /(\d{4})(\d\d)(\d\d)(\d\d)?/.exec(partition) ?? [];
  if (year === undefined) return Infinity;
  const startMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour ?? 0));
  return startMs + (table === "recent" ? HOUR_MS : DAY_MS);
}
