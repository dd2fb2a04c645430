import type { Decided, FactBase, FactKind, LogFact, SpanFact, StoredFact } from "../../contract/fact.ts";
import { FACT_COLUMNS, KIND } from "./schema.ts";
import { field, type Value } from "./tsv.ts";

/** How the levels of log records are stored, as in SQLite. Never renumber. */
export const LEVELS = ["debug", "info", "warn", "error"] as const;

/** A fact as one row of `facts` has it. */
export interface FactRow {
  fact: StoredFact;
  /** Bits of USER and GROUP that came from the turn's message. */
  joined: number;
  version: number;
  writer: number;
  seq: number;
  /** Bits of the owner that were known before; NEW of a new fact; with {@link REPLACED} where others were. */
  before: number;
  place: number;
}

/** Beside the bits of `before`: a user or group that was known is another one now. */
export const REPLACED = 8;

export const FACT_NAMES = Object.keys(FACT_COLUMNS);
export const FACT_FIELDS = FACT_NAMES.length;

/** @returns an instant as nanoseconds, in digits. */
export function nanoseconds({ timeMs, timeNs }: Pick<FactBase, "timeMs" | "timeNs">): string {
  return `${timeMs}${String(timeNs).padStart(6, "0")}`;
}

/** @returns the first nanosecond of the ms. */
export function startNanoseconds(ms: number): string {
  return nanoseconds({ timeMs: Math.max(0, ms), timeNs: 0 });
}

export function instantOf(digits: string): { timeMs: number; timeNs: number } {
  return { timeMs: Number(digits.slice(0, -6)), timeNs: Number(digits.slice(-6)) };
}

/** @returns the values of {@link FACT_NAMES}, each as it stands in a line. */
export function factFields({ fact, joined, version, writer, seq, before, place }: FactRow): string {
  const identity = `${KIND[fact.kind]}\t${nanoseconds(fact)}\t${fact.key}\t${version}\t${writer}\t${seq}\t${before}\t${place}`;
  const decided = `${fact.counted ? 1 : 0}\t${fact.errorItem ? 1 : 0}\t${joined}`;
  const owner = `${field(fact.userId ?? "")}\t${field(fact.groupId ?? "")}`;
  const sender = `${field(fact.service ?? "")}\t${field(fact.botId ?? "")}`;
  return `${identity}\t${decided}\t${owner}\t${sender}\t${ownFields(fact)}`;
}

/** Those of the kinds, of which a fact has few; the others are as if it had none. */
function ownFields(fact: StoredFact): string {
  const v: string[] = [...NOTHING];
  if (fact.kind === "log") {
    v[AT.level] = String(LEVELS.indexOf(fact.level));
    v[AT.origin] = fact.traceId === undefined ? "" : fact.traceId + (fact.spanId ?? "");
    v[AT.channel] = field(fact.channel ?? "");
    v[AT.model] = field(fact.model ?? "");
    return v.join("\t");
  }
  v[AT.parent] = fact.parentId ?? "";
  v[AT.duration] = String(fact.durationNs);
  v[AT.failed] = fact.failed ? "1" : "0";
  v[AT.error_type] = field(fact.errorType ?? "");
  if (fact.kind === "message") {
    v[AT.platform] = field(fact.platform ?? "");
    v[AT.responses] = String(fact.responses);
    v[AT.response_wait] = String(fact.responseWaitNs ?? -1);
  } else if (fact.kind === "tool") {
    v[AT.tool] = field(fact.tool);
    v[AT.call_id] = field(fact.callId ?? "");
    v[AT.truncated] = fact.truncated ? "1" : "0";
  } else {
    v[AT.operation] = field(fact.operation);
    v[AT.provider] = field(fact.provider ?? "");
    v[AT.model] = field(fact.model);
    v[AT.channel] = field(fact.channel);
    v[AT.previous_channel] = field(fact.previousChannel ?? "");
    v[AT.input] = String(fact.inputTokens);
    v[AT.output] = String(fact.outputTokens);
    v[AT.cached] = String(fact.cachedTokens);
    v[AT.cache_creation] = String(fact.cacheCreationTokens);
    v[AT.reasoning] = String(fact.reasoningTokens);
    v[AT.usage_missing] = fact.usageMissing ? "1" : "0";
    v[AT.first_chunk] = String(fact.firstChunkNs ?? -1);
  }
  return v.join("\t");
}

