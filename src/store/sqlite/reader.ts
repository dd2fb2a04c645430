import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { Json } from "../../contract/fold.ts";
import type {
  Before,
  DayBlob,
  ErrorItem,
  FactReader,
  LogLine,
  LogQuery,
  Page,
  PageQuery,
  ToolLine,
  ToolLogQuery,
} from "../reader.ts";
import { guarded, isDamage } from "./failure.ts";
import { DAY, KIND, LEVELS, openReadOnly } from "./schema.ts";
import { factOf, prepareRead, READ_ARRIVALS, TIME } from "./rows.ts";
import { readRequests, readRequestTotals } from "./requests.ts";
import { openTraceReader } from "./trace.ts";

const MOST_ARRIVALS = 10_000;

/**
 * Opens the reader of a database that a store has open, or had.
 *
 * @param damaged called where a read finds that the file is damaged, each time
 * @throws {BotelError} UNAVAILABLE where it cannot be opened; its methods throw the same where it cannot be read
 */
export function openReader(file: string, damaged?: () => void): FactReader {
  let db = openReadOnly(file);
  const statements = new Map<string, StatementSync>();
  let readTrace: ReturnType<typeof openTraceReader> | undefined;

  function watched<Result>(read: () => Result): Result {
    try {
      return guarded(file, read);
    } catch (error) {
      if (isDamage(error)) damaged?.();
      throw error;
    }
  }

  function all<Row>(sql: string, values: SQLInputValue[]): Row[] {
    return watched(() => {
      let statement = statements.get(sql);
      if (statement === undefined) {
        statement = db.prepare(sql);
        statements.set(sql, statement);
      }
      return statement.all(...values) as Row[];
    });
  }

  return {
    snapshot(read) {
      if (db.isTransaction) return read();
      watched(() => db.exec("BEGIN"));
      try {
        return read();
      } finally {
        db.exec("COMMIT");
      }
    },
    days() {
      const rows = all<{ day: number; state: number; commit: number }>(DAYS, []);
      return rows.map(({ state, ...day }) => ({ ...day, closed: state !== DAY.open }));
    },
    blobs(fold, selection, from, to) {
      const rows = all<Omit<DayBlob, "state"> & { state: string }>(BLOBS, [fold, selection, from, to]);
      return rows.map((row) => ({ ...row, state: JSON.parse(row.state) as Json }));
    },
    userNames: (ids) => names(all(namesSql("user_names"), [JSON.stringify(ids)])),
    groupNames: (ids) => names(all(namesSql("group_names"), [JSON.stringify(ids)])),
    logs: (query) => page(query, all(...logsSql(query)), logLine),
    toolLogs: (query) => page(query, all(...toolsSql(query)), toolLine),
    errors: (query) => page(query, all(...errorsSql(query)), errorItem),
    trace: (traceId, atMs) => watched(() => (readTrace ??= openTraceReader(db))(traceId, atMs)),
    requests: (query) => watched(() => readRequests(db, query)),
    requestTotals: (fromMs, toMs) => watched(() => readRequestTotals(db, fromMs, toMs)),
    arrivals(row, upTo) {
      const rows = watched(() => prepareRead(db, READ_ARRIVALS).all(row, upTo, MOST_ARRIVALS));
      return rows.map((each) => factOf(each).fact).toReversed();
    },
    reopen() {
      // First: where it cannot be opened, reads go on in what there was.
      const fresh = openReadOnly(file);
      db.close();
      statements.clear();
      readTrace = undefined;
      db = fresh;
    },
    close: () => db.close(),
  };
}

/** Commits of earlier starts are no commits of this one. */
const COMMIT = `CASE WHEN run = (SELECT value FROM meta WHERE name = 'run') THEN at_commit ELSE 0 END AS "commit"`;

const DAYS = `SELECT day, state, ${COMMIT} FROM days ORDER BY day`;

const BLOBS = `SELECT day, version, state, ${COMMIT}
  FROM day_folds WHERE fold = ? AND selection = ? AND day BETWEEN ? AND ?`;

function namesSql(table: string): string {
  return `SELECT id, name FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`;
}

