import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { BotelError } from "../../contract/errors.ts";
import { asUnavailable, isUnopenable } from "./failure.ts";

/** How kinds, levels and states of days are stored. Never renumber. */
export const KIND = { message: 1, request: 2, tool: 3, log: 4 } as const;
export const LEVELS = ["debug", "info", "warn", "error"] as const;
export const DAY = { open: 0, closed: 1, sealed: 2 } as const;

/**
 * `facts.row` is the order of arrival. `time` is in nanoseconds, so that one integer orders all facts; `key` besides it
 * is what "exactly once" stands on: with the time in front, an insert dirties the same pages as the ones before it.
 * There is no index on the trace: it halves the ingest.
 *
 * Texts that no statistic reads are in `bodies`, so that folding a day does not read them.
 */
const FIRST_SCHEMA = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE facts (
  row INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  key BLOB NOT NULL,
  kind INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  item INTEGER NOT NULL,
  joined INTEGER NOT NULL,
  user TEXT,
  grp TEXT,
  duration INTEGER,
  failed INTEGER,
  error_type TEXT,
  platform TEXT,
  responses INTEGER,
  operation TEXT,
  provider TEXT,
  model TEXT,
  channel TEXT,
  input INTEGER,
  output INTEGER,
  cached INTEGER,
  cache_creation INTEGER,
  reasoning INTEGER,
  usage_missing INTEGER,
  first_chunk INTEGER,
  tool TEXT,
  level INTEGER,
  parent BLOB,
  origin BLOB,
  service TEXT,
  bot TEXT,
  call_id TEXT,
  truncated INTEGER
) STRICT;
CREATE UNIQUE INDEX facts_once ON facts (time, key);
CREATE INDEX logs_by_level ON facts (level, time) WHERE kind = 4;
CREATE INDEX error_items ON facts (time) WHERE item = 1;
CREATE INDEX tools_by_time ON facts (failed, time) WHERE kind = 3 AND counted = 1;
CREATE INDEX tools_by_name ON facts (tool, failed, time) WHERE kind = 3 AND counted = 1;
CREATE INDEX tools_by_user ON facts (user, failed, time, tool) WHERE kind = 3 AND counted = 1;

CREATE TABLE bodies (
  row INTEGER PRIMARY KEY,
  message TEXT,
  stack TEXT,
  meta TEXT,
  args TEXT,
  result TEXT
) STRICT;

-- What later facts of the same span said about an error item.
CREATE TABLE item_fills (row INTEGER PRIMARY KEY, stack TEXT, channel TEXT, model TEXT) STRICT;

