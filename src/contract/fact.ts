/**
 * A fact: one finished thing that happened (contract §1, §2). Every number and every log line that botel serves is a
 * fold over facts.
 *
 * `undefined` means "the sender did not say". Times are the span's end, or the log record's own time.
 */
export type Fact = MessageFact | RequestFact | ToolFact | LogFact;

export type FactKind = Fact["kind"];

/** What every fact has. */
export interface FactBase {
  /** Identity besides the time, lower-case hex: trace id + span id (48 digits); of a log record, its hash and ordinal. */
  key: string;
  /** Epoch milliseconds, whole, rounded down. */
  timeMs: number;
  /** The rest of the time in nanoseconds, 0…999,999. */
  timeNs: number;
  /** 32 hex digits; absent only on log records outside a trace. */
  traceId?: string;
  /** 16 hex digits; absent only on log records outside a span. */
  spanId?: string;
  /** 16 hex digits; absent on a root span. */
  parentId?: string;
  /** `service.name` of the sender. */
  service?: string;
  /** `bot.id`, the bot's own id on its platform. */
  botId?: string;
  userId?: string;
  userName?: string;
  groupId?: string;
  groupName?: string;
}

/** A fact that has a duration and an outcome. */
export interface SpanFact extends FactBase {
  traceId: string;
  spanId: string;
  /** Whole nanoseconds, 0…2^53−1. */
  durationNs: number;
  /** Span status ERROR, or `error.type` set. */
  failed: boolean;
  /** `error.type`; `_OTHER` where the span failed and names none. */
  errorType?: string;
  /** The text of a failure: exception message, else status description. */
  errorMessage?: string;
  /** `exception.stacktrace`. */
  stack?: string;
}

export interface MessageFact extends SpanFact {
  kind: "message";
  platform?: string;
  /** `bot.response.count`: replies sent whose text a model wrote. */
  responses: number;
  /** `bot.response.wait`: from the message to its first response, whole nanoseconds. */
  responseWaitNs?: number;
}

export interface RequestFact extends SpanFact {
  kind: "request";
  /** `gen_ai.operation.name`. */
  operation: string;
  /** `gen_ai.provider.name`. */
  provider?: string;
  /** Request model, else response model, else `unknown`. */
  model: string;
  /** `bot.channel.id`, else the provider, else `unknown`. */
  channel: string;
  /** `bot.channel.previous`: the channel that failed and that this one was asked instead of. */
  previousChannel?: string;
  /** With everything that the provider counts as input: cached tokens are a part. */
  inputTokens: number;
  /** With everything that the provider counts as output: reasoning tokens are a part. */
  outputTokens: number;
  /** Cache reads, a part of the input. */
  cachedTokens: number;
  /** Cache creation, a part of the input. */
  cacheCreationTokens: number;
  /** A part of the output. */
  reasoningTokens: number;
  /** True where the sender reported no usage at all. */
  usageMissing: boolean;
  /** Time to first chunk of a streamed answer, whole nanoseconds. */
  firstChunkNs?: number;
}

export interface ToolFact extends SpanFact {
  kind: "tool";
  tool: string;
  /** `gen_ai.tool.call.id`. */
  callId?: string;
  /** Arguments, redacted and cut, as JSON text. */
  args?: string;
  /** Result, redacted and cut, as JSON text. */
  result?: string;
  /** True where arguments or result were cut. */
  truncated?: boolean;
}

export type Level = "error" | "warn" | "info" | "debug";

export interface LogFact extends FactBase {
  kind: "log";
  level: Level;
  message: string;
  /** The record's attributes, redacted and cut, as JSON text of an object; absent where there are none. */
  meta?: string;
  /** `exception.stacktrace`. */
  stack?: string;
  /** Filled for the context of an error item where the record names them. */
  channel?: string;
  model?: string;
}

/**
 * A span that is no fact, kept for ancestry ("nested means ancestor and descendant with no other fact's span and no
 * `invoke_agent` between them", contract §2), and for the waterfall of its trace.
 */
export interface Link {
  traceId: string;
  spanId: string;
  parentId?: string;
  /** True for `invoke_agent`, which ends a nesting. */
  agent: boolean;
  /** What a waterfall shows of it; absent where its times are not valid. */
  step?: Step;
}

/** What is kept, for some days, of a span that is no fact: no content. */
export interface Step {
  name: string;
  /** Its end, as {@link FactBase.timeMs} and {@link FactBase.timeNs}. */
  timeMs: number;
  timeNs: number;
  durationNs: number;
  failed: boolean;
  service?: string;
  /** Those of `STEP_ATTRIBUTES` that it has, as JSON text of an object; absent where it has none. */
  attributes?: string;
}

/** What the store decided once, before the commit, and keeps with the fact. */
export interface Decided {
  /** Order of arrival, from 1, never used twice. */
  row: number;
  /** False for an outer span of a call that an inner one already counts: stored, in no number and no list. */
  counted: boolean;
  /** True where this fact makes an item of `/api/logs/errors`. */
  errorItem: boolean;
}

export type StoredFact = Fact & Decided;

/** Bits of what is known of a fact's owner. */
export const USER = 1;
export const GROUP = 2;

/** Whose a fact is. */
export type OwnerKind = "user" | "group";

/** @returns the bits of {@link USER} and {@link GROUP} that the fact has. */
export function ownerOf(fact: FactBase): number {
  return (fact.userId === undefined ? 0 : USER) | (fact.groupId === undefined ? 0 : GROUP);
}

/** `before` of a fact that was not there. */
export const NEW = -1;

/**
 * One step of the totals: a new fact (`before` is {@link NEW}), or a fact whose user or group became known
 * (`before`: the owner's bits that were known until then; `fact` as it is now).
 */
export interface Change {
  fact: StoredFact;
  before: number;
}

/** A batch as it reaches the store: of one sender, in one piece, stored whole or not at all. */
export interface Batch {
  /** In the order in which they came. */
  facts: Fact[];
  links: Link[];
  /** True where their order says nothing (one OTLP request): of nested spans the inner ones count as come first. */
  atOnce?: boolean;
}

/** Why a span or record did not become a fact; each is counted. */
export type RefusalReason =
  | "invalid_id"
  | "invalid_time"
  | "invalid_state"
  | "too_far_ahead"
  | "too_old"
  | "sealed_day"
  | "too_large"
  /** The store failed at it, again and again. */
  | "not_stored";
