import { BotelError } from "../contract/errors.ts";
import type { Batch, RefusalReason } from "../contract/fact.ts";
import type { Measured } from "../contract/measured.ts";
import type { Mapping } from "../contract/mapping.ts";
import type { StateEvent } from "../contract/state.ts";
import type { FromStore, OtlpOutcome, OtlpRequest } from "../contract/thread.ts";
import { createIdentities } from "./identity.ts";
import { createLogReader as createJsonLogReader } from "./json/logs.ts";
import { createMetricReader as createJsonMetricReader } from "./json/metrics.ts";
import { createTraceReader as createJsonTraceReader } from "./json/traces.ts";
import type { Limits } from "./limits.ts";
import { createOuterSpans } from "./outer.ts";
import { createLogReader, type LogRecords } from "./protobuf/logs.ts";
import { createMetricReader } from "./protobuf/metrics.ts";
import { createTraceReader } from "./protobuf/traces.ts";
import type { Spans } from "./decoded.ts";
import type { Metrics } from "./measured.ts";

/** In the store's thread: an OTLP body becomes a batch that is stored with the others, and is answered after the commit. */
export interface Door {
  take(request: OtlpRequest): void;
}

/** A batch on its way to the disk; the store's word about it comes to `answer`. */
export interface Parcel {
  seq: number;
  batch: Batch;
  states: StateEvent[];
  answer(message: FromStore): void;
}

export interface DoorOptions {
  mapping: Mapping;
  limits: Limits;
  /** Names of the attributes that `mapping` reads of a span. */
  attributes: Iterable<string>;
  /** Stores the parcel, then answers it. */
  store(parcel: Parcel): void;
  answer(id: number, outcome: OtlpOutcome): void;
  /** Shows a bot's own metrics again. */
  measured(metrics: Measured[]): void;
  report(line: string): void;
}

export function createDoor({ mapping, limits, attributes, store, answer, measured, report }: DoorOptions): Door {
  const names = [...attributes];
  const readers = {
    traces: { protobuf: createTraceReader(names), json: createJsonTraceReader(names) },
    logs: { protobuf: createLogReader(), json: createJsonLogReader() },
    metrics: { protobuf: createMetricReader(), json: createJsonMetricReader() },
  };

  function read({ signal, json, body }: OtlpRequest): Made {
    const bytes = Buffer.from(body);
    const encoding = json ? "json" : "protobuf";
    if (signal === "traces") return factsOfSpans(readers.traces[encoding](bytes, limits), mapping);
    if (signal === "metrics") return shown(readers.metrics[encoding](bytes, limits));
    return factsOfRecords(readers.logs[encoding](bytes, limits), mapping);
  }

  /** Metrics are no facts: they go straight to who shows them. */
  function shown({ metrics, tooLarge }: Metrics): Made {
    if (metrics.length > 0) measured(metrics);
    const refused: Refused = {};
    count(refused, "too_large", tooLarge);
    return { batch: { facts: [], links: [] }, states: [], unread: refused };
  }

  function take(request: OtlpRequest): void {
    let made: Made;
    try {
      made = read(request);
    } catch (error) {
      if (!(error instanceof BotelError))
        report(`an OTLP request of ${request.body.byteLength} bytes could not be read: ${String(error)}`);
      answer(request.id, refusedWhole(error));
      return;
    }
    const { batch, states, unread } = made;
    if (batch.facts.length + batch.links.length + states.length === 0) {
      answer(request.id, { status: 200, unread });
      return;
    }
    const tell = (outcome: OtlpOutcome): void => answer(request.id, outcome);
    store({ seq: request.id, batch, states, answer: (message) => told(message, unread, tell) });
  }

  return { take };
}

function told(message: FromStore, unread: Refused, tell: (outcome: OtlpOutcome) => void): void {
  if (message.type === "later") tell({ status: 503, why: message.why, retryAfterMs: message.afterMs });
  else if (message.type === "ack") tell({ status: 200, unread, refused: reasonsOf(message) });
}

/** What a request came to. */
interface Made {
  batch: Batch;
  states: StateEvent[];
  unread: Refused;
}

type Refused = Partial<Record<RefusalReason, number>>;

function factsOfSpans({ spans, tooLarge }: Spans, mapping: Mapping): Made {
  const batch: Batch = { facts: [], links: [], atOnce: true };
  const refused: Refused = {};
  count(refused, "too_large", tooLarge);
  const outer = createOuterSpans(spans, mapping);
  for (const span of spans) {
    const made = mapping.span(span, outer.of(span));
    if ("kind" in made) batch.facts.push(made);
    else if ("agent" in made) batch.links.push(made);
    else count(refused, made.refused, 1);
  }
  return { batch, states: [], unread: refused };
}

function factsOfRecords({ scopes, tooLarge }: LogRecords, mapping: Mapping): Made {
  const batch: Batch = { facts: [], links: [] };
  const states: StateEvent[] = [];
  const refused: Refused = {};
  count(refused, "too_large", tooLarge);
  const seen = new Map<string, number>();
  for (const scope of scopes) {
    const identities = createIdentities(scope, seen);
    for (const record of scope.records) {
      const made = mapping.record(record, "");
      if (made === undefined) continue;
      if ("kind" in made) batch.facts.push({ ...made, key: identities.of(record) });
      else if ("event" in made) states.push(made);
      else count(refused, made.refused, 1);
    }
  }
  return { batch, states, unread: refused };
}

function count(refused: Refused, reason: RefusalReason, n: number): void {
  if (n > 0) refused[reason] = (refused[reason] ?? 0) + n;
}

function reasonsOf({ refused, reasons = [] }: Extract<FromStore, { type: "ack" }>): Refused {
  const by: Refused = {};
  for (const reason of reasons) count(by, reason, 1);
  count(by, "not_stored", refused - reasons.length);
  return by;
}

function refusedWhole(error: unknown): OtlpOutcome {
  const tooLarge = error instanceof BotelError && error.code === "PAYLOAD_TOO_LARGE";
  const why = error instanceof BotelError ? error.message : "This is no OTLP request that botel can read.";
  return { status: tooLarge ? 413 : 400, why };
}
