/**
 * A span or a log record in the one shape that `instrument/` (in the bot's process) and `ingest/` (over OTLP) make, and
 * `facts/` reads. It borrows the sender's objects and is not kept.
 */
export type AttributeValue =
  | string
  | number
  | boolean
  | bigint
  | undefined
  | null
  | AttributeValue[]
  | { [key: string]: AttributeValue };

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A time: whole epoch ms and the rest in nanoseconds, 0…999,999. */
export interface Instant {
  ms: number;
  ns: number;
}

export interface SpanShape {
  traceId: string;
  spanId: string;
  parentId?: string;
  name: string;
  start: Instant;
  end: Instant;
  /** Status code ERROR. */
  error: boolean;
  statusMessage?: string;
  attributes: Attributes;
  events: readonly SpanEvent[];
  resource: Attributes;
}

export interface SpanEvent {
  name: string;
  attributes?: Attributes;
}

export interface RecordShape {
  time?: Instant;
  observed?: Instant;
  /** OTel severity number, 1…24; 0 or absent: unspecified. */
  severity?: number;
  severityText?: string;
  eventName?: string;
  body: AttributeValue;
  attributes: Attributes;
  resource: Attributes;
  traceId?: string;
  spanId?: string;
}

/** What a span has from the bot's OTel context (never from baggage) where its own attributes do not say. */
export interface Inherited {
  botId?: string;
  userId?: string;
  userName?: string;
  groupId?: string;
  groupName?: string;
  channel?: string;
  model?: string;
  /** Of an outer span of the same tool call. */
  tool?: string;
}
