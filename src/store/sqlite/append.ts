import type { DatabaseSync } from "node:sqlite";
import type { Batch, Change } from "../../contract/fact.ts";
import { NEW } from "../../contract/fact.ts";
import type { StoreHealth } from "../../contract/thread.ts";
import { admit } from "../admit.ts";
import type { Admitted } from "../admit.ts";
import { decide } from "../decide.ts";
import type { Arrival, Decision, Exclusion, Join } from "../decide.ts";
import { rejoin } from "../owners.ts";
import type { Placed } from "../owners.ts";
import type { Journal } from "../journal.ts";
import type { Screen } from "../screen.ts";
import type { Appended } from "../store.ts";
import type { Traces } from "../traces.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Days } from "./days.ts";
import { openDuplicates } from "./duplicates.ts";
import type { ExcludedTurns } from "./excluded.ts";
import type { Commit } from "./forget.ts";
import type { Links } from "./links.ts";
import type { Names } from "./names.ts";
import type { Retirement } from "./retire.ts";
import type { Meta } from "./schema.ts";
import type { Spans } from "./spans.ts";
import type { Transact } from "./transact.ts";
import { openWriter } from "./writer.ts";

export interface Appender {
  append(batches: readonly Batch[], nowMs: number): Appended;
  /** Runs the work in a transaction, as a commit. */
  commitAs: Commit;
  readonly commit: number;
  /** The last row number that was given. */
  readonly lastRow: number;
  counts(): Omit<StoreHealth, "shed" | "bytes">;
}

interface Parts {
  db: DatabaseSync;
  names: Names;
  journal: Journal;
  traces: Traces;
  arrivals: Arrivals;
  kept: Links;
  spans: Spans;
  screen: Screen;
  excludedTurns: ExcludedTurns;
  meta: Meta;
  days: Days;
  retirement: () => Retirement;
  transact: Transact;
  /** Monotonic ms. */
  clock: () => number;
}

