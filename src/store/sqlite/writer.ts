import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { StoredFact } from "../../contract/fact.ts";
import type { BodyFill } from "../decide.ts";
import type { ItemFill } from "../items.ts";
import type { Placed } from "../owners.ts";
import { bodyValues, factOf, factValues, INSERT_BODY, insertSql, prepareRead, READ_ROW } from "./rows.ts";

/** The statements that write what was decided; each inside the transaction of an append. */
export interface Writer {
  /** @param keepContent false: neither arguments nor result of a tool call are kept */
  insert(placed: Placed, keepContent: boolean): void;
  /** @returns the fact as it is stored, and the bits of its owner that came from its turn's message. */
  read(row: number): { fact: StoredFact; joined: number } | undefined;
  setOwner(placed: Placed): void;
  fillBody(fill: BodyFill): void;
  fillItem(fill: ItemFill): void;
  /** Takes the fact out, with all that belongs to it. */
  remove(row: number): void;
}

export function openWriter(db: DatabaseSync): Writer {
  const inserts = {
    message: db.prepare(insertSql("message")),
    request: db.prepare(insertSql("request")),
    tool: db.prepare(insertSql("tool")),
    log: db.prepare(insertSql("log")),
  };
  const insertBody = db.prepare(INSERT_BODY);
  const values: SQLInputValue[] = [];
  const read = prepareRead(db, READ_ROW);
  const removals = ["facts", "bodies", "item_fills"].map((table) => db.prepare(`DELETE FROM ${table} WHERE row = ?`));
  const setOwner = db.prepare("UPDATE facts SET user = ?, grp = ?, joined = ? WHERE row = ?");
  const setTruncated = db.prepare("UPDATE facts SET truncated = 1 WHERE row = ?");
  const failed = db.prepare("SELECT failed FROM facts WHERE row = ?");
  const fillBody =
    db.prepare(`${INSERT_BODY} ON CONFLICT (row) DO UPDATE SET message = coalesce(message, excluded.message),
    stack = coalesce(stack, excluded.stack), args = coalesce(args, excluded.args),
    result = coalesce(result, excluded.result)`);
  const fillItem = db.prepare(`INSERT INTO item_fills (row, stack, channel, model) VALUES (?, ?, ?, ?)
    ON CONFLICT (row) DO UPDATE SET stack = coalesce(stack, excluded.stack),
    channel = coalesce(channel, excluded.channel), model = coalesce(model, excluded.model)`);

  return {
    insert(placed, keepContent) {
      inserts[placed.fact.kind].run(...factValues(placed, values));
      const body = bodyValues(placed.fact, keepContent);
      if (body !== undefined) insertBody.run(...body);
    },
    read(row) {
      const found: unknown = read.get(row);
      return found === undefined ? undefined : factOf(found);
    },
    setOwner({ fact, joined }) {
      setOwner.run(fact.userId ?? null, fact.groupId ?? null, joined, fact.row);
    },
    fillBody({ row, outer }) {
      const inner = failed.get(row) as { failed: number } | undefined;
      if (inner === undefined) return;
      const [message, stack] = inner.failed === 1 ? [outer.errorMessage, outer.stack] : [];
      const [args, result] = outer.kind === "tool" ? [outer.args, outer.result] : [];
      if ((message ?? stack ?? args ?? result) === undefined) return;
      fillBody.run(row, message ?? null, stack ?? null, null, args ?? null, result ?? null);
      if (outer.kind === "tool" && outer.truncated) setTruncated.run(row);
    },
    fillItem({ row, stack, channel, model }) {
      fillItem.run(row, stack ?? null, channel ?? null, model ?? null);
    },
    remove(row) {
      for (const removal of removals) removal.run(row);
    },
  };
}
