import type { OwnerKind, StoredFact } from "../contract/fact.ts";
import type { Fold, Json } from "../contract/fold.ts";

/**
 * Rows of numbers by name, held as columns: `table.tokens[table.rows.get("gpt-4")]`. Columns are lean, and are parsed,
 * merged and searched without an object for each row.
 */
export type Table<Column extends string> = {
  names: string[];
  /** Place of each name in `names` and in every column. */
  rows: Map<string, number>;
} & Record<Column, number[]>;

interface TableOptions<Column extends string> extends Pick<Fold<unknown>, "name" | "version" | "needs" | "wholeOnly"> {
  /** How two values of a row become one. */
  columns: Record<Column, "sum" | "max">;
  /** Whose ids the names of the rows are; absent: nobody's. */
  owner?: OwnerKind;
  /** @returns the fact's row, undefined where the fold has no use for the fact */
  rowOf(fact: StoredFact): string | undefined;
  add(table: Table<Column>, row: number, fact: StoredFact): void;
}

type Encoded<Column extends string> = { names: string[] } & Record<Column, number[]>;

/** A fold whose state is a {@link Table}. A new row has 0 in every column. */
export function tableFold<Column extends string>(options: TableOptions<Column>): Fold<Table<Column>> {
  const columns = Object.keys(options.columns) as Column[];

  function zero(): Table<Column> {
    const table = { names: [] as string[], rows: new Map<string, number>() };
    return Object.assign(table, Object.fromEntries(columns.map((column) => [column, []]))) as unknown as Table<Column>;
  }

  function place(table: Table<Column>, name: string): number {
    const known = table.rows.get(name);
    if (known !== undefined) return known;
    const row = table.names.push(name) - 1;
    table.rows.set(name, row);
    for (const column of columns) table[column].push(0);
    return row;
  }

  function combine(table: Table<Column>, other: Encoded<Column>): void {
    const places = other.names.map((name) => place(table, name));
    for (const column of columns) {
      const merge = options.columns[column] === "sum" ? addEach : raiseEach;
      merge(table[column], other[column], places);
    }
  }

  function encode(table: Table<Column>): Json | undefined {
    if (table.names.length === 0) return undefined;
    const names = table.names.toSorted();
    const places = names.map((name) => table.rows.get(name) as number);
    const values = columns.map((column) => [column, places.map((row) => table[column][row] as number)]);
    return { names, ...Object.fromEntries(values) };
  }

  function decode(json: Json): Table<Column> {
    const table = zero();
    combine(table, json as Encoded<Column>);
    return table;
  }

  return {
    name: options.name,
    version: options.version,
    needs: options.needs,
    wholeOnly: options.wholeOnly,
    zero,
    add(table, fact) {
      const name = options.rowOf(fact);
      if (name !== undefined) options.add(table, place(table, name), fact);
    },
    merge: combine,
    encode,
    decode,
    rename(table, kind, from, to) {
      const row = table.rows.get(from);
      if (kind !== options.owner || row === undefined) return;
      table.rows.delete(from);
      table.rows.set(to, row);
      table.names[row] = to;
    },
    absorb: (table, json) => combine(table, json as Encoded<Column>),
    size: (table) => table.names.length,
  };
}

/** Adds to one value of a column. */
export function increase(column: number[], row: number, by: number): void {
  column[row] = (column[row] as number) + by;
}

/** Lifts one value of a column to `to`. */
export function raise(column: number[], row: number, to: number): void {
  if ((column[row] as number) < to) column[row] = to;
}

function addEach(column: number[], values: readonly number[], places: readonly number[]): void {
  for (let i = 0; i < values.length; i += 1) increase(column, places[i] as number, values[i] as number);
}

function raiseEach(column: number[], values: readonly number[], places: readonly number[]): void {
  for (let i = 0; i < values.length; i += 1) raise(column, places[i] as number, values[i] as number);
}
