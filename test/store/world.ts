import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Batch,
  Fact,
  Link,
  LogFact,
  MessageFact,
  RequestFact,
  StoredFact,
  ToolFact,
} from "../../src/contract/fact.ts";
import type { EncodedSlice } from "../../src/contract/thread.ts";
import type { FactReader } from "../../src/store/reader.ts";
import { openReader } from "../../src/store/sqlite/reader.ts";
import { createSqliteStore } from "../../src/store/sqlite/store.ts";
import type { StoreOptions } from "../../src/store/sqlite/store.ts";
import type { FactStore } from "../../src/store/store.ts";

export const DAY_MS = 86_400_000;
/** Noon of a day in UTC. */
export const NOW = Date.UTC(2026, 10, 24, 12);
export const TRACE = "0123456789abcdef0123456789abcdef";

/** @returns a span id. */
export function id(n: number): string {
  return n.toString(16).padStart(16, "0");
}

/** @returns a trace id. */
export function trace(n: number): string {
  return n.toString(16).padStart(32, "1");
}

interface SpanGiven {
  span: number;
  trace?: string;
  parent?: number;
}

type Given<F> = SpanGiven & Partial<Omit<F, "kind">>;

function base({ span, trace: traceId = TRACE, parent }: SpanGiven) {
  const spanId = id(span);
  return {
    key: traceId + spanId,
    traceId,
    spanId,
    parentId: parent === undefined ? undefined : id(parent),
    timeMs: NOW - 1000,
    timeNs: 0,
    durationNs: 5_000_000,
    failed: false,
  };
}

function rest<F>(given: Given<F>): Partial<F> {
  const { span: _span, trace: _trace, parent: _parent, ...others } = given;
  return others as Partial<F>;
}

export function message(given: Given<MessageFact>): MessageFact {
  return { ...base(given), kind: "message", responses: 1, ...rest(given) };
}

export function request(given: Given<RequestFact>): RequestFact {
  return {
    ...base(given),
    kind: "request",
    operation: "chat",
    model: "gpt-4",
    channel: "main",
    inputTokens: 10,
    outputTokens: 5,
    cachedTokens: 0,
    cacheCreationTokens: 0,
    reasoningTokens: 0,
    usageMissing: false,
    ...rest(given),
  };
}

export function tool(given: Given<ToolFact>): ToolFact {
  return { ...base(given), kind: "tool", tool: "dice", ...rest(given) };
}

export function log(given: { n: number } & Partial<Omit<LogFact, "kind">>): LogFact {
  const { n, ...others } = given;
  return { kind: "log", key: trace(n), timeMs: NOW - 1000, timeNs: 0, level: "info", message: `line ${n}`, ...others };
}

export function link(span: number, parent: number | undefined, agent = false, traceId = TRACE): Link {
  return { traceId, spanId: id(span), parentId: parent === undefined ? undefined : id(parent), agent };
}

export function batch(...facts: Fact[]): Batch {
  return { facts, links: [] };
}

/** What the tests' fold holds: every fact that it was given, in the order of rows. */
export type Seen = { row: number; kind: string; userId: string | null; groupId: string | null };

function createDayFolder(): { add(fact: StoredFact): void; encode(): EncodedSlice[] } {
  const seen: Seen[] = [];
  return {
    add: ({ row, kind, userId, groupId }) =>
      void seen.push({ row, kind, userId: userId ?? null, groupId: groupId ?? null }),
    encode: () => [{ fold: "seen", version: 1, selection: "", state: seen.toSorted((a, b) => a.row - b.row) }],
  };
}

/** A store in a folder of its own, that can be closed and opened again, or left as a crash would. */
export interface World {
  readonly store: FactStore;
  readonly reader: FactReader;
  readonly file: string;
  restart(options?: Partial<StoreOptions>): void;
  /** Folds a day to the end. */
  fold(day: number): Seen[];
  /** Folds and closes it. */
  close(day: number): boolean;
  remove(): void;
}

export function createWorld(options: Partial<StoreOptions> = {}): World {
  const folder = mkdtempSync(join(tmpdir(), "botel-store-"));
  const file = join(options.file ?? folder, "facts.db");
  let ticks = 0;
  const open = (more: Partial<StoreOptions>): FactStore =>
    createSqliteStore({
      zone: "UTC",
      retention: { facts: 90, debugLogs: 7, toolBodies: 30 },
      maxBytes: 0,
      createDayFolder,
      folds: "seen:1",
      nowMs: NOW,
      clock: () => (ticks += 1),
      ...options,
      ...more,
      file,
    });
  let store = open({});
  let reader = openReader(file);

  function slices(day: number): EncodedSlice[] {
    const steps = store.foldDay(day);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }

  return {
    get store() {
      return store;
    },
    get reader() {
      return reader;
    },
    file,
    restart(more = {}) {
      reader.close();
      store.close();
      store = open(more);
      reader = openReader(file);
    },
    fold: (day) => (slices(day)[0]?.state ?? []) as unknown as Seen[],
    close(day) {
      const { commit } = store;
      return store.closeDay(day, commit, slices(day));
    },
    remove() {
      reader.close();
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @returns the day of NOW in UTC, or one that is `ago` days before it. */
export function day(ago = 0): number {
  return Math.floor(NOW / DAY_MS) - ago;
}
