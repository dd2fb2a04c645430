import { BotelError } from "../contract/errors.ts";
import type { Batch, RefusalReason } from "../contract/fact.ts";
import type { Measured } from "../contract/measured.ts";
import type { Mapping } from "../contract/mapping.ts";
import type { StateEvent } from "../contract/state.ts";
import type { OtlpOutcome, OtlpRequest } from "../contract/thread.ts";
import type { Spans } from "./decoded.ts";
import { createIdentities } from "./identity.ts";
import { createLogReader as createJsonLogReader } from "./json/logs.ts";
import { createMetricReader as createJsonMetricReader } from "./json/metrics.ts";
import { createTraceReader as createJsonTraceReader } from "./json/traces.ts";
import type { Limits } from "./limits.ts";
import type { Metrics } from "./measured.ts";
import { createOuterSpans } from "./outer.ts";
import { createLogReader, type LogRecords } from "./protobuf/logs.ts";
import { createMetricReader } from "./protobuf/metrics.ts";
import { createTraceReader } from "./protobuf/traces.ts";

/** What a request holds. */
export interface Decoded {
  batch: Batch;
  states: StateEvent[];
  /** Metrics are no facts: they go straight to who shows them. */
  measured: Measured[];
  /** What of it is not even brought before the store. */
  unread: Refused;
}

/** A request that is none: its answer. */
interface Unreadable {
  outcome: OtlpOutcome;
}

type Refused = Partial<Record<RefusalReason, number>>;

/** Reads an OTLP request, and makes facts of it. Never throws. */
export type Decode = (request: Pick<OtlpRequest, "signal" | "json" | "body">) => Decoded | Unreadable;

export interface DecoderOptions {
  mapping: Mapping;
  limits: Limits;
  /** Names of the attributes that `mapping` reads of a span. */
  attributes: Iterable<string>;
  report(line: string): void;
}

export function createDecoder({ mapping, limits, attributes, report }: DecoderOptions): Decode {
  const names = [...attributes];
  const readers = {
    traces: { protobuf: createTraceReader(names), json: createJsonTraceReader(names) },
    logs: { protobuf: createLogReader(), json: createJsonLogReader() },
    metrics: { protobuf: createMetricReader(), json: createJsonMetricReader() },
  };

  return ({ signal, json, body }) => {
    const bytes = Buffer.from(body);
    const encoding = json ? "json" : "protobuf";
    try {
      if (signal === "traces") return factsOfSpans(readers.traces[encoding](bytes, limits), mapping);
      if (signal === "metrics") return onlyShown(readers.metrics[encoding](bytes, limits));
      return factsOfRecords(readers.logs[encoding](bytes, limits), mapping);
    } catch (error) {
      if (!(error instanceof BotelError))
        report(`an OTLP request of ${body.byteLength} bytes could not be read: ${String(error)}`);
      return { outcome: refusedWhole(error) };
    }
  };
}

function onlyShown({ metrics, tooLarge }: Metrics): Decoded {
  const unread: Refused = {};
  count(unread, "too_large", tooLarge);
  return { batch: { facts: [], links: [] }, states: [], measured: metrics, unread };
}

function factsOfSpans({ spans, tooLarge }: Spans, mapping: Mapping): Decoded {
  const batch: Batch = { facts: [], links: [], atOnce: true };
  const unread: Refused = {};
  count(unread, "too_large", tooLarge);
  const outer = createOuterSpans(spans, mapping);
  for (const span of spans) {
    const made = mapping.span(span, outer.of(span));
    if ("kind" in made) batch.facts.push(made);
    else if ("agent" in made) batch.links.push(made);
    else count(unread, made.refused, 1);
  }
  return { batch, states: [], measured: [], unread };
}

function factsOfRecords({ scopes, tooLarge }: LogRecords, mapping: Mapping): Decoded {
  const batch: Batch = { facts: [], links: [] };
  const states: StateEvent[] = [];
  const unread: Refused = {};
  count(unread, "too_large", tooLarge);
  const seen = new Map<string, number>();
  for (const scope of scopes) {
    const identities = createIdentities(scope, seen);
    for (const record of scope.records) {
      const made = mapping.record(record, "");
      if (made === undefined) continue;
      if ("kind" in made) batch.facts.push({ ...made, key: identities.of(record) });
      else if ("event" in made) states.push(made);
      else count(unread, made.refused, 1);
    }
  }
  return { batch, states, measured: [], unread };
}

/** Adds to a count of refusals. */
export function count(refused: Refused, reason: RefusalReason, n: number): void {
  if (n > 0) refused[reason] = (refused[reason] ?? 0) + n;
}

function refusedWhole(error: unknown): OtlpOutcome {
  const tooLarge = error instanceof BotelError && error.code === "PAYLOAD_TOO_LARGE";
  const why = error instanceof BotelError ? error.message : "This is no OTLP request that botel can read.";
  return { status: tooLarge ? 413 : 400, why };
}
