import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type {
  Decided,
  Fact,
  FactBase,
  FactKind,
  LogFact,
  RequestFact,
  SpanFact,
  StoredFact,
} from "../../contract/fact.ts";
import type { Placed } from "../owners.ts";
import { KIND, LEVELS } from "./schema.ts";

/** An instant as one integer; `?` takes whole ms, then the rest in ns. Numbers are bound as doubles, hence the casts. */
export const TIME = "cast(? AS INTEGER) * 1000000 + cast(? AS INTEGER)";

const COMMON = "row time key kind counted item joined user grp service bot";
const SPAN = "parent duration failed error_type";
const OWN: Record<FactKind, string> = {
  message: `${SPAN} platform responses response_wait`,
  request: `${SPAN} operation provider model channel input output cached cache_creation reasoning usage_missing first_chunk previous_channel`,
  tool: `${SPAN} tool call_id truncated`,
  log: "origin level channel model",
};

/** Statement that inserts a fact of the kind; see {@link factValues}. */
export function insertSql(kind: FactKind): string {
  const columns = `${COMMON} ${OWN[kind]}`.split(" ");
  const values = columns.map((name) => {
    if (name === "time") return TIME;
    return name === "key" || name === "parent" || name === "origin" ? "unhex(?)" : "?";
  });
  return `INSERT INTO facts (${columns.join(", ")}) VALUES (${values.join(", ")})`;
}

export const INSERT_BODY = "INSERT INTO bodies (row, message, stack, meta, args, result) VALUES (?, ?, ?, ?, ?, ?)";

/**
 * Values of {@link insertSql}, in its order.
 *
 * @param values a list to use again: a million of them are much work for the garbage collector
 */
export function factValues({ fact, joined }: Placed, values: SQLInputValue[] = []): SQLInputValue[] {
  values.length = 0;
  values.push(
    fact.row,
    fact.timeMs,
    fact.timeNs,
    fact.key,
    KIND[fact.kind],
    fact.counted ? 1 : 0,
    fact.errorItem ? 1 : 0,
    joined,
    fact.userId ?? null,
    fact.groupId ?? null,
    fact.service ?? null,
    fact.botId ?? null,
  );
  if (fact.kind === "log") {
    const origin = fact.traceId === undefined ? null : fact.traceId + (fact.spanId ?? "");
    values.push(origin, LEVELS.indexOf(fact.level), fact.channel ?? null, fact.model ?? null);
    return values;
  }
  values.push(fact.parentId ?? null, fact.durationNs, fact.failed ? 1 : 0, fact.errorType ?? null);
  if (fact.kind === "message") values.push(fact.platform ?? null, fact.responses, fact.responseWaitNs ?? null);
  else if (fact.kind === "tool") values.push(fact.tool, fact.callId ?? null, fact.truncated ? 1 : null);
  else pushRequest(values, fact);
  return values;
}

function pushRequest(values: SQLInputValue[], fact: RequestFact): void {
  values.push(
    fact.operation,
    fact.provider ?? null,
    fact.model,
    fact.channel,
    fact.inputTokens,
    fact.outputTokens,
    fact.cachedTokens,
    fact.cacheCreationTokens,
    fact.reasoningTokens,
    fact.usageMissing ? 1 : 0,
    fact.firstChunkNs ?? null,
    fact.previousChannel ?? null,
  );
}

/** Values of {@link INSERT_BODY}; undefined where the fact has no such text. */
export function bodyValues(fact: Fact & Decided, keepContent: boolean): SQLInputValue[] | undefined {
  if (fact.kind === "log") return [fact.row, fact.message, fact.stack ?? null, fact.meta ?? null, null, null];
  const content = keepContent && fact.kind === "tool" && fact.counted ? fact : undefined;
  const { errorMessage, stack } = fact;
  if ((errorMessage ?? stack ?? content?.args ?? content?.result) === undefined) return undefined;
  return [fact.row, errorMessage ?? null, stack ?? null, null, content?.args ?? null, content?.result ?? null];
}

/** Columns that {@link factOf} reads, in its order; of table `facts`, named `f`. */
const READ = `f.row, f.time / 1000000, f.time % 1000000, lower(hex(f.key)), f.kind, f.counted, f.item, f.joined,
  f.user, f.grp, f.service, f.bot, lower(hex(f.parent)), f.duration, f.failed, f.error_type,
  f.platform, f.responses, f.operation, f.provider, f.model, f.channel, f.input, f.output, f.cached, f.cache_creation,
  f.reasoning, f.usage_missing, f.first_chunk, f.tool, f.call_id, f.truncated, f.level, lower(hex(f.origin)),
  f.response_wait, f.previous_channel`;

/** One fact by its row. */
export const READ_ROW = `SELECT ${READ}, b.message, b.stack FROM facts f LEFT JOIN bodies b USING (row) WHERE f.row = ?`;

