import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Batch, Change, Fact, Link, RefusalReason } from "../../contract/fact.ts";
import { NEW } from "../../contract/fact.ts";
import type { StoreHealth } from "../../contract/thread.ts";
import { createCalendar, machineZone } from "../../lib/calendar.ts";
import type { Calendar } from "../../lib/calendar.ts";
import { decide, recall, rejoin } from "../decide.ts";
import type { Arrival, Join, Placed } from "../decide.ts";
import { createJournal } from "../journal.ts";
import { refusal } from "../refuse.ts";
import type { Appended, FactStore } from "../store.ts";
import { createTraces } from "../traces.ts";
import { openDays, reopenDays } from "./days.ts";
import type { DayFolder } from "./days.ts";
import { openDuplicates } from "./duplicates.ts";
import { asUnavailable, guarded } from "./failure.ts";
import { openNames } from "./names.ts";
import { openRetirement } from "./retire.ts";
import type { Retention } from "./retire.ts";
import { openMeta, openDatabase } from "./schema.ts";
import type { Meta } from "./schema.ts";
import { createTransact } from "./transact.ts";
import { openArrivals } from "./arrivals.ts";
import { openWriter } from "./writer.ts";

export interface StoreOptions {
  /** Absolute path of the database; its folder exists. */
  file: string;
  /** Configured time zone, an IANA name; absent: the one kept with the data, at the first start the machine's. */
  zone?: string;
  retention: Retention;
  /** Bytes on disk; 0: no bound. */
  maxBytes: number;
  /** Folds the facts of one day; see `rollups/`. */
  createDayFolder: (day: number) => DayFolder;
  /** Names and versions of all folds: where they differ from those in the file, days are folded anew. */
  folds: string;
  /** Epoch ms of the start: joins reach back 15 min from it. */
  nowMs: number;
  /** Monotonic ms, to time commits and probes. */
  clock: () => number;
  /** Spans and facts held for joins at the most; default 400,000 (some 100 bytes each, about 100,000 turns). */
  joinLimit?: number;
}

const JOIN_LIMIT = 400_000;

interface Written extends Pick<Appended, "changes" | "voided"> {
  placed: Placed[];
}

/**
 * Opens, or makes, the store of one file. Only one process may write it.
 *
 * @throws {BotelError} UNAVAILABLE where it cannot be opened, with a sentence that says what to do
 */
export function createSqliteStore(options: StoreOptions): FactStore {
  const db = openDatabase(options.file);
  try {
    return buildStore(db, options);
  } catch (error) {
    db.close();
    throw asUnavailable(error, options.file);
  }
}

