import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Batch } from "../../contract/fact.ts";
import type { Forgotten, Whom } from "../../contract/thread.ts";
import { createCalendar, machineZone } from "../../lib/calendar.ts";
import type { Calendar } from "../../lib/calendar.ts";
import { recall } from "../decide.ts";
import { createJournal } from "../journal.ts";
import { adopt } from "../owners.ts";
import { createScreen } from "../screen.ts";
import type { PrivacyOptions } from "../screen.ts";
import type { Appended, FactStore, ForgetOptions, ForgetStep } from "../store.ts";
import { createTraces } from "../traces.ts";
import { openAppender } from "./append.ts";
import { openArrivals } from "./arrivals.ts";
import { openDays, reopenDays } from "./days.ts";
import type { DayFolder } from "./days.ts";
import { openEraser } from "./forget.ts";
import type { RenameOwner } from "./forget.ts";
import { bury, forget } from "./forgetting.ts";
import { openExcludedTurns } from "./excluded.ts";
import { asUnavailable, isDamage } from "./failure.ts";
import { openLinks } from "./links.ts";
import { openNames } from "./names.ts";
import { openRetirement } from "./retire.ts";
import type { Retention } from "./retire.ts";
import { openDatabase, openMeta } from "./schema.ts";
import type { Meta } from "./schema.ts";
import { openSpans } from "./spans.ts";
import { createTransact } from "./transact.ts";

export interface StoreOptions {
  /** Absolute path of the database; its folder exists. */
  file: string;
  /** Configured time zone, an IANA name; absent: the one kept with the data, at the first start the machine's. */
  zone?: string;
  retention: Retention;
  /** Bytes on disk; 0: no bound. */
  maxBytes: number;
  /** Whose facts are not kept, and under which ids others are; absent: all are kept as they come. */
  privacy?: PrivacyOptions;
  /** Folds the facts of one day; see `rollups/`. */
  createDayFolder: (day: number) => DayFolder;
  /** Puts another id into a blob; absent: no blob has ids of users and groups. */
  renameOwner?: RenameOwner;
  /** Names and versions of all folds: where they differ from those in the file, days are folded anew. */
  folds: string;
  /** Epoch ms of the start: joins reach back 15 min from it. */
  nowMs: number;
  /** Monotonic ms, to time commits and probes. */
  clock: () => number;
  /** Called where SQLite finds that the file is damaged, each time. */
  damaged?: () => void;
  /** Spans and facts held for joins at the most, about 200 bytes each; default 250,000, some 40,000 turns. */
  joinLimit?: number;
}

