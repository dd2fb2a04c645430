import { randomUUID } from "node:crypto";
import type { Batch } from "../../contract/fact.ts";
import type { StateEvent } from "../../contract/state.ts";
import type { StoreHealth } from "../../contract/thread.ts";
import type { Calendar } from "../../lib/calendar.ts";
import type { Clock } from "../../lib/clock.ts";
import { createJournal } from "../journal.ts";
import type { Bounds } from "../refuse.ts";
import type { Screen } from "../screen.ts";
import type { DayCache } from "../sqlite/day-cache.ts";
import { createTraces } from "../traces.ts";
import { createAppender, type Stored } from "./append.ts";
import { createDays, type ClusterDays } from "./days.ts";
import type { DayFolder } from "./fold.ts";
import { createHearing } from "./hear.ts";
import { createInsist } from "./insist.ts";
import { text } from "./literal.ts";
import { migrateShards } from "./migrations.ts";
import { createPlaces } from "./places.ts";
import { createPositions } from "./positions.ts";
import { retire, type ClusterRetention } from "./retire.ts";
import { createRollups } from "./rollups.ts";
import { createSeen } from "./seen.ts";
import { openShards, unavailable, type ClusterSettings } from "./servers.ts";
import { agree, readStates, recallArrivals, takePositions } from "./start.ts";
import { createTail, type Told } from "./tail.ts";
import { createWrite } from "./write.ts";
import { registerWriter } from "./writers.ts";

export interface ClusterOptions {
  settings: ClusterSettings & { replicated: boolean; cluster?: string };
  /** Configured time zone, an IANA name; absent: the one kept with the data, at the first start the machine's. */
  zone?: string;
  retention: ClusterRetention;
  /** Whose facts are not kept, and under which ids the others are. */
  screen: Screen;
  cache: DayCache;
  createDayFolder: (day: number) => DayFolder;
  /** Names and versions of all folds. */
  folds: string;
  clock: Clock;
  /** A shard failed at what is tried again. */
  failed(error: unknown): void;
}

/**
 * One instance of several that share a cluster. What any of them takes is in ClickHouse, once, before it is acknowledged;
 * and all of them read what any of them wrote, so each answers for all.
 */
export interface Cluster {
  readonly calendar: Calendar;
  /** The newest state of each bot, channel and inventory at the start. */
  readonly states: StateEvent[];
  /** Number of the last look that told something, counted from the start of this process. */
  readonly commit: number;
  readonly days: ClusterDays;
  append(batches: readonly Batch[], states: readonly StateEvent[], nowMs: number): Promise<Stored>;
  /** True where joins wait for the next {@link append}. */
  due(nowMs: number): boolean;
  /** What all instances wrote since; it is a commit of its own where it changes something. */
  look(nowMs: number): Promise<Told>;
  /** Says that we are there, and learns who else is. */
  beat(nowMs: number): Promise<void>;
  /** A real write and read of every shard. @returns its duration in ms. */
  probe(nowMs: number): Promise<number>;
  /** Looks how many bytes there are on the disks of all shards. */
  measure(): Promise<void>;
  /** Drops what is older than its retention, now and then. */
  retire(nowMs: number): Promise<void>;
  health(): StoreHealth;
  /** Gives up what is still tried. */
  stop(): void;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
const JOIN_LIMIT = 250_000;
const RETIRE_MS = 10 * 60_000;
/** The longest that a quarter of an hour may lie ahead: after every time that a fact can have. */
const EVER_MS = 9_223_372_000_000;

/** @throws {BotelError} UNAVAILABLE where a shard is away, or was made by another botel */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { settings, cache, retention, clock } = options;
  const nowMs = clock.now();
  const { database } = settings;
  const shards = openShards(settings);
  try {
    return await build();
  } catch (error) {
    await Promise.all(shards.map((shard) => shard.close()));
    throw error;
  }

