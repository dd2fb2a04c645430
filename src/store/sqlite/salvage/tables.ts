import type { DatabaseSync } from "node:sqlite";
import type { Pages } from "./pages.ts";
import { recordsOf, type SqlRecord, type Value } from "./records.ts";

/** A table that is salvaged, as this version's schema has it. */
export interface Table {
  name: string;
  /** Values of columns that a record is too old to have. */
  defaults: Value[];
  /** Where the row id stands among the columns; -1: the table has none of that name. */
  rowColumn: number;
  hasRows: boolean;
}

/** Whether a record can be one of the table. */
export function fits({ defaults, hasRows }: Table, { row, values }: SqlRecord): boolean {
  return (row !== undefined) === hasRows && values.length <= defaults.length;
}

/** The record's values, one for each column. */
export function columnsOf({ defaults, rowColumn }: Table, { row, values }: SqlRecord): Value[] {
  const columns = [...values, ...defaults.slice(values.length)];
  if (rowColumn >= 0 && row !== undefined) columns[rowColumn] = row;
  return columns;
}

export function describeTable(db: DatabaseSync, name: string): Table {
  const columns = db.prepare("SELECT * FROM pragma_table_info(?)").all(name) as {
    type: string;
    pk: number;
    dflt_value: string | null;
  }[];
  const { wr } = db.prepare("SELECT wr FROM pragma_table_list WHERE name = ?").get(name) as { wr: number };
  const hasRows = wr === 0;
  return {
    name,
    hasRows,
    defaults: columns.map(({ dflt_value: value }) => (value === null ? null : Number(value))),
    rowColumn: hasRows ? columns.findIndex(({ pk, type }) => pk === 1 && type === "INTEGER") : -1,
  };
}

/** For each page the root of its tree; 0 where that is not known. Page 1 is the root of the schema's. */
export function rootsOf(pages: Pages): Uint32Array {
  const roots = new Uint32Array(pages.count + 1);
  for (let n = 1; n <= pages.count; n += 1) roots[n] = rootOf(pages, n);
  return roots;
}

/** No tree of four billion pages is higher. */
const HIGHEST = 20;

function rootOf(pages: Pages, page: number): number {
  let n = page;
  for (let height = 0; height < HIGHEST && n !== 1; height += 1) {
    const use = pages.use(n);
    if (use?.type === "root") return n;
    if (use?.type !== "node") return 0;
    n = use.parent;
  }
  return n === 1 ? 1 : 0;
}

/**
 * Which root is which table's: as the file's own schema says. Where that cannot be read it is as in a new file, since
 * tables get their roots in the order in which they are made.
 */
export function tableRoots(pages: Pages, roots: Uint32Array, fresh: DatabaseSync): Map<number, string> {
  const found = new Map<number, string>();
  for (const row of fresh.prepare("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'").all())
    found.set(row["rootpage"] as number, row["name"] as string);
  const own = new Map<number, string>();
  for (let n = 1; n <= pages.count; n += 1) {
    if (roots[n] !== 1) continue;
    for (const record of recordsOf(pages, n)) {
      const [type, name, , root] = record?.values ?? [];
      if (type === "table" && typeof name === "string" && typeof root === "number") own.set(root, name);
    }
  }
  const known = new Set(own.values());
  for (const [root, name] of found) if (!own.has(root) && !known.has(name)) own.set(root, name);
  return own;
}
