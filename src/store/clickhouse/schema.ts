import { name, text } from "./literal.ts";

/** Columns of a table, in order; what has no value is '' (an id is never empty) or -1 (a duration never is). */
type Columns = Readonly<Record<string, string>>;

/** How kinds are stored, as in SQLite. Never renumber. */
export const KIND = { message: 1, request: 2, tool: 3, log: 4 } as const;

/** What of a fact is its identity, the place where it lies, and what makes the newer of two rows of it. */
const IDENTITY = {
  kind: "UInt8",
  /** Nanoseconds since the epoch. */
  time: "Int64",
  /** 48 hex digits. */
  key: "String",
  /** Of two rows of the same fact the higher is true: a join writes the fact again. */
  version: "UInt64",
} as const satisfies Columns;

/** Which instance wrote the row, and as its how many-th: what every instance has read of it is a number a writer. */
const WRITTEN = {
  writer: "UInt32",
  /** Counts up for each writer. */
  seq: "UInt64",
  /** Bits of the owner that were known before; -1 of a new fact. */
  before: "Int16",
} as const satisfies Columns;

/** A fact without its long texts. */
export const FACT_COLUMNS = {
  ...IDENTITY,
  ...WRITTEN,
  /** Orders facts of equal times for pages: about that of their arrival; the same in all rows of a fact. */
  place: "UInt64",
  counted: "UInt8",
  item: "UInt8",
  joined: "UInt8",
  user: "String",
  grp: "String",
  service: "String",
  bot: "String",
  parent: "String",
  duration: "Int64",
  failed: "UInt8",
  error_type: "String",
  platform: "String",
  responses: "UInt64",
  response_wait: "Int64",
  operation: "String",
  provider: "String",
  model: "String",
  channel: "String",
  previous_channel: "String",
  input: "UInt64",
  output: "UInt64",
  cached: "UInt64",
  cache_creation: "UInt64",
  reasoning: "UInt64",
  usage_missing: "UInt8",
  first_chunk: "Int64",
  tool: "String",
  call_id: "String",
  truncated: "UInt8",
  level: "UInt8",
  /** Trace id + span id of a log record. */
  origin: "String",
} as const satisfies Columns;

/** Texts that no statistic reads. */
export const BODY_COLUMNS = {
  ...IDENTITY,
  /** Of a log record, else 0. */
  level: "UInt8",
  message: "Nullable(String)",
  stack: "Nullable(String)",
  meta: "Nullable(String)",
} as const satisfies Columns;

/** Arguments and results of tool calls, which are kept for less time than the calls. */
export const CONTENT_COLUMNS = {
  ...IDENTITY,
  args: "Nullable(String)",
  result: "Nullable(String)",
} as const satisfies Columns;

/**
 * A change as it was written: what every instance reads to know what all have taken. Beside facts there are spans that are
 * no facts (`kind` 0) and states (`kind` 5).
 */
export const RECENT_COLUMNS = {
  /** By the writer's clock. */
  at: "DateTime",
  writer: "UInt32",
  seq: "UInt64",
  kind: "UInt8",
  /** All values of the fact as one text: nobody selects by them, and forty columns cost an insert forty files. */
  line: "String",
} as const satisfies Columns;

/** What later facts of the same span said about an error item. */
export const FILL_COLUMNS = {
  ...IDENTITY,
  stack: "String",
  channel: "String",
  model: "String",
} as const satisfies Columns;

/** Spans that are no facts. */
export const SPAN_COLUMNS = {
  time: "Int64",
  key: "String",
  parent: "String",
  name: "String",
  duration: "Int64",
  failed: "UInt8",
  service: "String",
  attributes: "Nullable(String)",
} as const satisfies Columns;

/** One fold of one selection of a closed day, written together under one number; the day itself is written last. */
export const ROLLUP_COLUMNS = {
  day: "Int32",
  fold: "String",
  selection: "String",
  version: "UInt32",
  /** The higher, the later. */
  written: "UInt64",
  state: "String",
} as const satisfies Columns;

/** A closed day: its rollups hold while the day has just these facts, or for ever where it is sealed. */
export const DAY_COLUMNS = {
  day: "Int32",
  /** The higher, the later. */
  noted: "UInt64",
  /** The number of its rollups, and how many there are. */
  written: "UInt64",
  slices: "UInt32",
  zone: "String",
  /** Names and versions of the folds. */
  folds: "String",
  facts: "UInt64",
  /** Sum of the facts' versions: a fact that was written again is told by it. */
  versions: "UInt64",
  sealed: "UInt8",
} as const satisfies Columns;

/** The newest state of a bot, a channel or an inventory (contract §9), as JSON. */
export const STATE_COLUMNS = { id: "String", time: "UInt64", state: "String" } as const satisfies Columns;

export const NAME_COLUMNS = {
  kind: "UInt8",
  id: "String",
  /** Nanoseconds of the fact that had it. */
  time: "Int64",
  name: "String",
} as const satisfies Columns;

/** Who writes to `recent`: each start of an instance has a number of its own. */
export const INSTANCE_COLUMNS = {
  writer: "UInt32",
  /** Tells two that took the same number at the same moment. */
  id: "String",
  /** Epoch ms of its last beat. */
  beat: "UInt64",
} as const satisfies Columns;

