import type { DatabaseSync } from "node:sqlite";
import { GROUP, USER } from "../../contract/fact.ts";
import type { Fact } from "../../contract/fact.ts";
import type { Placed } from "../decide.ts";
import { TIME } from "./rows.ts";

/** Names of users and groups: of the newest fact of all that has one; of equal times the first name (contract §4). */
export interface Names {
  /** Inside the transaction of the facts. */
  learn(placed: readonly Placed[]): void;
}

interface Named {
  timeMs: number;
  timeNs: number;
  name: string;
}

export function openNames(db: DatabaseSync): Names {
  const users = db.prepare(upsertSql("user_names"));
  const groups = db.prepare(upsertSql("group_names"));

  function write(statement: typeof users, named: Map<string, Named[]>): void {
    for (const [id, names] of named)
      for (const { timeMs, timeNs, name } of names) statement.run(id, name, timeMs, timeNs);
  }

  return {
    learn(placed) {
      const [ofUsers, ofGroups] = [new Map<string, Named[]>(), new Map<string, Named[]>()];
      for (const { fact, joined } of placed) {
        // A name that came by a join is the message's, and that one has it at its own time.
        if (fact.userId !== undefined && (joined & USER) === 0) collect(ofUsers, fact.userId, fact.userName, fact);
        if (fact.groupId !== undefined && (joined & GROUP) === 0) collect(ofGroups, fact.groupId, fact.groupName, fact);
      }
      write(users, ofUsers);
      write(groups, ofGroups);
    },
  };
}

/** Keeps the newest only, with all its names where there are several: SQLite orders them, by code points. */
function collect(named: Map<string, Named[]>, id: string, name: string | undefined, { timeMs, timeNs }: Fact): void {
  if (name === undefined || name === "") return;
  const known = named.get(id);
  const newest = known?.[0];
  const age = newest === undefined ? 1 : timeMs - newest.timeMs || timeNs - newest.timeNs;
  if (age > 0) named.set(id, [{ timeMs, timeNs, name }]);
  else if (age === 0 && known?.every((other) => other.name !== name)) known.push({ timeMs, timeNs, name });
}

function upsertSql(table: string): string {
  return `INSERT INTO ${table} (id, name, time) VALUES (?, ?, ${TIME})
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, time = excluded.time
    WHERE excluded.time > time OR (excluded.time = time AND excluded.name < name)`;
}
