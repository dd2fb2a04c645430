import type { DatabaseSync, StatementSync } from "node:sqlite";
import { createCalendar, machineZone } from "../../../lib/calendar.ts";
import { DAY, KIND, openMeta } from "../schema.ts";
import { openPages, type Pages } from "./pages.ts";
import { isTreePage, recordsOf, type SqlRecord, type Value } from "./records.ts";
import { columnsOf, describeTable, fits, rootsOf, tableRoots, type Table } from "./tables.ts";

/** What was found. */
export interface Salvaged {
  facts: number;
  /** Texts of facts: log lines, stacks, arguments and results. */
  texts: number;
  /** Days whose facts are past their retention, of which only the folds are kept. */
  sealedDays: number;
  /** What could not be read. */
  lostRows: number;
  lostPages: number;
}

/** What a file cannot be asked any more. */
export interface SalvageOptions {
  /** Where the file does not say its own. */
  zone?: string;
  /** Days that facts are kept: one dated further than that from the others is none. */
  keptDays: number;
}

/** Times in it only confirm what the tables of names say. */
const SKIPPED = "name_log";

/**
 * Copies what can be read of a damaged file into a new one: page by page and row by row, without SQLite, which gives up a
 * whole table for one page. Folds of sealed days are taken over; all other days are folded anew out of their facts.
 *
 * @param into empty, with this version's schema
 * @throws SQLite's error where the new file cannot be written
 */
export function salvage(file: string, into: DatabaseSync, options: SalvageOptions): Salvaged {
  const pages = openPages(file);
  try {
    into.exec("BEGIN");
    const found = copyAll(pages, into);
    found.facts -= dropMisdated(into, options.keptDays);
    knowSealed(into, options.zone);
    into.exec("COMMIT");
    return found;
  } finally {
    pages.close();
  }
}

function copyAll(pages: Pages, into: DatabaseSync): Salvaged {
  const roots = rootsOf(pages);
  const names = tableRoots(pages, roots, into);
  const keepers = new Map(tablesOf(into).map((name) => [name, openKeeper(into, name)]));
  const found: Salvaged = { facts: 0, texts: 0, sealedDays: 0, lostRows: 0, lostPages: 0 };

  function copyPage(n: number, keeperOf: (record: SqlRecord) => Keeper | undefined): void {
    for (const record of recordsOf(pages, n)) {
      const keeper = record && keeperOf(record);
      if (record === undefined) found.lostRows += 1;
      else keeper?.keep(record);
    }
  }

  for (const [name, keeper] of keepers) {
    for (let n = 2; n <= pages.count; n += 1) {
      if (roots[n] !== 0 && names.get(roots[n] as number) === name) copyPage(n, () => keeper);
    }
  }
  for (let n = 2; n <= pages.count; n += 1) {
    const page = pages.page(n);
    const use = pages.use(n);
    if (pages.isMap(n) || use?.type === "free" || use?.type.startsWith("overflow")) continue;
    if (page === undefined || !isTreePage(page, n)) found.lostPages += 1;
    else if (use === undefined) copyPage(n, (record) => keepers.get(nameByShape(record)));
  }
  found.facts = keepers.get("facts")?.kept() ?? 0;
  found.texts = keepers.get("bodies")?.kept() ?? 0;
  found.sealedDays = keepers.get("days")?.kept() ?? 0;
  for (const keeper of keepers.values()) found.lostRows += keeper.refused();
  return found;
}

/** Of links between spans, which matter for 15 minutes only, a new file has no table yet. */
function tablesOf(db: DatabaseSync): string[] {
  const rows = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> ?").all(SKIPPED);
  const names = rows.map(({ name }) => String(name));
  // Which days are sealed decides about their folds.
  return names.sort((a, b) => Number(b === "days") - Number(a === "days"));
}

/** Of a page that nothing says the table of: facts and their texts are like no other rows. */
function nameByShape({ row, values }: SqlRecord): string {
  if (row === undefined) return "";
  if (values.length > 20) return "facts";
  return values.length === 6 && values[0] === null ? "bodies" : "";
}

interface Keeper {
  keep(record: SqlRecord): void;
  kept(): number;
  /** Records that are no rows of the table. */
  refused(): number;
}

function openKeeper(db: DatabaseSync, name: string): Keeper {
  const table = describeTable(db, name);
  const insert = db.prepare(`INSERT OR IGNORE INTO ${name} VALUES (${table.defaults.map(() => "?").join(", ")})`);
  const isSealed = db.prepare("SELECT 1 FROM days WHERE day = ?");
  let [kept, refused] = [0, 0];
  return {
    keep(record) {
      const columns = fits(table, record) ? columnsOf(table, record) : undefined;
      if (columns === undefined || !isSound(table, columns)) refused += 1;
      else if (isWanted(table, columns, isSealed)) {
        if (put(insert, columns)) kept += 1;
      }
    },
    kept: () => kept,
    refused: () => refused,
  };
}

/** @returns false where it is there already, or its types are not those of the table */
function put(insert: StatementSync, columns: Value[]): boolean {
  try {
    return insert.run(...columns).changes === 1;
  } catch (error) {
    const CONSTRAINT = 19;
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === CONSTRAINT) return false;
    throw error;
  }
}

const KINDS = new Set<Value | undefined>(Object.values(KIND));

function isSound({ name }: Table, columns: Value[]): boolean {
  const [first, second, third, kind] = columns;
  if (name === "facts") return Number(second) > 0 && third instanceof Uint8Array && KINDS.has(kind);
  if (name === "day_folds") return isJson(columns.at(-1));
  return name !== "meta" || typeof first === "string";
}

function isJson(value: Value | undefined): boolean {
  try {
    JSON.parse(String(value));
    return true;
  } catch {
    return false;
  }
}

/** Days that are not sealed are folded anew; so is all where it is not said of which folds the blobs are. */
function isWanted({ name }: Table, columns: Value[], isSealed: StatementSync): boolean {
  if (name === "meta") return columns[0] !== "folds";
  if (name === "days") return columns[1] === DAY.sealed;
  return name !== "day_folds" || isSealed.get(Number(columns[2])) !== undefined;
}

/** A spoilt time would make a day of its own, years away. @returns how many they were */
function dropMisdated(db: DatabaseSync, keptDays: number): number {
  const middle = "SELECT time FROM facts ORDER BY time LIMIT 1 OFFSET (SELECT count(*) / 2 FROM facts)";
  const ns = `cast(${Math.ceil(keptDays) + 1} AS INTEGER) * 86400000000000`;
  const drop = db.prepare(`DELETE FROM facts WHERE time NOT BETWEEN (${middle}) - ${ns} AND (${middle}) + ${ns}`);
  return Number(drop.run().changes);
}

/** Derived from the days where the page that said it is lost. */
function knowSealed(db: DatabaseSync, zone: string | undefined): void {
  const meta = openMeta(db);
  const { day } = db.prepare("SELECT max(day) AS day FROM days").get() as { day: number | null };
  if (day === null || meta.get("sealed_day") !== undefined) return;
  const calendar = createCalendar(String(meta.get("zone") ?? zone ?? machineZone()));
  meta.set("sealed_day", day);
  meta.set("sealed_until", calendar.startOf(day + 1));
}