function names(rows: { id: string; name: string }[]): Map<string, string> {
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** One range of one index, which has its rows in the order of time and row already. */
interface Range {
  index: string;
  where: string;
  values: SQLInputValue[];
}

/**
 * A page is merged out of the newest rows of each range: however few rows match, nothing is scanned. Rows are chosen in
 * the indexes alone, and only those of the page are read.
 */
function pageSql(ranges: Range[], columns: string, query: PageQuery): [string, SQLInputValue[]] {
  const place = placeOf(query.before);
  const parts = ranges.map(({ index, where }) => {
    return `SELECT * FROM (SELECT row, time FROM facts INDEXED BY ${index}
      WHERE ${where} AND (time, row) < (${TIME}, ?) ORDER BY time DESC, row DESC LIMIT ?)`;
  });
  const limit = query.limit + 1;
  const values = ranges.flatMap((range) => [...range.values, ...place, limit]);
  const sql = `SELECT ${columns} FROM (${parts.join(" UNION ALL ")} ORDER BY time DESC, row DESC LIMIT ?) AS page
    JOIN facts f ON f.row = page.row LEFT JOIN bodies b ON b.row = page.row LEFT JOIN item_fills x ON x.row = page.row
    ORDER BY page.time DESC, page.row DESC`;
  return [sql, [...values, limit]];
}

/** The last instant that 64 bits hold. */
const END = [9_223_372_036_854, 775_807, 0];

function placeOf(before: Before | undefined): SQLInputValue[] {
  return before === undefined ? END : [before.timeMs, before.timeNs, before.row ?? 0];
}

const LINE = `f.row, f.time / 1000000 AS timeMs, f.time % 1000000 AS timeNs, f.kind, lower(hex(f.key)) AS key,
  lower(hex(f.origin)) AS origin, f.user, f.failed`;

function logsSql(query: LogQuery): [string, SQLInputValue[]] {
  const levels = query.level === undefined ? LEVELS : [query.level];
  const ranges = levels.map((level) => ({
    index: "logs_by_level",
    where: `kind = ${KIND.log} AND level = ?`,
    values: [LEVELS.indexOf(level)],
  }));
  return pageSql(ranges, `${LINE}, f.level, f.model, b.message, b.meta`, query);
}

/** Of a user's calls those of one tool are found in the index too: it has the tool behind the time. */
function toolIndex({ tool, userId }: ToolLogQuery): string {
  if (userId !== undefined) return "tools_by_user";
  return tool === undefined ? "tools_by_time" : "tools_by_name";
}

function toolsSql(query: ToolLogQuery): [string, SQLInputValue[]] {
  const { tool, userId, failed } = query;
  const index = toolIndex(query);
  const terms = [`kind = ${KIND.tool} AND counted = 1`];
  const values: SQLInputValue[] = [];
  if (userId !== undefined) {
    terms.push("user = ?");
    values.push(userId);
  }
  if (tool !== undefined) {
    terms.push("tool = ?");
    values.push(tool);
  }
  const outcomes = failed === undefined ? [0, 1] : [failed ? 1 : 0];
  const where = [...terms, "failed = ?"].join(" AND ");
  const ranges = outcomes.map((outcome) => ({ index, where, values: [...values, outcome] }));
  return pageSql(
    ranges,
    `${LINE}, f.grp, f.error_type, f.tool, f.duration, f.truncated, b.message, b.stack, b.args, b.result`,
    query,
  );
}

function errorsSql(query: PageQuery): [string, SQLInputValue[]] {
  const columns = `${LINE}, f.error_type, b.message, coalesce(b.stack, x.stack) AS stack,
    coalesce(f.channel, x.channel) AS channel, coalesce(f.model, x.model) AS model`;
  return pageSql([{ index: "error_items", where: "item = 1", values: [] }], columns, query);
}

/** A row of any of the lists; what a list does not select is absent. */
interface Row {
  row: number;
  timeMs: number;
  timeNs: number;
  kind: number;
  key: string;
  origin: string | null;
  user: string | null;
  failed: number | null;
  grp?: string | null;
  level?: number;
  message?: string | null;
  meta?: string | null;
  stack?: string | null;
  channel?: string | null;
  model?: string | null;
  error_type?: string | null;
  tool?: string;
  duration?: number;
  truncated?: number | null;
  args?: string | null;
  result?: string | null;
}

function page<Line extends { row: number; timeMs: number; timeNs: number }>(
  query: PageQuery,
  rows: Row[],
  lineOf: (row: Row) => Line,
): Page<Line> {
  const lines = rows.slice(0, query.limit).map(lineOf);
  const last = lines.at(-1);
  if (rows.length <= query.limit || last === undefined) return { lines };
  return { lines, next: { timeMs: last.timeMs, timeNs: last.timeNs, row: last.row } };
}

function baseOf({ row, timeMs, timeNs, kind, key, origin, user }: Row) {
  const ids = kind === KIND.log ? (origin ?? "") : key;
  return {
    row,
    timeMs,
    timeNs,
    traceId: ids.slice(0, 32) || undefined,
    spanId: ids.slice(32) || undefined,
    userId: user ?? undefined,
  };
}

function logLine(row: Row): LogLine {
  return {
    ...baseOf(row),
    level: LEVELS[row.level ?? 0] ?? "debug",
    message: row.message ?? "",
    meta: row.meta ?? undefined,
    model: row.model ?? undefined,
  };
}

function toolLine(row: Row): ToolLine {
  return {
    ...baseOf(row),
    key: row.key,
    groupId: row.grp ?? undefined,
    error: row.failed === 1 ? (row.message ?? row.error_type ?? "_OTHER") : undefined,
    stack: row.stack ?? undefined,
    tool: row.tool ?? "",
    args: row.args ?? undefined,
    result: row.result ?? undefined,
    truncated: row.truncated === 1,
    failed: row.failed === 1,
    durationNs: row.duration ?? 0,
  };
}

function errorItem(row: Row): ErrorItem {
  return {
    ...baseOf(row),
    error: row.message ?? row.error_type ?? "_OTHER",
    stack: row.stack ?? undefined,
    channel: row.channel ?? undefined,
    model: row.model ?? undefined,
  };
}