/** Single values of the cluster, as its time zone. */
export const META_COLUMNS = { name: "String", version: "UInt64", value: "String" } as const satisfies Columns;

const VERSION_COLUMNS = { version: "UInt32", at: "DateTime" } as const satisfies Columns;

/** How the tables of a cluster are made. */
export interface Layout {
  database: string;
  /** `Replicated…` engines: the servers need ZooKeeper (or Keeper) and the macros `{shard}` and `{replica}`. */
  replicated: boolean;
  /** As the servers call the cluster: with it there is a Distributed table `all_…` for people. */
  cluster?: string;
}

interface Table {
  columns: Columns;
  engine: "MergeTree" | "ReplacingMergeTree";
  /** Column that makes the newer of two rows. */
  newest?: string;
  partition?: string;
  order: string;
  /** For people: in a Distributed table as well. */
  shown?: boolean;
}

const DATE = "toYYYYMMDD(toDateTime(intDiv(time, 1000000000), 'UTC'))";
/** What is kept for as long goes together, and goes by its partition: calls, log lines, debug lines. */
const SHELF = `(${DATE}, if(kind != 4, 0, if(level = 0, 2, 1)))`;
const ONCE = "(kind, time, key)";

/**
 * The first tables. Neither time zone nor version is in the order of facts: a fact that is written again is found in
 * its place, and replaced there.
 */
const FIRST: Readonly<Record<string, Table>> = {
  facts: { columns: FACT_COLUMNS, ...replacing("version", ONCE), partition: SHELF, shown: true },
  bodies: { columns: BODY_COLUMNS, ...replacing("version", ONCE), partition: SHELF, shown: true },
  contents: { columns: CONTENT_COLUMNS, ...replacing("version", ONCE), partition: DATE, shown: true },
  fills: { columns: FILL_COLUMNS, ...replacing("version", ONCE), partition: DATE },
  spans: { columns: SPAN_COLUMNS, engine: "ReplacingMergeTree", order: "(time, key)", partition: DATE, shown: true },
  recent: {
    columns: RECENT_COLUMNS,
    engine: "MergeTree",
    order: "(writer, seq)",
    partition: "toYYYYMMDD(at, 'UTC') * 100 + toHour(at, 'UTC')",
  },
  rollups: { columns: ROLLUP_COLUMNS, ...replacing("written", "(day, fold, selection)") },
  days: { columns: DAY_COLUMNS, ...replacing("noted", "day") },
  states: { columns: STATE_COLUMNS, ...replacing("time", "id") },
  names: { columns: NAME_COLUMNS, ...replacing("time", "(kind, id, name)") },
  instances: { columns: INSTANCE_COLUMNS, ...replacing("beat", "(writer, id)") },
  meta: { columns: META_COLUMNS, ...replacing("version", "name") },
};

function replacing(newest: string, order: string): Pick<Table, "engine" | "newest" | "order"> {
  return { engine: "ReplacingMergeTree", newest, order };
}

/** Statements that bring the tables of one server to the next version; each may be run twice. */
export type Step = (layout: Layout) => string[];

/** From no table to the newest version. What was released is never changed: the next version is a step at the end. */
export const STEPS: readonly Step[] = [
  (layout) => Object.entries(FIRST).flatMap(([n, table]) => create(n, table, layout)),
];

/** The database, and the table of versions: what there must be to know which steps are due. */
export function foundation(layout: Layout): string[] {
  const versions: Table = { columns: VERSION_COLUMNS, engine: "ReplacingMergeTree", order: "version" };
  return [
    `CREATE DATABASE IF NOT EXISTS ${name(layout.database)}`,
    ...create("schema_versions", versions, { ...layout, cluster: undefined }),
  ];
}

/** @returns the whole DDL as the newest version makes it, for whoever makes the tables by hand. */
export function ddl(layout: Layout): string[] {
  return [...foundation(layout), ...STEPS.flatMap((step) => step(layout))];
}

function create(tableName: string, table: Table, layout: Layout): string[] {
  const { columns, partition, order, shown = false } = table;
  const place = `${name(layout.database)}.${name(tableName)}`;
  const lines = Object.entries(columns).map(([column, type]) => `  ${name(column)} ${type}`);
  const local = [
    `CREATE TABLE IF NOT EXISTS ${place} (\n${lines.join(",\n")}\n)`,
    `ENGINE = ${engineOf(tableName, table, layout)}`,
    ...(partition === undefined ? [] : [`PARTITION BY ${partition}`]),
    `ORDER BY ${order}`,
  ].join("\n");
  if (!shown || layout.cluster === undefined) return [local];
  const { cluster, database } = layout;
  const all = `${name(database)}.${name(`all_${tableName}`)}`;
  const engine = `Distributed(${text(cluster)}, ${text(database)}, ${text(tableName)})`;
  return [local, `CREATE TABLE IF NOT EXISTS ${all} AS ${place}\nENGINE = ${engine}`];
}

function engineOf(tableName: string, { engine, newest }: Table, { database, replicated }: Layout): string {
  const own = newest === undefined ? [] : [newest];
  if (!replicated) return `${engine}(${own.join(", ")})`;
  const path = text(`/clickhouse/tables/{shard}/${database}/${tableName}`);
  return `Replicated${engine}(${[path, "'{replica}'", ...own].join(", ")})`;
}