const JOIN_LIMIT = 250_000;

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
  const { file, clock, retention, maxBytes, joinLimit = JOIN_LIMIT } = options;
  const journal = createJournal();
  const transact = createTransact(db, file, journal);
  const meta = openMeta(db);
  const { calendar, run } = transact(() => start(db, meta, options));
  const days = openDays(db, file, meta, calendar, journal);
  const traces = createTraces(journal, joinLimit);
  const arrivals = openArrivals(db, meta, journal);
  const links = openLinks(db, journal, joinLimit / 2);
  const spans = openSpans(db, retention.spans ?? retention.facts);
  const screen = createScreen(options.privacy ?? { excludeUsers: [], excludeGroups: [] });
  const excludedTurns = openExcludedTurns(db);
  const names = openNames(db, journal);
  const appender = openAppender({
    db,
    names,
    journal,
    traces,
    arrivals,
    kept: links,
    spans,
    screen,
    excludedTurns,
    meta,
    days,
    retirement: () => retirement,
    transact,
    clock,
  });
  const retirement = openRetirement({
    db,
    meta,
    days,
    calendar,
    spans,
    transact,
    retention,
    maxBytes,
    walBytes: () => sizeOf(`${file}-wal`),
    lastRow: () => appender.lastRow,
  });
  const eraser = openEraser({
    db,
    days,
    run,
    lastRow: () => appender.lastRow,
    forgetName: names.forget,
    renameOwner: options.renameOwner ?? ((slice) => slice),
  });
  // What a kill interrupted is not taken in again before it is gone on with.
  for (const grave of eraser.begun()) bury(screen, grave);
  let recalled = false;

  /** Once, before the first append: a start does not wait for it. */
  function recallAll(): void {
    // A fact takes one or two places of the limit.
    for (const { fact, joined } of arrivals.recent(options.nowMs, joinLimit / 2)) {
      recall(traces, journal, fact, joined, options.nowMs);
      journal.keep();
    }
    for (const turn of excludedTurns.recent(options.nowMs)) {
      adopt(journal, traces.touch(turn.traceId, options.nowMs), turn, true);
      journal.keep();
    }
    // The first to say what a span is wins: `links` knows agents.
    for (const { traceId, spanId, parentId, agent } of [
      ...links.recent(options.nowMs),
      ...spans.recent(options.nowMs, joinLimit / 2),
    ]) {
      traces.place(traces.touch(traceId, options.nowMs), spanId, parentId, agent ? "agent" : "link");
      journal.keep();
    }
    traces.expire(options.nowMs);
    recalled = true;
  }

  function append(batches: Batch[], nowMs: number): Appended {
    if (!recalled) recallAll();
    return appender.append(batches, nowMs);
  }

  function idsOf({ owner, id }: Whom): string[] {
    const pseudonym = options.privacy?.pseudonymOf?.(owner, id);
    return pseudonym === undefined ? [id] : [id, pseudonym];
  }

  function forgetting(whom: Whom, how: ForgetOptions): Generator<ForgetStep, Forgotten> {
    if (!recalled) guarded(recallAll);
    return forget({ db, file, transact, eraser, appender, screen, traces, idsOf }, whom, how);
  }

  function shed(): Record<string, number> {
    return { ...retirement.shed, waitingSpans: traces.waiting.dropped };
  }

  function guarded<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (isDamage(error)) options.damaged?.();
      throw asUnavailable(error, file);
    }
  }

  function* eachGuarded<Step, Result>(steps: Generator<Step, Result>): Generator<Step, Result> {
    try {
      for (;;) {
        const step = guarded(() => steps.next());
        if (step.done) return step.value;
        yield step.value;
      }
    } finally {
      // Whoever stops in between: nothing is left open.
      steps.return(undefined as Result);
    }
  }

  function probe(): number {
    const began = clock();
    const value = (Number(meta.get("probe") ?? 0) + 1) % 1_000_000;
    transact(() => meta.set("probe", value));
    meta.get("probe");
    return clock() - began;
  }

  return {
    append: (batches, nowMs) => guarded(() => append(batches, nowMs)),
    foldDay: (day) => eachGuarded(days.fold(day, options.createDayFolder(day))),
    forget: (whom, how) => eachGuarded(forgetting(whom, how)),
    unforgotten: () => guarded(() => eraser.begun().map(({ owner, id }) => ({ owner, id }))),
    closeDay: (day, commit, slices) => guarded(() => transact(() => days.close(day, commit, run, slices))),
    openDays: () => days.open(),
    retire: (nowMs) => guarded(() => retirement.step(nowMs)),
    probe: () => guarded(probe),
    health: () => ({ ...appender.counts(), shed: shed(), bytes: retirement.bytes() }),
    get commit() {
      return appender.commit;
    },
    get lastRow() {
      return appender.lastRow;
    },
    zone: calendar.zone,
    close() {
      intoTheFile(db);
      db.close();
    },
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

/** After a stop in good order the file alone is the whole database, also where a reader has it open still. */
function intoTheFile(db: DatabaseSync): void {
  try {
    db.exec("PRAGMA busy_timeout = 200; PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // The log beside it holds the rest, and the next start reads both.
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