/** The columns from `parent` on, which the kinds share among them. */
const OWN = FACT_NAMES.slice(FACT_NAMES.indexOf("parent"));
const AT = Object.fromEntries(OWN.map((name, at) => [name, at])) as Record<keyof typeof FACT_COLUMNS, number>;
/** -1 where 0 is a value of its own. */
const ABSENT_NUMBERS = new Set(["duration", "response_wait", "first_chunk"]);
const NOTHING = OWN.map((name) => {
  if (ABSENT_NUMBERS.has(name)) return "-1";
  return FACT_COLUMNS[name as keyof typeof FACT_COLUMNS] === "String" ? "" : "0";
});

const FIRST_OWN = FACT_FIELDS - OWN.length;
const KINDS = new Map<string, FactKind>(
  Object.entries(KIND).map(([kind, number]) => [String(number), kind as FactKind]),
);

/**
 * @param v values of {@link FACT_NAMES}, from place `from` on
 * @returns the fact without names (they have a table of their own) and without long texts; its row is 0
 */
export function factRow(v: readonly Value[], from = 0): FactRow {
  const at = (place: number): string => v[from + place] ?? "";
  const key = at(2);
  const base: FactBase & Decided = {
    row: 0,
    key,
    ...instantOf(at(1)),
    counted: at(8) === "1",
    errorItem: at(9) === "1",
    userId: at(11) || undefined,
    groupId: at(12) || undefined,
    service: at(13) || undefined,
    botId: at(14) || undefined,
  };
  const own = (name: keyof typeof FACT_COLUMNS): string => at(FIRST_OWN + AT[name]);
  const kind = KINDS.get(at(0)) ?? "log";
  return {
    fact: kind === "log" ? logOf(base, own) : spanOf(kind, base, own),
    joined: Number(at(10)),
    version: Number(at(3)),
    writer: Number(at(4)),
    seq: Number(at(5)),
    before: Number(at(6)),
    place: Number(at(7)),
  };
}

type Own = (name: keyof typeof FACT_COLUMNS) => string;

function logOf(base: FactBase & Decided, own: Own): StoredFact {
  const origin = own("origin");
  const fact: LogFact & Decided = {
    ...base,
    kind: "log",
    level: LEVELS[Number(own("level"))] ?? "debug",
    message: "",
    channel: own("channel") || undefined,
    model: own("model") || undefined,
  };
  if (origin !== "") fact.traceId = origin.slice(0, 32);
  if (origin.length > 32) fact.spanId = origin.slice(32);
  return fact;
}

function spanOf(kind: Exclude<FactKind, "log">, base: FactBase & Decided, own: Own): StoredFact {
  const span: SpanFact & Decided = {
    ...base,
    traceId: base.key.slice(0, 32),
    spanId: base.key.slice(32),
    parentId: own("parent") || undefined,
    durationNs: Number(own("duration")),
    failed: own("failed") === "1",
    errorType: own("error_type") || undefined,
  };
  if (kind === "message") {
    const [platform, responses] = [own("platform") || undefined, Number(own("responses"))];
    return { ...span, kind, platform, responses, responseWaitNs: known(own("response_wait")) };
  }
  if (kind === "tool") {
    const truncated = own("truncated") === "1" || undefined;
    return { ...span, kind, tool: own("tool"), callId: own("call_id") || undefined, truncated };
  }
  return {
    ...span,
    kind,
    operation: own("operation"),
    provider: own("provider") || undefined,
    model: own("model"),
    channel: own("channel"),
    previousChannel: own("previous_channel") || undefined,
    inputTokens: Number(own("input")),
    outputTokens: Number(own("output")),
    cachedTokens: Number(own("cached")),
    cacheCreationTokens: Number(own("cache_creation")),
    reasoningTokens: Number(own("reasoning")),
    usageMissing: own("usage_missing") === "1",
    firstChunkNs: known(own("first_chunk")),
  };
}

function known(digits: string): number | undefined {
  return digits === "-1" ? undefined : Number(digits);
}