/** Those of a JSON list of rows. */
export const READ_ROWS = `SELECT ${READ}, b.message, b.stack FROM facts f LEFT JOIN bodies b USING (row)
  WHERE f.row IN (SELECT value FROM json_each(?))`;

/** Those after a row up to another, newest first, as many as is said. */
export const READ_ARRIVALS = `SELECT ${READ}, b.message, b.stack FROM facts f LEFT JOIN bodies b USING (row)
  WHERE f.row > ? AND f.row <= ? ORDER BY f.row DESC LIMIT ?`;

/** The facts from a row on, in the order of arrival. */
export const READ_FROM_ROW = `SELECT ${READ} FROM facts f WHERE f.row >= ? ORDER BY f.row`;

/** Facts after a row with all their texts, in the order of arrival, as many as is said; see {@link wholeFactOf}. */
export const READ_WHOLE = `SELECT ${READ}, b.message, b.stack, b.meta, b.args, b.result
  FROM facts f LEFT JOIN bodies b USING (row) WHERE f.row > ? ORDER BY f.row LIMIT ?`;

/** The facts of a range of time that a statistic may read: counted ones, and of log records only error items. */
export const READ_RANGE = `SELECT ${READ} FROM facts f INDEXED BY facts_once
  WHERE f.time >= ${TIME} AND f.time < ${TIME} AND f.counted = 1 AND (f.kind < ${KIND.log} OR f.item = 1)
  ORDER BY f.time, f.key`;

/** @returns a statement whose rows are lists of values, as {@link factOf} takes them. */
export function prepareRead(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

type Value = string | number | null;

/** @returns the fact without names (they have tables of their own) and without arguments, result and attributes. */
export function factOf(row: unknown): { fact: StoredFact; joined: number } {
  const v = row as Value[];
  const kind = v[4];
  const key = text(v[3]) ?? "";
  const origin = kind === KIND.log ? (text(v[33]) ?? "") : key;
  const base = {
    row: count(v[0]),
    timeMs: count(v[1]),
    timeNs: count(v[2]),
    key,
    counted: v[5] === 1,
    errorItem: v[6] === 1,
    userId: text(v[8]),
    groupId: text(v[9]),
    service: text(v[10]),
    botId: text(v[11]),
  };
  const fact = kind === KIND.log ? logOf(base, origin, v) : spanOf(base, origin, v);
  return { fact, joined: count(v[7]) };
}

/** @returns the fact of a row of {@link READ_WHOLE}: without names, with everything else. */
export function wholeFactOf(row: unknown): { fact: StoredFact; joined: number } {
  const { fact, joined } = factOf(row);
  const [meta, args, result] = (row as Value[]).slice(38).map(text);
  if (fact.kind === "log") return { fact: { ...fact, meta }, joined };
  return { fact: fact.kind === "tool" ? { ...fact, args, result } : fact, joined };
}

type Base = FactBase & Decided;

function logOf(base: Base, origin: string, v: Value[]): StoredFact {
  const fact: LogFact & Decided = {
    ...base,
    kind: "log",
    level: LEVELS[count(v[32])] ?? "debug",
    message: text(v[36]) ?? "",
    stack: text(v[37]),
    channel: text(v[21]),
    model: text(v[20]),
  };
  if (origin !== "") fact.traceId = origin.slice(0, 32);
  if (origin.length > 32) fact.spanId = origin.slice(32);
  return fact;
}

function spanOf(base: Base, origin: string, v: Value[]): StoredFact {
  const span: Base & SpanFact = {
    ...base,
    traceId: origin.slice(0, 32),
    spanId: origin.slice(32),
    parentId: text(v[12]) || undefined,
    durationNs: count(v[13]),
    failed: v[14] === 1,
    errorType: text(v[15]),
    errorMessage: text(v[36]),
    stack: text(v[37]),
  };
  if (v[4] === KIND.message)
    return { ...span, kind: "message", platform: text(v[16]), responses: count(v[17]), responseWaitNs: known(v[34]) };
  if (v[4] === KIND.tool) {
    return { ...span, kind: "tool", tool: text(v[29]) ?? "", callId: text(v[30]), truncated: v[31] === 1 || undefined };
  }
  return {
    ...span,
    kind: "request",
    operation: text(v[18]) ?? "",
    provider: text(v[19]),
    model: text(v[20]) ?? "",
    channel: text(v[21]) ?? "",
    previousChannel: text(v[35]),
    inputTokens: count(v[22]),
    outputTokens: count(v[23]),
    cachedTokens: count(v[24]),
    cacheCreationTokens: count(v[25]),
    reasoningTokens: count(v[26]),
    usageMissing: v[27] === 1,
    firstChunkNs: known(v[28]),
  };
}

function text(value: Value | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function known(value: Value | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function count(value: Value | undefined): number {
  return typeof value === "number" ? value : 0;
}
