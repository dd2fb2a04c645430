import { NEW, ownerOf } from "../../src/contract/fact.ts";
import type { Change, StoredFact } from "../../src/contract/fact.ts";
import type { Fold } from "../../src/contract/fold.ts";
import type { EncodedSlice } from "../../src/contract/thread.ts";
import type { Calendar } from "../../src/lib/calendar.ts";
import { createDayFolder } from "../../src/rollups/day.ts";
import { neededBits } from "../../src/rollups/due.ts";
import type { Days, WindowSource, Windows } from "../../src/rollups/window.ts";
import { GROUPS, IDS, factOf } from "./facts.ts";
import type { Span } from "./facts.ts";

/**
 * A store as the windows see it, in memory: facts, commits, blobs that a late fact deletes, and a port on which its
 * messages wait until they are delivered. What was delivered is folded again, fact by fact, to say what is expected.
 */
export interface Model {
  source: WindowSource;
  connect(windows: Windows): void;
  /** New facts, joins of older ones, and perhaps an owner that is replaced. */
  commit(spans: Span[], joins: number, moved: boolean): void;
  deliver(): Promise<void>;
  /** The store begins to answer a request; {@link answer} sends what was folded then. */
  startFold(): void;
  answer(): void;
  /** Closes an open day. */
  close(): void;
  restart(): Promise<void>;
  /** Delivers and answers until nothing is left to do. */
  finish(): Promise<void>;
  expected(fold: Fold<unknown>, selection: string, days: Days): unknown;
}

interface Blob extends EncodedSlice {
  day: number;
  commit: number;
}

export function createModel(calendar: Calendar): Model {
  const facts: StoredFact[] = [];
  /** As the observer knows them: of the commits that were delivered. */
  const delivered = new Map<number, StoredFact>();
  const closedDays = new Map<number, number>();
  const requests: number[] = [];
  const folding: { day: number; commit: number; slices: EncodedSlice[] }[] = [];
  let blobs: Blob[] = [];
  let port: (() => void)[] = [];
  let commits = 0;
  let windows: Windows;

  const dayOf = (fact: StoredFact): number => calendar.dayOf(fact.timeMs);

  function foldDay(day: number): EncodedSlice[] {
    const folder = createDayFolder(day);
    for (const fact of facts) if (dayOf(fact) === day) folder.add(fact);
    return structuredClone(folder.encode());
  }

  function reopen(day: number): void {
    closedDays.delete(day);
    blobs = blobs.filter((blob) => blob.day !== day);
  }

  function join(fact: StoredFact): Change | undefined {
    if (fact.kind === "message" || ownerOf(fact) === 3) return undefined;
    const now = { ...fact, userId: fact.userId ?? IDS[fact.row % 3], groupId: fact.groupId ?? GROUPS[fact.row % 2] };
    facts[fact.row - 1] = now;
    return { fact: now, before: ownerOf(fact) };
  }

  function commit(spans: Span[], joins: number, moved: boolean): void {
    commits += 1;
    const changes: Change[] = [];
    for (const fact of facts.slice(0, joins)) {
      const change = join(fact);
      if (change !== undefined) changes.push(change);
    }
    for (const span of spans) {
      const fact = factOf(span, calendar, facts.length + 1);
      facts.push(fact);
      changes.push({ fact, before: NEW });
    }
    for (const { fact } of changes) reopen(dayOf(fact));
    const replaced = moved
      ? facts.find((fact) => fact.userId !== undefined && fact.row % 2 === commits % 2)
      : undefined;
    if (replaced !== undefined) {
      facts[replaced.row - 1] = { ...replaced, userId: "other", groupId: "g1" };
      reopen(dayOf(replaced));
    }
    if (changes.length > 0 || replaced !== undefined)
      post(commits, structuredClone(changes), facts[(replaced?.row ?? 0) - 1]);
  }

  function post(number: number, changes: Change[], replaced: StoredFact | undefined): void {
    port.push(() => {
      const voidFirst = number % 2 === 0;
      if (replaced !== undefined && voidFirst) windows.voided(dayOf(replaced), number);
      windows.apply(number, changes);
      if (replaced !== undefined && !voidFirst) windows.voided(dayOf(replaced), number);
      for (const { fact } of changes) delivered.set(fact.row, fact);
      if (replaced !== undefined) delivered.set(replaced.row, replaced);
    });
  }

  function startFold(): void {
    const day = requests.shift();
    if (day !== undefined) folding.push({ day, commit: commits, slices: foldDay(day) });
  }

  function answer(): void {
    const done = folding.shift();
    if (done !== undefined) port.push(() => windows.install(done.day, done.commit, done.slices));
  }

  function close(): void {
    const day = facts.map((fact) => dayOf(fact)).find((day) => !closedDays.has(day));
    if (day === undefined) return;
    const commit = commits;
    closedDays.set(day, commit);
    blobs.push(...foldDay(day).map((slice) => ({ ...slice, day, commit })));
    port.push(() => windows.closed(day, commit));
  }

  async function deliver(): Promise<void> {
    port.shift()?.();
    for (let i = 0; i < 5; i += 1) await Promise.resolve();
  }

  async function restart(): Promise<void> {
    port = [];
    folding.length = 0;
    requests.length = 0;
    commits = 0;
    for (const blob of blobs) blob.commit = 0;
    for (const day of closedDays.keys()) closedDays.set(day, 0);
    for (const fact of facts) delivered.set(fact.row, fact);
    windows.reset(0);
    await deliver();
  }

  async function finish(): Promise<void> {
    while (port.length + requests.length + folding.length > 0) {
      startFold();
      answer();
      await deliver();
    }
  }

  function expected(fold: Fold<unknown>, selection: string, { from = -Infinity, to = Infinity }: Days): unknown {
    const state = fold.zero();
    const needed = neededBits(fold, selection);
    for (const fact of delivered.values()) {
      const day = dayOf(fact);
      if (!fact.counted || day < from || day > to || (ownerOf(fact) & needed) !== needed) continue;
      if (selection === "" || fact.groupId === selection) fold.add(state, fact, day);
    }
    return state;
  }

  const source: WindowSource = {
    dayOf: calendar.dayOf,
    snapshot: (read) => read(),
    days() {
      const days = [...new Set(facts.map((fact) => dayOf(fact)))].sort((a, b) => a - b);
      return days.map((day) => ({ day, closed: closedDays.has(day), commit: closedDays.get(day) ?? 0 }));
    },
    blobs: (fold, selection, from, to) =>
      structuredClone(
        blobs.filter(
          (blob) => blob.fold === fold && blob.selection === selection && blob.day >= from && blob.day <= to,
        ),
      ),
    requestDay: (day) => void requests.push(day),
  };

  return {
    source,
    connect: (to) => void (windows = to),
    commit,
    deliver,
    startFold,
    answer,
    close,
    restart,
    finish,
    expected,
  };
}
