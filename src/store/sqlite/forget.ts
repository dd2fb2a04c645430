import { randomBytes } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { OwnerKind } from "../../contract/fact.ts";
import type { Json } from "../../contract/fold.ts";
import type { EncodedSlice, Forgotten, Whom } from "../../contract/thread.ts";
import { mentions } from "../scrub.ts";
import type { Days } from "./days.ts";
import { KIND } from "./schema.ts";

/** What stands in the place of a text that is gone. */
const ERASED = "[erased]";
/** A shorter id is a part of too many texts to be looked for in them. */
const SHORTEST = 5;
/** Rows, and spans, that are looked through in one step: a commit waits some ms for one. */
const STEP = 5000;

/** Puts another id in the place of a user's or a group's; made by `rollups/`. @returns undefined: nobody can read it */
export type RenameOwner = (slice: EncodedSlice, owner: OwnerKind, from: string, to: string) => EncodedSlice | undefined;

/** Runs the work in a transaction of a commit of its own. */
export type Commit = <Result>(work: (commit: number) => Result) => Result;

/** What a forgotten owner was, and is. */
export interface Grave extends Whom {
  tombstone: string;
}

/** Erases owners from the tables; from the file, see `scour.ts`. */
export interface Eraser {
  /** Those that were begun and are not done, also by earlier starts. */
  begun(): Grave[];
  /** Notes that the owner is to be erased; at once, and once only. */
  begin(whom: Whom): Grave;
  /** Step by step, each a transaction. @returns what was erased, and the days whose folds are void */
  erase(grave: Grave, commit: Commit): Generator<void, Omit<Forgotten, "file"> & { voided: number[] }>;
  /** All is gone. */
  end(grave: Grave): void;
}

interface Parts {
  db: DatabaseSync;
  days: Days;
  /** Number of this start. */
  run: number;
  lastRow: () => number;
  forgetName: (owner: OwnerKind, id: string) => boolean;
  renameOwner: RenameOwner;
}

const COLUMN = { user: "user", group: "grp" } as const;

export function openEraser({ db, days, run, lastRow, forgetName, renameOwner }: Parts): Eraser {
  // The id is noted in hex: what looks for it in the file finds it nowhere but where it was left.
  const readBegun = db.prepare("SELECT owner, unhex(id) AS id, tombstone FROM forgetting");
  const noteBegun = db.prepare("INSERT INTO forgetting (owner, id, tombstone) VALUES (?, hex(?), ?)");
  const dropBegun = db.prepare("DELETE FROM forgetting WHERE owner = ? AND id = hex(?)");
  const facts = { user: prepareFacts(db, "user"), group: prepareFacts(db, "group") };
  const texts = prepareTexts(db);
  const spans = prepareSpans(db);
  const blobs = prepareBlobs(db);

  function begun(): Grave[] {
    const rows = readBegun.all() as { owner: OwnerKind; id: Uint8Array; tombstone: string }[];
    return rows.map(({ owner, id, tombstone }) => ({ owner, id: Buffer.from(id).toString("utf8"), tombstone }));
  }

  /** The facts of some rows, and what their texts say. */
  function eraseRows({ owner, id, tombstone }: Grave, from: number, commit: number, counts: Counts): void {
    const rows = facts[owner].find.all(from, from + STEP, id) as unknown as FoundFact[];
    for (const { row, ms, folded } of rows) {
      facts[owner].rename.run(tombstone, row);
      if (folded === 1) counts.change(days.dayOf(ms), commit);
      counts.texts += eraseTexts(row);
    }
    counts.facts += rows.length;
    if (id.length < SHORTEST) return;
    for (const { row, ...found } of texts.find.all(from, from + STEP, id) as unknown as FoundTexts[]) {
      if (Object.values(found).some((text) => text !== null && mentions(text, id))) counts.texts += eraseTexts(row);
    }
  }

  function eraseTexts(row: number): number {
    texts.eraseFill.run(row);
    // A line without a word is a line still; of a call nothing is left.
    return Number(texts.eraseLine.run(ERASED, row).changes) || Number(texts.drop.run(row).changes);
  }

  function* eraseSpans({ id }: Grave, commit: Commit): Generator<void, number> {
    let [erased, from] = [0, 0n];
    while (id.length >= SHORTEST) {
      const next = spans.next.get(from, STEP) as { time: bigint } | undefined;
      const until = next?.time ?? LAST_TIME;
      const found = spans.find.all(from, until, id, id) as unknown as FoundSpan[];
      const named = found.filter(({ name, attributes }) => mentions(name, id) || mentions(attributes ?? "", id));
      if (named.length > 0) {
        commit(() => {
          for (const { time, key } of named) spans.erase.run(ERASED, time, key);
        });
      }
      erased += named.length;
      if (next === undefined) break;
      from = until;
      yield;
    }
    return erased;
  }

  /** A day that has facts loses its blobs, and is folded anew; of a sealed one the blobs are all there is. */
  function eraseBlobs({ owner, id, tombstone }: Grave, day: number, commit: number, counts: Counts): void {
    const rows = blobs.find.all(day, JSON.stringify(id), owner === "group" ? id : null) as unknown as FoundBlob[];
    const renamed = rows.map((row) => {
      const slice = { ...row, state: JSON.parse(row.state) as Json };
      return { row, now: renameOwner(slice, owner, id, tombstone) };
    });
    const changed = renamed.filter(({ row, now }) => {
      return now === undefined || now.selection !== row.selection || JSON.stringify(now.state) !== row.state;
    });
    if (changed.length === 0) return;
    if (!days.isSealed(day)) return counts.change(day, commit);
    for (const { row, now } of changed) {
      blobs.drop.run(row.fold, row.selection, day);
      if (now !== undefined) {
        blobs.put.run(now.fold, now.selection, day, now.version, run, commit, JSON.stringify(now.state));
      }
    }
    blobs.mark.run(run, commit, day);
    counts.voided.add(day);
  }

  return {
    begun,
    begin(whom) {
      const known = begun().find(({ owner, id }) => owner === whom.owner && id === whom.id);
      if (known !== undefined) return known;
      const tombstone = `forgotten-${randomBytes(8).toString("hex")}`;
      noteBegun.run(whom.owner, whom.id, tombstone);
      return { ...whom, tombstone };
    },
    *erase(grave, commit) {
      const counts = createCounts(days);
      const names = commit(() => forgetName(grave.owner, grave.id));
      // Facts that come meanwhile are behind the last row, and are looked through as well.
      for (let from = facts.user.first(); from <= lastRow(); from += STEP) {
        commit((number) => eraseRows(grave, from, number, counts));
        yield;
      }
      counts.texts += yield* eraseSpans(grave, commit);
      for (const day of days.all()) {
        commit((number) => eraseBlobs(grave, day, number, counts));
        yield;
      }
      const voided = [...counts.voided];
      return { facts: counts.facts, texts: counts.texts, names: names ? 1 : 0, days: voided.length, voided };
    },
    end: ({ owner, id }) => void dropBegun.run(owner, id),
  };
}