/** The way of a batch: admit, decide, write, commit; and only then is it counted and told. */
export function openAppender(parts: Parts): Appender {
  const {
    db,
    names,
    journal,
    traces,
    arrivals,
    kept,
    spans,
    screen,
    excludedTurns,
    meta,
    days,
    retirement,
    transact,
    clock,
  } = parts;
  const duplicates = openDuplicates(db);
  const writer = openWriter(db);
  const counts = {
    taken: {} as Record<string, number>,
    refused: {} as Record<string, number>,
    duplicates: 0,
    excluded: 0,
    late: 0,
    joined: 0,
    unjoined: 0,
    commits: 0,
    lastCommitMs: 0,
  };
  let { lastRow } = arrivals;

  function append(batches: readonly Batch[], nowMs: number): Appended {
    const began = clock();
    const bounds = { nowMs, keptFromMs: retirement().keptFrom(nowMs), sealedUntilMs: days.sealedUntilMs };
    const admitted = admit(batches, bounds, duplicates.look(), screen);
    const { changes, voided, placed, excluded } = store(admitted, nowMs);
    counts.duplicates += admitted.duplicates;
    counts.excluded += admitted.excluded + excluded;
    for (const reason of admitted.reasons) count(counts.refused, reason);
    for (const { before } of changes) if (before !== NEW) counts.joined += 1;
    const today = days.dayOf(nowMs);
    for (const { fact, joined } of placed) {
      count(counts.taken, fact.kind);
      if (days.dayOf(fact.timeMs) < today) counts.late += 1;
      if (joined !== 0) counts.joined += 1;
    }
    counts.unjoined += traces.expire(nowMs);
    counts.lastCommitMs = clock() - began;
    return { commit: counts.commits, changes, voided, refused: admitted.refused, reasons: admitted.reasons };
  }

  /** Commits what is new, if anything is. */
  function store(admitted: Admitted, nowMs: number): Written {
    const { groups, links, excludedTurns: turns, count: fresh } = admitted;
    const arrival: Arrival = { groups, links, excludedTurns: turns, firstRow: lastRow + 1, nowMs };
    if (fresh + turns.length === 0) {
      remember(arrival);
      return { changes: [], voided: [], placed: [], excluded: 0 };
    }
    const written = transact(() => {
      arrivals.mark(arrival.firstRow, nowMs);
      const decision = decide(traces, journal, arrival);
      const result = write(decision, nowMs);
      // Row numbers are never used twice, also where the newest rows are not kept.
      if (result.excluded > 0) meta.set("last_row", lastRow + fresh);
      return result;
    });
    lastRow += fresh;
    counts.commits += 1;
    return written;
  }

  /** Spans that are no facts, alone. */
  function remember(arrival: Arrival): void {
    const { links, nowMs } = arrival;
    if (links.length === 0) return;
    // A transaction that writes nothing costs nothing.
    transact(() => keepLinks(decide(traces, journal, arrival), nowMs));
  }

  /** Each is in one of the two at least, for the next start. */
  function keepLinks({ steps, links }: Decision, nowMs: number): void {
    kept.keep(links, nowMs);
    kept.keep(spans.keep(steps, nowMs), nowMs);
  }

  /** Inside the transaction. */
  function write(decision: Decision, nowMs: number): Written {
    const commit = counts.commits + 1;
    const changes: Change[] = [];
    for (const placed of decision.placed) {
      const { fact } = placed;
      touch(fact, commit);
      writer.insert(placed, retirement().keepsContent(fact.timeMs));
    }
    names.learn(decision.placed, nowMs);
    for (const { fact } of decision.placed) if (fact.counted) changes.push({ fact: bare(fact), before: NEW });
    const voided = new Set<number>();
    for (const join of decision.joins) rejoinAll(join, commit, changes, voided);
    let { excluded } = decision;
    for (const exclusion of decision.exclusions) excluded += removeTurn(exclusion, commit, voided, nowMs);
    for (const fill of decision.bodies) writer.fillBody(fill);
    for (const fill of decision.items) writer.fillItem(fill);
    keepLinks(decision, nowMs);
    return { changes, voided: [...voided], placed: decision.placed, excluded };
  }

  function touch(fact: Placed["fact"], commit: number): void {
    const day = days.dayOf(fact.timeMs);
    if (isFolded(fact)) days.change(day, commit);
    else days.know(day);
  }

  /** What came of an excluded turn before its message. @returns how many facts are gone */
  function removeTurn({ message, rows }: Exclusion, commit: number, voided: Set<number>, nowMs: number): number {
    excludedTurns.keep(message, nowMs);
    let removed = 0;
    for (const row of rows) {
      const fact = writer.read(row)?.fact;
      if (fact === undefined || fact.timeMs < days.sealedUntilMs) continue;
      touch(fact, commit);
      writer.remove(row);
      if (isFolded(fact)) voided.add(days.dayOf(fact.timeMs));
      removed += 1;
    }
    if (removed > 0) spans.removeOf(message);
    return removed;
  }

  function rejoinAll({ rows, owner }: Join, commit: number, changes: Change[], voided: Set<number>): void {
    for (const row of rows) {
      // Its retention may have taken it meanwhile.
      const stored = writer.read(row);
      if (stored === undefined || stored.fact.timeMs < days.sealedUntilMs) continue;
      const now = rejoin(stored.fact, stored.joined, owner);
      if (now === undefined) continue;
      touch(now.fact, commit);
      writer.setOwner(now);
      if (now.replaced && isFolded(now.fact)) voided.add(days.dayOf(now.fact.timeMs));
      else if (!now.replaced && now.fact.counted) changes.push({ fact: bare(now.fact), before: now.before });
    }
  }

  return {
    append,
    commitAs(work) {
      const result = transact(() => work(counts.commits + 1));
      counts.commits += 1;
      return result;
    },
    get commit() {
      return counts.commits;
    },
    get lastRow() {
      return lastRow;
    },
    counts: () => ({ ...counts, taken: { ...counts.taken }, refused: { ...counts.refused } }),
  };
}

interface Written extends Pick<Appended, "changes" | "voided"> {
  placed: Placed[];
  /** Facts that go with an excluded message. */
  excluded: number;
}

/** What no statistic reads changes no day: it may come late without a day being folded anew. */
function isFolded(fact: Placed["fact"]): boolean {
  return fact.counted && (fact.kind !== "log" || fact.errorItem);
}

/** The fact as others see it, changed in place: contents stay on the disk, texts go only with error items. */
function bare(fact: Placed["fact"]): Change["fact"] {
  if (fact.kind === "tool") {
    if (fact.args !== undefined) fact.args = undefined;
    if (fact.result !== undefined) fact.result = undefined;
  } else if (fact.kind === "log") {
    if (fact.meta !== undefined) fact.meta = undefined;
  }
  if (fact.errorItem) return fact;
  if (fact.kind === "log") fact.message = "";
  else if (fact.errorMessage !== undefined) fact.errorMessage = undefined;
  if (fact.kind !== "message" && fact.stack !== undefined) fact.stack = undefined;
  return fact;
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
