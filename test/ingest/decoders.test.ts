import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RecordShape, SpanEvent, SpanShape } from "../../src/contract/span.ts";
import { createLogReader as jsonLogs } from "../../src/ingest/json/logs.ts";
import { createTraceReader as jsonTraces } from "../../src/ingest/json/traces.ts";
import { createLogReader, type LogRecords } from "../../src/ingest/protobuf/logs.ts";
import { createTraceReader } from "../../src/ingest/protobuf/traces.ts";
import { expectedRecords, expectedSpans } from "./expected.ts";
import { asJson, logRequest, NAMES, traceRequest } from "./messages.ts";
import { encode } from "./reference.ts";

const LIMITS = { maxItems: 1000, maxAttributes: 1000, maxDepth: 32 };
const RUNS = { numRuns: 400 };
const names = new Set(NAMES);

/** Without what is undefined, and as if every list of events were one of its own. */
function bare(spans: readonly SpanShape[]): object[] {
  const event = ({ name, attributes }: SpanEvent): SpanEvent => ({ name, attributes });
  return spans.map((span) => ({ ...span, events: span.events.map(event) }));
}

function withScopes({ scopes }: LogRecords): (RecordShape & { scope: object })[] {
  return scopes.flatMap(({ scope, records }) => records.map((record) => ({ ...record, scope })));
}

// issue 5: "protobuf … and JSON beside it; both proven equal on generated messages"
test("spans are read from protobuf as protobufjs reads them, and from JSON alike", () => {
  const protobuf = createTraceReader(names);
  const json = jsonTraces(names);
  fc.assert(
    fc.property(traceRequest, (request) => {
      const bytes = encode("ExportTraceServiceRequest", request);
      const expected = expectedSpans(bytes, names);
      expect(bare(protobuf(bytes, LIMITS).spans)).toEqual(expected);
      expect(bare(json(asJson(request), LIMITS).spans)).toEqual(expected);
    }),
    RUNS,
  );
});

test("log records are read from protobuf as protobufjs reads them, and from JSON alike", () => {
  const protobuf = createLogReader();
  const json = jsonLogs();
  fc.assert(
    fc.property(logRequest, (request) => {
      const bytes = encode("ExportLogsServiceRequest", request);
      const expected = expectedRecords(bytes);
      expect(withScopes(protobuf(bytes, LIMITS))).toEqual(expected);
      expect(withScopes(json(asJson(request), LIMITS))).toEqual(expected);
    }),
    RUNS,
  );
});
