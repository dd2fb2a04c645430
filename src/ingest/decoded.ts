import type { Attributes, RecordShape, SpanShape } from "../contract/span.ts";

/** Log records of one scope of one sender, as a request holds them. */
export interface Records {
  resource: Attributes;
  scope: Scope;
  records: RecordShape[];
}

export interface Scope {
  name?: string;
  version?: string;
  attributes: Attributes;
}

/** Spans of one request, in its order. */
export interface Spans {
  spans: SpanShape[];
  /** Spans that hold more attributes than they may: they are refused. */
  tooLarge: number;
}