  async function build(): Promise<Cluster> {
    await migrateShards(shards, settings, nowMs).catch((error: unknown) => {
      throw unavailable(shards.map(({ url }) => url).join(", "), error);
    });
    const calendar = await agree(shards, database, options.zone, nowMs);
    const writers = await registerWriter(shards, database, randomUUID(), nowMs);
    await writers.beat(nowMs);
    const positions = createPositions(shards.length);
    const rollups = createRollups(shards, database, writers.own);
    const { folds, createDayFolder } = options;
    const start = { shards, database, writers, positions, rollups, calendar, folds, untilMs: EVER_MS };
    const known = await takePositions(start);
    const [journal, seen, places] = [createJournal(), createSeen(), createPlaces()];
    const traces = createTraces(journal, JOIN_LIMIT);
    const sealedUntilMs = (): number => known.sealedUntilMs;
    const hearing = createHearing({ shards, database, traces, journal, places, sealedUntilMs });
    await recallArrivals({ shards, database, positions, hearing, seen, nowMs, limit: JOIN_LIMIT / 2 });
    journal.keep();
    const states = await readStates(shards, database);
    let [commit, joined, unjoined, bytes] = [0, 0, 0, 0];
    let retireAtMs = nowMs + RETIRE_MS;

    const days = createDays({
      shards,
      database,
      calendar,
      cache,
      rollups,
      folds,
      createDayFolder,
      positions,
      seen,
      commit: () => commit,
      isOld,
      clock,
    });
    await days.begin(known);

    /** A writer that is not followed, and did not write lately, wrote before we came; another one is followed from now on. */
    async function isOld(writer: number): Promise<boolean> {
      if (oldWriters.has(writer)) return true;
      await beat(clock.now());
      if (positions.follows(writer)) return false;
      oldWriters.add(writer);
      return true;
    }
    const oldWriters = new Set<number>();

    async function beat(now: number): Promise<void> {
      await writers.beat(now);
      for (const writer of writers.alive) {
        if (oldWriters.has(writer)) continue;
        for (const n of shards.keys()) positions.follow(n, writer, 0);
      }
      if (positions.keep(writers.alive)) days.tryAgain();
    }

    const stopping = new AbortController();
    const insist = createInsist(stopping.signal, options.failed);
    const appender = createAppender({
      shards,
      database,
      writer: writers.own,
      traces,
      journal,
      places,
      positions,
      seen,
      hearing,
      write: createWrite(shards, insist),
      dayOf: calendar.dayOf,
      bounds: (now): Bounds => ({
        nowMs: now,
        keptFromMs: now - retention.facts * DAY_MS,
        sealedUntilMs: sealedUntilMs(),
      }),
      retention,
      screen: options.screen,
      clock: clock.mono,
    });
    const tail = createTail({
      shards,
      database,
      writer: writers.own,
      positions,
      seen,
      hearing,
      journal,
      places,
      commit: () => commit + 1,
      dayOf: calendar.dayOf,
      folded: days.told,
    });

    return {
      calendar,
      states,
      get commit() {
        return commit;
      },
      days,
      append: appender.append,
      due: hearing.due,
      async look(now) {
        const read = await tail.read();
        // What is told and its commit are of one moment: a fold may begin at any other.
        const told = tail.take(read, now);
        unjoined += traces.expire(now);
        if (told.changes.length === 0 && told.voided.length === 0) return told;
        commit += 1;
        if (told.days.size > 0) cache.change(told.days, commit);
        for (const { before } of told.changes) if (before >= 0) joined += 1;
        return told;
      },
      beat,
      async probe(now) {
        const began = clock.mono();
        await beat(now);
        return clock.mono() - began;
      },
      async measure() {
        const sql = `SELECT sum(bytes_on_disk) FROM system.parts WHERE database = ${text(database)} AND active`;
        const found = await Promise.all(shards.map((shard) => shard.all(sql, 1)));
        bytes = found.flat().reduce((sum, [size]) => sum + Number(size), 0);
      },
      async retire(now) {
        if (now < retireAtMs) return;
        retireAtMs = now + RETIRE_MS;
        await retire({ shards, database, calendar, rollups, folds, retention }, now);
      },
      health: () => ({
        ...appender.counts(),
        joined: joined + appender.counts().joined,
        unjoined,
        shed: { waitingSpans: traces.waiting.dropped },
        bytes,
      }),
      stop: () => stopping.abort(),
      async close() {
        stopping.abort();
        await Promise.all(shards.map((shard) => shard.close()));
      },
    };
  }
}
