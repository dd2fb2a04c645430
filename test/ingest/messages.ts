import * as fc from "fast-check";
import type { Plain } from "./reference.ts";

/** OTLP requests of any content, in a plain form that both encodings can be made of. */

const ID_16 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));
const ID_8 = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes));
const nanos = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  fc.bigInt({ min: 1_700_000_000n * 10n ** 9n, max: 1_800_000_000n * 10n ** 9n }).map(String),
  fc.constantFrom("0", "1", "999999", "1000000"),
);
/** Lone halves of a surrogate pair cannot be sent. */
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 80 }),
  fc.string({ maxLength: 10 }),
  fc.constantFrom("__proto__", "constructor", "chat", "ünï", "\u0000", 'a "quote"', '{"endTimeUnixNano": 12}'),
);
const int64 = fc
  .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -9n, max: 9n }))
  .map(String);

const { value } = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text.map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    int64.map((intValue) => ({ intValue })),
    fc.double({ noDefaultInfinity: false }).map((doubleValue) => ({ doubleValue })),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => ({ bytesValue: Buffer.from(bytes) })),
    fc.constant({}),
    fc.array(tie("value"), { maxLength: 4 }).map((values) => ({ arrayValue: { values } })),
    fc
      .array(fc.record({ key: text, value: tie("value") }), { maxLength: 4 })
      .map((values) => ({ kvlistValue: { values } })),
  ),
}));

export const NAMES = ["gen_ai.operation.name", "user.id", "exception.message", "__proto__", "k"];

const attributes = fc.array(fc.record({ key: fc.oneof(fc.constantFrom(...NAMES), text), value }), { maxLength: 6 });
const scope = fc.record({ name: text, version: text, attributes, droppedAttributesCount: fc.nat() });

const event = fc.record({
  timeUnixNano: nanos,
  name: fc.oneof(fc.constant("exception"), text),
  attributes,
  droppedAttributesCount: fc.nat(),
});

const link = fc.record({ traceId: ID_16, spanId: ID_8, traceState: text, attributes, flags: fc.nat() });

const span = fc.record(
  {
    traceId: fc.oneof({ weight: 9, arbitrary: ID_16 }, { weight: 1, arbitrary: ID_8 }),
    spanId: fc.oneof({ weight: 9, arbitrary: ID_8 }, { weight: 1, arbitrary: ID_16 }),
    traceState: text,
    parentSpanId: ID_8,
    name: text,
    kind: fc.nat(5),
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes,
    droppedAttributesCount: fc.nat(),
    events: fc.array(event, { maxLength: 3 }),
    droppedEventsCount: fc.nat(),
    links: fc.array(link, { maxLength: 2 }),
    status: fc.record({ message: text, code: fc.nat(2) }, { requiredKeys: [] }),
    flags: fc.nat(),
  },
  { requiredKeys: [] },
);

const resource = fc.record({ attributes, droppedAttributesCount: fc.nat() }, { requiredKeys: [] });
const around = (key: string, items: fc.Arbitrary<Plain[]>): fc.Arbitrary<Plain> =>
  fc.record({ scope, [key]: items, schemaUrl: text }, { requiredKeys: [] }) as fc.Arbitrary<Plain>;

export const traceRequest: fc.Arbitrary<Plain> = fc.record({
  resourceSpans: fc.array(
    fc.record(
      { resource, scopeSpans: fc.array(around("spans", fc.array(span, { maxLength: 4 })), { maxLength: 2 }) },
      { requiredKeys: [] },
    ),
    { maxLength: 3 },
  ),
});

const logRecord = fc.record(
  {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: fc.nat(24),
    severityText: text,
    body: value,
    attributes,
    droppedAttributesCount: fc.nat(),
    flags: fc.nat(),
    traceId: ID_16,
    spanId: ID_8,
    eventName: text,
  },
  { requiredKeys: [] },
);

export const logRequest: fc.Arbitrary<Plain> = fc.record({
  resourceLogs: fc.array(
    fc.record(
      { resource, scopeLogs: fc.array(around("logRecords", fc.array(logRecord, { maxLength: 4 })), { maxLength: 2 }) },
      { requiredKeys: [] },
    ),
    { maxLength: 3 },
  ),
});

/** The request as JSON has it: ids in hex, bytes in base64, numbers that JSON has not as texts. */
export function asJson(request: Plain): Buffer {
  return Buffer.from(JSON.stringify(jsonValue(request, "")));
}

function jsonValue(given: unknown, key: string): unknown {
  if (Buffer.isBuffer(given)) return given.toString(key.endsWith("Id") ? "hex" : "base64");
  if (typeof given === "number" && !Number.isFinite(given)) return String(given);
  if (Array.isArray(given)) return given.map((item) => jsonValue(item, key));
  if (typeof given !== "object" || given === null) return Object.is(given, -0) ? 0 : given;
  return Object.fromEntries(Object.entries(given).map(([name, inner]) => [name, jsonValue(inner, name)]));
}

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 50n }).map(String);
const counted = {
  timeUnixNano: nanos,
  startTimeUnixNano: nanos,
  attributes,
  flags: fc.constantFrom(0, 0, 0, 1),
  count: uint64,
  sum: fc.double(),
};
const partly = { requiredKeys: [] };
const number = fc
  .record({ ...counted, count: fc.constant(undefined), sum: fc.constant(undefined) }, partly)
  .chain((point) =>
    fc.oneof(
      fc.double().map((asDouble) => ({ ...point, asDouble })),
      fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }).map((asInt) => ({ ...point, asInt: String(asInt) })),
      fc.constant(point),
    ),
  );
const bounds = fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 5 });
const histogram = fc.record(
  { ...counted, bucketCounts: fc.array(uint64, { maxLength: 6 }), explicitBounds: bounds, min: fc.double() },
  partly,
);
const exponential = fc.record(
  { ...counted, scale: fc.integer({ min: -5, max: 5 }), zeroCount: uint64, positive: fc.constant({ offset: 1 }) },
  partly,
);
const quantile = fc.record({ quantile: fc.double(), value: fc.double() }, partly);
const summary = fc.record({ ...counted, quantileValues: fc.array(quantile, { maxLength: 3 }) }, partly);
const points = (point: fc.Arbitrary<Plain>): Record<string, fc.Arbitrary<unknown>> => ({
  dataPoints: fc.array(point, { maxLength: 3 }),
});
const aggregationTemporality = fc.nat(2);

const metricData = fc.oneof(
  fc.record({ gauge: fc.record(points(number)) }),
  fc.record({ sum: fc.record({ ...points(number), aggregationTemporality, isMonotonic: fc.boolean() }, partly) }),
  fc.record({ histogram: fc.record({ ...points(histogram), aggregationTemporality }, partly) }),
  fc.record({ exponentialHistogram: fc.record({ ...points(exponential), aggregationTemporality }, partly) }),
  fc.record({ summary: fc.record(points(summary)) }),
  fc.constant({}),
);
const metric = fc
  .tuple(fc.record({ name: text, description: text, unit: text }, partly), metricData)
  .map(([about, data]) => ({ ...about, ...data }));

export const metricRequest: fc.Arbitrary<Plain> = fc.record({
  resourceMetrics: fc.array(
    fc.record(
      { resource, scopeMetrics: fc.array(around("metrics", fc.array(metric, { maxLength: 3 })), { maxLength: 2 }) },
      partly,
    ),
    { maxLength: 2 },
  ),
});