function buildStore(db: DatabaseSync, options: StoreOptions): FactStore {
  const { file, clock } = options;
  const journal = createJournal();
  const transact = createTransact(db, file, journal);
  const meta = openMeta(db);
  const { calendar, run } = transact(() => start(db, meta, options));
  const days = openDays(db, file, meta, calendar, journal);
  const joinLimit = options.joinLimit ?? JOIN_LIMIT;
  const traces = createTraces(journal, joinLimit);
  const arrivals = openArrivals(db, meta);
  const duplicates = openDuplicates(db);
  const writer = openWriter(db);
  const names = openNames(db);
  const health = { taken: {} as Record<string, number>, refused: {} as Record<string, number>, duplicates: 0, late: 0 };
  const joins = { joined: 0, unjoined: 0 };
  const commits = { count: 0, lastMs: 0 };
  const state = { lastRow: arrivals.lastRow };
  const retirement = openRetirement({
    db,
    meta,
    days,
    calendar,
    transact,
    retention: options.retention,
    maxBytes: options.maxBytes,
    walBytes: () => sizeOf(`${file}-wal`),
    lastRow: () => state.lastRow,
  });
  // A fact takes one or two places of the limit.
  for (const { fact, joined } of arrivals.recent(options.nowMs, joinLimit / 2)) {
    recall(traces, journal, fact, joined, options.nowMs);
    journal.keep();
  }

  function append(batches: Batch[], nowMs: number): Appended {
    const began = clock();
    const bounds = { nowMs, keptFromMs: retirement.keptFrom(nowMs), sealedUntilMs: days.sealedUntilMs };
    const refused: number[] = [];
    const reasons: RefusalReason[] = [];
    const facts: Fact[] = [];
    const links: Link[] = [];
    for (const batch of batches) {
      const before = reasons.length;
      for (const fact of batch.facts) {
        const reason = refusal(fact, bounds);
        if (reason === undefined) facts.push(fact);
        else reasons.push(reason);
      }
      refused.push(reasons.length - before);
      links.push(...batch.links);
    }
    const fresh = duplicates.without(facts);
    const arrival = { facts: fresh, links, firstRow: state.lastRow + 1, nowMs };
    const appended = fresh.length === 0 ? undefined : transact(() => write(arrival));
    if (appended === undefined) decide(traces, journal, arrival);
    journal.keep();

    for (const reason of reasons) count(health.refused, reason);
    health.duplicates += facts.length - fresh.length;
    joins.unjoined += traces.expire(nowMs);
    if (appended === undefined) return { commit: commits.count, changes: [], voided: [], refused };
    settle(appended, nowMs);
    commits.lastMs = clock() - began;
    return { commit: commits.count, changes: appended.changes, voided: appended.voided, refused };
  }

  /** Inside the transaction. */
  function write(arrival: Arrival): Written {
    const commit = commits.count + 1;
    const decision = decide(traces, journal, arrival);
    arrivals.mark(arrival.firstRow, arrival.nowMs);
    const changes: Change[] = [];
    for (const placed of decision.placed) {
      const { fact } = placed;
      days.touch(days.dayOf(fact.timeMs), commit);
      writer.insert(placed, retirement.keepsContent(fact.timeMs));
      if (fact.counted) changes.push({ fact: shown(placed), before: NEW });
    }
    names.learn(arrival.facts);
    const voided = new Set<number>();
    for (const change of decision.joins) applyJoin(change, commit, changes, voided);
    for (const fill of decision.bodies) writer.fillBody(fill);
    for (const fill of decision.items) writer.fillItem(fill);
    return { changes, voided: [...voided], placed: decision.placed };
  }

  function applyJoin({ rows, owner }: Join, commit: number, changes: Change[], voided: Set<number>): void {
    for (const row of rows) {
      const stored = writer.read(row);
      if (stored === undefined) continue;
      const day = days.dayOf(stored.fact.timeMs);
      const next = days.isSealed(day) ? undefined : rejoin(stored.fact, stored.joined, owner);
      if (next === undefined) continue;
      writer.setOwner(next);
      days.touch(day, commit);
      if (next.replaced) voided.add(day);
      else if (next.fact.counted) changes.push({ fact: shown(next), before: next.before });
    }
  }

  /** After the commit. */
  function settle({ placed, changes }: Written, nowMs: number): void {
    const today = days.dayOf(nowMs);
    commits.count += 1;
    state.lastRow += placed.length;
    for (const { fact, joined } of placed) {
      duplicates.passed(fact);
      count(health.taken, fact.kind);
      if (days.dayOf(fact.timeMs) < today) health.late += 1;
      if (joined !== 0) joins.joined += 1;
    }
    for (const { before } of changes) if (before !== NEW) joins.joined += 1;
  }

  return {
    append: (batches, nowMs) => guarded(file, () => append(batches, nowMs)),
    foldDay: (day) => days.fold(day, options.createDayFolder(day)),
    closeDay: (day, commit, slices) => transact(() => days.close(day, commit, run, slices)),
    openDays: () => days.open(),
    retire: (nowMs) => guarded(file, () => retirement.step(nowMs)),
    probe() {
      const began = clock();
      const value = (Number(meta.get("probe") ?? 0) + 1) % 1_000_000;
      transact(() => meta.set("probe", value));
      meta.get("probe");
      return clock() - began;
    },
    health: (): StoreHealth => ({
      ...health,
      taken: { ...health.taken },
      refused: { ...health.refused },
      ...joins,
      shed: { ...retirement.shed },
      commits: commits.count,
      lastCommitMs: commits.lastMs,
      bytes: retirement.bytes(),
    }),
    get commit() {
      return commits.count;
    },
    zone: calendar.zone,
    close: () => db.close(),
  };
}

/** Inside a transaction: numbers this start, and opens days again where the zone or the folds are others. */
function start(db: DatabaseSync, meta: Meta, options: StoreOptions): { calendar: Calendar; run: number } {
  const zone = options.zone ?? (meta.get("zone") as string | undefined) ?? machineZone();
  const calendar = createCalendar(zone);
  if (meta.get("zone") !== zone || meta.get("folds") !== options.folds) reopenDays(db, meta, calendar);
  meta.set("zone", zone);
  meta.set("folds", options.folds);
  const run = Number(meta.get("run") ?? 0) + 1;
  meta.set("run", run);
  return { calendar, run };
}

/** A fact as others see it: contents stay on the disk, texts go only with error items. */
function shown({ fact }: Pick<Placed, "fact">): Change["fact"] {
  const texts = fact.errorItem ? undefined : { stack: undefined, errorMessage: undefined };
  if (fact.kind === "tool") return { ...fact, ...texts, args: undefined, result: undefined };
  if (fact.kind === "log") return { ...fact, ...texts, message: fact.errorItem ? fact.message : "", meta: undefined };
  return { ...fact, ...texts };
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