-- From this row on, facts arrived at that time (epoch ms) or later; one row a minute, of the last minutes only.
CREATE TABLE arrivals (row INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;

CREATE TABLE user_names (id TEXT PRIMARY KEY, name TEXT NOT NULL, time INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE group_names (id TEXT PRIMARY KEY, name TEXT NOT NULL, time INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- Times of facts that confirmed a name since the last round, as JSON: [[id, ms, ns], …] of users, then of groups.
CREATE TABLE name_log (names TEXT NOT NULL) STRICT;

CREATE TABLE days (day INTEGER PRIMARY KEY, state INTEGER NOT NULL) STRICT;
CREATE TABLE day_folds (
  fold TEXT NOT NULL,
  selection TEXT NOT NULL,
  day INTEGER NOT NULL,
  version INTEGER NOT NULL,
  run INTEGER NOT NULL,
  at_commit INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (fold, selection, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX day_folds_by_day ON day_folds (day);
`;

/** How long a message waited for its response (ns), and the channel that a request was made instead of. */
const WAIT_AND_FAILOVER = `
ALTER TABLE facts ADD COLUMN response_wait INTEGER;
ALTER TABLE facts ADD COLUMN previous_channel TEXT;
`;

/** Spans that are no facts, in the order of their end; see `spans.ts`. */
const SPANS = `
CREATE TABLE spans (
  time INTEGER NOT NULL,
  key BLOB NOT NULL,
  parent BLOB,
  name TEXT NOT NULL,
  duration INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  service TEXT,
  attributes TEXT,
  PRIMARY KEY (time, key)
) STRICT, WITHOUT ROWID;
`;

/** Of a closed day: as of which commit of which start its blobs are. */
const CLOSED_AT = `
ALTER TABLE days ADD COLUMN run INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN at_commit INTEGER NOT NULL DEFAULT 0;
`;

/** Ids and times of messages that are not kept, of the last minutes; see `excluded.ts`. */
const EXCLUDED_TURNS = `
CREATE TABLE excluded_turns (
  at INTEGER NOT NULL,
  trace BLOB NOT NULL,
  span BLOB NOT NULL,
  time INTEGER NOT NULL,
  duration INTEGER NOT NULL,
  PRIMARY KEY (at, trace, span)
) STRICT, WITHOUT ROWID;
`;

/** Whom the store is about to forget: a kill must not leave half of somebody. The id is in hex; see `forget.ts`. */
const FORGETTING = `
CREATE TABLE forgetting (
  owner TEXT NOT NULL,
  id TEXT NOT NULL,
  tombstone TEXT NOT NULL,
  PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
`;

/** Each brings the schema from its place in the list to the next version. */
const MIGRATIONS: readonly string[] = [FIRST_SCHEMA, WAIT_AND_FAILOVER, SPANS, CLOSED_AT, EXCLUDED_TURNS, FORGETTING];

const BUSY_TIMEOUT_MS = 5000;

/**
 * The writer's connection; the file is made where there is none, and brought to this version's schema.
 *
 * @throws {BotelError} UNAVAILABLE where the file cannot be opened, is damaged, or was written by a newer botel
 */
export function openDatabase(file: string): DatabaseSync {
  try {
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: false });
    try {
      // Only before the first table; an older file keeps what it has.
      db.exec("PRAGMA auto_vacuum = INCREMENTAL");
      db.exec(WRITER_PRAGMAS);
      migrate(db, file);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw asUnavailable(error, file);
  }
}

/**
 * Durable at every commit; a checkpoint only every 16 MB, since each one writes the same hot pages again. What is deleted is
 * overwritten where its page is written anyway: it costs nothing that can be measured, and who is forgotten leaves few
 * copies behind (`scour.ts`).
 */
export const WRITER_PRAGMAS = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA journal_size_limit = 33554432;
PRAGMA cache_size = -16000;
PRAGMA temp_store = MEMORY;
PRAGMA secure_delete = FAST;
`;

/**
 * A connection that cannot write, of a file that a writer has opened before.
 *
 * @throws {BotelError} UNAVAILABLE
 */
export function openReadOnly(file: string): DatabaseSync {
  try {
    const db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      db.exec("PRAGMA schema_version");
      return db;
    } catch (error) {
      db.close();
      if (!isUnopenable(error) || existsSync(`${file}-wal`)) throw error;
      // A disk that nobody writes on has no place for the log that SQLite would make: the file alone is all there is.
      return new DatabaseSync(new URL(`${pathToFileURL(file).href}?immutable=1`), { readOnly: true });
    }
  } catch (error) {
    throw asUnavailable(error, file);
  }
}

function migrate(db: DatabaseSync, file: string): void {
  const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version > MIGRATIONS.length) {
    throw new BotelError(
      "UNAVAILABLE",
      `The database ${file} has schema version ${version}, this botel knows up to ${MIGRATIONS.length}: ` +
        "start the botel that wrote it, or a newer one.",
    );
  }
  if (version === MIGRATIONS.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** Single values that are kept with the facts. */
export interface Meta {
  get(name: MetaName): string | number | undefined;
  set(name: MetaName, value: string | number): void;
}

export type MetaName =
  /** Number of this start of the writer. */
  | "run"
  | "zone"
  /** Names and versions of the folds that the blobs hold. */
  | "folds"
  /** The last row number that was given, where its row may be gone. */
  | "last_row"
  /** Raw facts before this time (epoch ms) are gone or going. */
  | "sealed_until"
  /** The newest sealed day. */
  | "sealed_day"
  /** Arguments and results before this time (epoch ms) are gone. */
  | "bodies_from"
  | "probe";

export function openMeta(db: DatabaseSync): Meta {
  const read = db.prepare("SELECT value FROM meta WHERE name = ?");
  const write = db.prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
  return {
    get: (name) => (read.get(name) as { value: string | number } | undefined)?.value,
    set: (name, value) => {
      write.run(name, value);
    },
  };
}