interface Counts {
  facts: number;
  texts: number;
  voided: Set<number>;
  /** Inside a transaction: what is folded of the day has changed. */
  change(day: number, commit: number): void;
}

function createCounts(days: Days): Counts {
  const voided = new Set<number>();
  return {
    facts: 0,
    texts: 0,
    voided,
    change(day, commit) {
      days.change(day, commit);
      voided.add(day);
    },
  };
}

interface FoundFact {
  row: number;
  ms: number;
  folded: number;
}

function prepareFacts(db: DatabaseSync, owner: OwnerKind) {
  const column = COLUMN[owner];
  const first = db.prepare("SELECT min(row) AS row FROM facts");
  return {
    first: () => (first.get() as { row: number | null }).row ?? 1,
    find: db.prepare(`SELECT row, time / 1000000 AS ms, counted = 1 AND (kind < ${KIND.log} OR item = 1) AS folded
      FROM facts WHERE row >= ? AND row < ? AND ${column} = ?`),
    rename: db.prepare(`UPDATE facts SET ${column} = ? WHERE row = ?`),
  };
}

interface FoundTexts {
  row: number;
  message: string | null;
  stack: string | null;
  meta: string | null;
  args: string | null;
  result: string | null;
  fill: string | null;
}

function prepareTexts(db: DatabaseSync) {
  return {
    find: db.prepare(`SELECT row, b.message, b.stack, b.meta, b.args, b.result, i.stack AS fill
      FROM bodies b LEFT JOIN item_fills i USING (row) WHERE row >= ?1 AND row < ?2 AND (instr(b.message, ?3) > 0
      OR instr(b.stack, ?3) > 0 OR instr(b.meta, ?3) > 0 OR instr(b.args, ?3) > 0 OR instr(b.result, ?3) > 0
      OR instr(i.stack, ?3) > 0)`),
    eraseFill: db.prepare("UPDATE item_fills SET stack = NULL WHERE row = ? AND stack IS NOT NULL"),
    eraseLine: db.prepare(`UPDATE bodies SET message = ?, stack = NULL, meta = NULL
      WHERE row = ? AND row IN (SELECT row FROM facts WHERE row = bodies.row AND kind = ${KIND.log})`),
    drop: db.prepare("DELETE FROM bodies WHERE row = ?"),
  };
}

/** After every time that nanoseconds in 64 bits can say. */
const LAST_TIME = 9_223_372_036_854_775_807n;

interface FoundSpan {
  time: bigint;
  key: Uint8Array;
  name: string;
  attributes: string | null;
}

function prepareSpans(db: DatabaseSync) {
  const inNs = (statement: StatementSync): StatementSync => {
    statement.setReadBigInts(true);
    return statement;
  };
  return {
    next: inNs(db.prepare("SELECT time FROM spans WHERE time > ? ORDER BY time LIMIT 1 OFFSET ?")),
    find: inNs(
      db.prepare(`SELECT time, key, name, attributes FROM spans WHERE time >= ? AND time < ?
        AND (instr(name, ?) > 0 OR instr(attributes, ?) > 0)`),
    ),
    erase: db.prepare("UPDATE spans SET name = ?, attributes = NULL WHERE time = ? AND key = ?"),
  };
}

interface FoundBlob extends Omit<EncodedSlice, "state"> {
  state: string;
}

function prepareBlobs(db: DatabaseSync) {
  return {
    find: db.prepare(`SELECT fold, version, selection, state FROM day_folds INDEXED BY day_folds_by_day
      WHERE day = ? AND (instr(state, ?) > 0 OR selection = ?)`),
    drop: db.prepare("DELETE FROM day_folds WHERE fold = ? AND selection = ? AND day = ?"),
    put: db.prepare(`INSERT INTO day_folds (fold, selection, day, version, run, at_commit, state)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    mark: db.prepare("UPDATE days SET run = ?, at_commit = ? WHERE day = ?"),
  };
}
