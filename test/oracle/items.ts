/**
 * What the oracle is told: the spans and log records that a bot's process ended, in the order in which they did.
 *
 * Nothing in this folder imports anything of `src/`: it was written from the contract alone, so that a misreading in
 * `src/` shows as a difference.
 */
export type Item = SpanItem | RecordItem;

export type Attributes = Record<string, string | number | boolean | string[] | object>;

export interface SpanItem {
  type: "span";
  /** 32 hex digits. */
  traceId: string;
  /** 16 hex digits. */
  spanId: string;
  parentId?: string;
  name: string;
  /** Epoch nanoseconds. */
  startNs: bigint;
  endNs: bigint;
  /** Status code ERROR. */
  error: boolean;
  statusMessage?: string;
  exception?: { type: string; message: string; stacktrace: string };
  attributes: Attributes;
}

export interface RecordItem {
  type: "record";
  /** Epoch nanoseconds. */
  timeNs: bigint;
  /** OTel severity number, 1…24. */
  severity: number;
  body: string;
  /** A record with one is a state event, a content event or a named log line. */
  eventName?: string;
  attributes: Attributes;
  traceId?: string;
  spanId?: string;
}

/** @returns the attribute where it is a string that is not empty */
export function text(item: Item, name: string): string | undefined {
  const value = item.attributes[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** @returns the attribute where it is a number, else 0 */
export function count(item: Item, name: string): number {
  const value = item.attributes[name];
  return typeof value === "number" ? value : 0;
}
