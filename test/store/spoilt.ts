// A database to spoil, for tests of what is salvaged of it.
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect } from "vitest";
import { rescue } from "../../src/store/sqlite/salvage/rescue.ts";
import { batch, createWorld, DAY_MS, day, log, message, NOW, request, tool, trace } from "./world.ts";

/** Days 36 to 39 back are sealed when the file is made. */
export const SEALED = { retention: { facts: 35, debugLogs: 90, toolBodies: 90 } };
export const PAGE = 4096;

/** A folder of the test file's own. */
export const folder = mkdtempSync(join(tmpdir(), "botel-salvage-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A database of 1,500 facts; the last 300 of them are in its log. */
export const whole = join(folder, "whole.db");

function makeWhole(): void {
  const world = createWorld();
  const fill = (from: number, to: number): void => {
    world.store.append([batch(...Array.from({ length: to - from }, (_, i) => factNumber(from + i)))], NOW);
  };
  fill(0, 1200);
  for (let ago = 39; ago >= 34; ago -= 1) world.close(day(ago));
  world.restart(SEALED);
  while (world.store.retire(NOW));
  world.restart(SEALED);
  fill(1200, 1500);
  for (const side of ["", "-wal"]) copyFileSync(world.file + side, whole + side);
  world.remove();
}

export function factNumber(n: number) {
  const back = n < 1200 ? n % 40 : n % 30;
  const at = { span: n + 1, trace: trace(n), timeMs: NOW - back * DAY_MS, timeNs: n };
  const user = { userId: `u${n % 50}`, userName: `name ${n % 50}`, groupId: `g${n % 7}`, groupName: `group ${n % 7}` };
  // Some of them are longer than a page.
  if (n % 3 === 0) return tool({ ...at, ...user, args: JSON.stringify(`${n} `.repeat(n % 99 === 0 ? 3000 : 20)) });
  if (n % 3 === 1) return request({ ...at, userId: `u${n % 50}`, failed: n % 9 === 1, errorMessage: `it failed ${n}` });
  return n % 2 === 0 ? message({ ...at, ...user }) : log({ n, timeMs: at.timeMs, timeNs: n, level: "error" });
}

export const TABLES = ["facts", "bodies", "item_fills", "spans", "arrivals", "user_names", "group_names", "meta"];

/** Rows of a table as texts. */
export function rowsOf(file: string, table: string, where = "1"): string[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const statement = db.prepare(`SELECT * FROM ${table} WHERE ${where}`);
    statement.setReadBigInts(true);
    const text = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value));
    return statement.all().map((row) => Object.values(row).map(text).join("|"));
  } finally {
    db.close();
  }
}

/** What a rescue is to keep of the whole file: all but what is made anew. */
export function kept(table: string): string[] {
  if (table === "meta") return rowsOf(whole, "meta", "name <> 'folds'");
  return rowsOf(
    whole,
    table,
    table === "days" || table === "day_folds" ? "day <= (SELECT value FROM meta WHERE name = 'sealed_day')" : "1",
  );
}

export interface Left {
  line: string;
  rows: Record<string, string[]>;
}

/** What is left of a copy of the whole file that was spoilt and rescued. */
export function rescued(spoil: (file: string) => void): Left {
  const own = mkdtempSync(join(folder, "case-"));
  const file = join(own, "facts.db");
  for (const side of ["", "-wal"]) copyFileSync(whole + side, file + side);
  spoil(file);
  const before = readFileSync(file);
  const line = rescue(file, { zone: "UTC", keptDays: 90 });
  expect(line).toContain(`it was moved to ${file}.damaged,`);
  expect(readFileSync(`${file}.damaged`).equals(before)).toBe(true);
  const rows = Object.fromEntries([...TABLES, "days", "day_folds"].map((table) => [table, rowsOf(file, table)]));
  rmSync(own, { recursive: true });
  return { line, rows };
}

export function overwrite(file: string, from: number, to: number): void {
  const bytes = readFileSync(file);
  randomBytes(to - from).copy(bytes, from);
  writeFileSync(file, bytes);
}

/** In few lines where it is not so. */
export function expectSame(left: string[] | undefined, due: string[], what: string): void {
  const [has, wants] = [new Set(left), new Set(due)];
  const missing = due.filter((row) => !has.has(row));
  const more = (left ?? []).filter((row) => !wants.has(row));
  expect({ missing: missing.slice(0, 3), more: more.slice(0, 3) }, what).toEqual({ missing: [], more: [] });
}

export function expectAll({ rows }: Left): void {
  for (const [table, left] of Object.entries(rows)) expectSame(left, kept(table), table);
}

/** Brings the log into the file. */
export function merge(file: string): void {
  const db = new DatabaseSync(file);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

makeWhole();
