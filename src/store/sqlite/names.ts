import type { DatabaseSync } from "node:sqlite";
import { GROUP, USER } from "../../contract/fact.ts";
import type { FactBase, OwnerKind } from "../../contract/fact.ts";
import { compareCodePoints } from "../../lib/order.ts";
import type { Placed } from "../owners.ts";
import type { Journal } from "../journal.ts";
import { TIME } from "./rows.ts";

/** Names of users and groups: of the newest fact of all that has one; of equal times the first name (contract §4). */
export interface Names {
  /** Inside the transaction of the facts. */
  learn(placed: readonly Placed[], nowMs: number): void;
  /** Inside a transaction. @returns whether there was a name */
  forget(owner: OwnerKind, id: string): boolean;
}

/** A name, and the time of the newest fact that has it; not changed once it is known. */
interface Named {
  name: string;
  timeMs: number;
  timeNs: number;
  /** The time is in the log, not yet in the table. */
  confirmed?: boolean;
}

/** Whose name, as it is in the table, a fact of that time has too. */
type Confirmed = [id: string, timeMs: number, timeNs: number];

/**
 * The name tables are true at every commit, but for the times in them: nearly every fact only confirms a name, and to
 * write its time would touch as many pages as the facts do. What was confirmed is logged in one row a commit, and goes
 * to the tables once a minute.
 */
export function openNames(db: DatabaseSync, journal: Journal): Names {
  const tables = [openTable(db, "user_names", journal), openTable(db, "group_names", journal)] as const;
  const log = db.prepare("INSERT INTO name_log (names) VALUES (?)");
  const clearLog = db.prepare("DELETE FROM name_log");
  const round = { sinceMs: 0 };
  for (const { names } of db.prepare("SELECT names FROM name_log ORDER BY rowid").all() as { names: string }[]) {
    for (const [table, confirmed] of (JSON.parse(names) as Confirmed[][]).entries()) {
      for (const one of confirmed) tables[table]?.recall(one);
    }
  }
  journal.keep();

  function flush(nowMs: number): void {
    for (const table of tables) table.flush();
    clearLog.run();
    journal.set(round, "sinceMs", nowMs);
  }

  return {
    forget(owner, id) {
      // With the log and what is held in memory, which have the id too.
      flush(round.sinceMs);
      return tables[owner === "user" ? 0 : 1].forget(id);
    },
    learn(placed, nowMs) {
      const [ofUsers, ofGroups] = newest(placed);
      const confirmed = [tables[0].learn(ofUsers), tables[1].learn(ofGroups)];
      const isFull = tables.some((table) => table.size() > MAX_KNOWN);
      if (isFull || Math.abs(nowMs - round.sinceMs) >= FLUSH_MS) flush(nowMs);
      else if (confirmed.some((list) => list.length > 0)) log.run(JSON.stringify(confirmed));
    },
  };
}

const FLUSH_MS = 60_000;
/** Names held in memory. */
const MAX_KNOWN = 10_000;

interface NameTable {
  /** Writes names that are new. @returns those that were only confirmed */
  learn(heard: Map<string, Named>): Confirmed[];
  /** Takes what was confirmed before this start. */
  recall(confirmed: Confirmed): void;
  forget(id: string): boolean;
  /** Writes the times of all that was confirmed, and forgets. */
  flush(): void;
  size(): number;
}

function openTable(db: DatabaseSync, table: string, journal: Journal): NameTable {
  const find = db.prepare(`SELECT name, time / 1000000 AS timeMs, time % 1000000 AS timeNs FROM ${table} WHERE id = ?`);
  const write = db.prepare(`INSERT INTO ${table} (id, name, time) VALUES (?, ?, ${TIME})
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, time = excluded.time`);
  const remove = db.prepare(`DELETE FROM ${table} WHERE id = ?`);
  const held = { known: new Map<string, Named>() };

  function confirm(id: string, named: Named): void {
    named.confirmed = true;
    journal.put(held.known, id, named);
  }

  return {
    learn(heard) {
      const confirmed: Confirmed[] = [];
      for (const [id, named] of heard) {
        const known = held.known.get(id) ?? (find.get(id) as Named | undefined);
        if (known !== undefined && !isAfter(named, known)) {
          if (!held.known.has(id)) journal.put(held.known, id, known);
        } else if (known?.name === named.name) {
          confirm(id, named);
          confirmed.push([id, named.timeMs, named.timeNs]);
        } else {
          write.run(id, named.name, named.timeMs, named.timeNs);
          journal.put(held.known, id, named);
        }
      }
      return confirmed;
    },
    recall([id, timeMs, timeNs]) {
      const known = find.get(id) as Named | undefined;
      // What is in the table may be of later than the log: another name came after this one was confirmed.
      if (known !== undefined && isAfter({ name: known.name, timeMs, timeNs }, known))
        confirm(id, { name: known.name, timeMs, timeNs });
    },
    flush() {
      for (const [id, { name, timeMs, timeNs, confirmed }] of held.known)
        if (confirmed) write.run(id, name, timeMs, timeNs);
      journal.set(held, "known", new Map());
    },
    forget: (id) => Number(remove.run(id).changes) > 0,
    size: () => held.known.size,
  };
}

/** @returns the newest name of each user, and of each group, that the facts themselves have. */
function newest(placed: readonly Placed[]): [users: Map<string, Named>, groups: Map<string, Named>] {
  const [users, groups] = [createHeard(), createHeard()];
  for (const { fact, joined } of placed) {
    const { userId, userName, groupId, groupName } = fact;
    // A name that came by a join is the message's, and that one has it at its own time.
    if (userId !== undefined && userName && (joined & USER) === 0) users.hear(userId, userName, fact);
    if (groupId !== undefined && groupName && (joined & GROUP) === 0) groups.hear(groupId, groupName, fact);
  }
  return [users.newest, groups.newest];
}

function createHeard() {
  const newest = new Map<string, Named>();
  let [lastId, last]: [string | undefined, Named | undefined] = [undefined, undefined];

  function hear(id: string, name: string, { timeMs, timeNs }: FactBase): void {
    // Facts of one turn mostly come in a row.
    if (id !== lastId) [lastId, last] = [id, newest.get(id)];
    if (last === undefined) newest.set(id, (last = { name, timeMs, timeNs }));
    else if (isAfter({ name, timeMs, timeNs }, last)) {
      last.name = name;
      last.timeMs = timeMs;
      last.timeNs = timeNs;
    }
  }

  return { newest, hear };
}

/** The later time wins; of equal times the name that comes first. */
function isAfter(a: Named, b: Named): boolean {
  const later = a.timeMs - b.timeMs || a.timeNs - b.timeNs;
  return later > 0 || (later === 0 && a.name !== b.name && compareCodePoints(a.name, b.name) < 0);
}
