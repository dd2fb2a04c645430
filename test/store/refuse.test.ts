import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Fact, RefusalReason } from "../../src/contract/fact.ts";
import { batch, createWorld, DAY_MS, log, message, NOW, request, TRACE } from "./world.ts";
import type { World } from "./world.ts";

let world: World;
beforeEach(() => (world = createWorld()));
afterEach(() => world.remove());

const good = message({ span: 1 });
const cases: [RefusalReason, string, Fact][] = [
  ["too_far_ahead", "10 min and 1 ms", { ...good, timeMs: NOW + 600_001 }],
  ["too_old", "90 days and 1 ms", { ...good, timeMs: NOW - 90 * DAY_MS - 1 }],
  ["invalid_time", "no number", { ...good, timeMs: Number.NaN }],
  ["invalid_time", "a fraction", { ...good, timeMs: NOW - 0.5 }],
  ["invalid_time", "1,000,000 ns", { ...good, timeNs: 1_000_000 }],
  ["invalid_time", "a negative duration", { ...good, durationNs: -1 }],
  ["invalid_time", "past what 64 bits hold", { ...good, timeMs: 2 ** 50 }],
  ["invalid_id", "no ids in the key", { ...good, key: "0".repeat(47) }],
  ["invalid_id", "capitals", { ...good, key: (TRACE + good.spanId).toUpperCase() }],
  ["invalid_id", "another span's key", { ...good, spanId: "f".repeat(16) }],
  ["invalid_id", "a parent of 8 digits", request({ span: 2, parentId: "12345678" })],
  ["invalid_id", "a record without a key", log({ n: 1, key: "" })],
  ["invalid_id", "a record with a span and no trace", log({ n: 1, spanId: "f".repeat(16) })],
  ["invalid_id", "a record with half a trace id", log({ n: 1, traceId: "f".repeat(16) })],
];

// contract §2: "Facts dated over 10 min ahead, older than raw facts are kept (90 days by default), or without a valid id
// or time, are refused (OTLP `partial_success`, with the number and the reason)."
describe("facts without a valid id or time are refused, the others of the batch are stored", () => {
  test.for(cases)("%s: %s", ([reason, , fact]) => {
    const { refused, changes } = world.store.append(
      [batch(fact, request({ span: 7 })), batch(request({ span: 8 }))],
      NOW,
    );
    expect({ refused, stored: changes.length }).toEqual({ refused: [1, 0], stored: 2 });
    expect(world.store.health().refused).toEqual({ [reason]: 1 });
  });

  test("the bounds themselves are taken", () => {
    const facts = [message({ span: 1, timeMs: NOW + 600_000 }), message({ span: 2, timeMs: NOW - 90 * DAY_MS })];
    expect(world.store.append([batch(...facts)], NOW)).toMatchObject({ refused: [0], changes: [{}, {}] });
  });

  test("the longest duration is kept to the nanosecond", () => {
    const { changes } = world.store.append(
      [batch(request({ span: 1, parent: 9, durationNs: 2 ** 53 - 1, timeNs: 999_999 }))],
      NOW,
    );
    world.store.append([batch(message({ span: 9, userId: "u" }))], NOW);
    expect(changes[0]!.fact).toMatchObject({ durationNs: 2 ** 53 - 1, timeNs: 999_999 });
    expect(world.reader.toolLogs({ limit: 1 }).lines).toEqual([]);
  });
});
