import type { Level, Link, StoredFact } from "../contract/fact.ts";
import type { EncodedSlice } from "../contract/thread.ts";

/**
 * What the observer reads by itself, on a connection of its own that cannot write. Synchronous: every call is one short
 * statement (p99 well under 5 ms at a million facts).
 */
export interface FactReader extends LineReader {
  /** Every read within `read` sees one state of the database (a read transaction), whatever the store commits meanwhile. */
  snapshot<T>(read: () => T): T;
  /** Days with facts, each with whether blobs hold it; ascending. */
  days(): StoredDay[];
  /** Blobs of one fold and selection over `from…to`, both included. */
  blobs(fold: string, selection: string, from: number, to: number): DayBlob[];
  /** Counted requests, newest first, of the newest 10,000 facts. */
  requests(query: RequestQuery): RequestLine[];
  /** Of the counted requests that ended between two times (epoch ms), both included. */
  requestTotals(fromMs: number, toMs: number): RequestTotals;
  /** Facts of the rows after `row` up to `upTo`, in the order of arrival; the newest 10,000 where there are more. */
  arrivals(row: number, upTo: number): StoredFact[];
  /** The store put another database in the place of a damaged one: what is read from now on is of that. */
  reopen?(): void;
  close(): void;
}

/** Single facts, and what is said of them. */
export interface LineReader {
  /** @returns the newest name of each id that has one. */
  userNames(ids: readonly string[]): Map<string, string>;
  groupNames(ids: readonly string[]): Map<string, string>;

  logs(query: LogQuery): Page<LogLine>;
  toolLogs(query: ToolLogQuery): Page<ToolLine>;
  errors(query: PageQuery): Page<ErrorItem>;
  /**
   * What is kept of a trace within 15 minutes of a time, in no order; looked for from there on, in both directions.
   *
   * @param traceId 32 lower-case hex digits
   */
  trace(traceId: string, atMs: number): TraceFound;
}

/** The same, where single facts may be on another machine. */
export type RemoteReader = {
  [Name in keyof LineReader]: (
    ...asked: Parameters<LineReader[Name]>
  ) => ReturnType<LineReader[Name]> | Promise<ReturnType<LineReader[Name]>>;
};

export interface TraceFound {
  /** Without names, arguments, results and attributes. */
  facts: StoredFact[];
  /** Spans that are no facts, each with its step. */
  spans: Link[];
  /** True where it was looked for in less time than it took: there may be more of it. */
  cut: boolean;
}

export interface StoredDay {
  day: number;
  closed: boolean;
  /** Of a closed day: the commit as of which its blobs are; 0 for those of an earlier start of the store. */
  commit: number;
}

export interface DayBlob extends Pick<EncodedSlice, "version" | "state"> {
  day: number;
  /** Commit as of which it was folded; 0 for a blob of an earlier start of the store. */
  commit: number;
}

/** Exclusive upper bound of a page: all of a time, or a place among equal times. */
export interface Before {
  timeMs: number;
  timeNs: number;
  /** Rows of the same time from this one on are left out; absent: all of that time are. */
  row?: number;
}

export interface PageQuery {
  limit: number;
  before?: Before;
}

export interface LogQuery extends PageQuery {
  level?: Level;
}

export interface ToolLogQuery extends PageQuery {
  tool?: string;
  userId?: string;
  failed?: boolean;
}

/** Newest first; `next` where there is more. */
export interface Page<Line> {
  lines: Line[];
  next?: Required<Before>;
}

interface Line {
  row: number;
  timeMs: number;
  timeNs: number;
  traceId?: string;
  spanId?: string;
  userId?: string;
}

export interface LogLine extends Line {
  level: Level;
  message: string;
  /** JSON text. */
  meta?: string;
  model?: string;
}

export interface ToolLine extends Line {
  key: string;
  groupId?: string;
  /** Of one that failed, where it said what and where. */
  error?: string;
  stack?: string;
  tool: string;
  args?: string;
  result?: string;
  truncated: boolean;
  failed: boolean;
  durationNs: number;
}

export interface RequestQuery {
  limit: number;
  failed?: boolean;
  /** `gen_ai.operation.name`. */
  operation?: string;
}

export interface RequestLine extends Line {
  key: string;
  groupId?: string;
  channel: string;
  previousChannel?: string;
  model: string;
  operation: string;
  inputTokens: number;
  outputTokens: number;
  durationNs: number;
  failed: boolean;
  error?: string;
  /** It told when its first chunk came. */
  isStream: boolean;
}

export interface RequestTotals {
  requests: number;
  failed: number;
  tokens: number;
  /** Sum of the durations of those that succeeded: whole ms, and the rests in ns. */
  latencyMs: number;
  latencyNs: number;
}

export interface ErrorItem extends Line {
  error: string;
  stack?: string;
  channel?: string;
  model?: string;
}
