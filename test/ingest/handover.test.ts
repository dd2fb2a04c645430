import { expect, test } from "vitest";
import type { OtlpOutcome, OtlpRequest } from "../../src/contract/thread.ts";
import { createHandover } from "../../src/ingest/handover.ts";

const MB = 1024 * 1024;
/** Half of what the store has before it at the most. */
const HALF = 2 * MB;
const STORED: OtlpOutcome = { status: 200, unread: {} };

function connected() {
  const handover = createHandover();
  const posted: OtlpRequest[] = [];
  handover.connect((request) => posted.push(request));
  return { handover, posted, sizes: () => posted.map(({ body }) => body.byteLength / HALF) };
}

test("bodies go to the store in their order, a few at a time, and always one", async () => {
  const { handover, posted, sizes } = connected();
  const stored = [1, 1, 1, 3, 1].map((size) => handover.store("traces", false, new ArrayBuffer(size * HALF)));
  expect(sizes()).toEqual([1, 1]);
  handover.settle(posted[0]!.id, STORED);
  expect(sizes()).toEqual([1, 1, 1]);
  handover.settle(posted[1]!.id, STORED);
  expect(sizes()).toEqual([1, 1, 1]);
  handover.settle(posted[2]!.id, STORED);
  expect(sizes()).toEqual([1, 1, 1, 3]);
  handover.settle(posted[3]!.id, STORED);
  handover.settle(posted[4]!.id, STORED);
  expect(sizes()).toEqual([1, 1, 1, 3, 1]);
  expect(await Promise.all(stored)).toEqual(stored.map(() => STORED));
});

test("what a store that is gone was given, and what waits for it, is answered 503; the next store starts anew", async () => {
  const { handover, posted } = connected();
  const stored = [4, 4].map((size) => handover.store("logs", true, new ArrayBuffer(size * MB)));
  expect(handover.connected).toBe(true);
  handover.connect(undefined);
  expect(handover.connected).toBe(false);
  for (const outcome of await Promise.all(stored)) expect(outcome).toMatchObject({ status: 503, retryAfterMs: 1000 });
  const again: OtlpRequest[] = [];
  handover.connect((request) => again.push(request));
  const next = handover.store("logs", true, new ArrayBuffer(2 * MB));
  handover.settle(posted[0]!.id, STORED); // the old store's word is nothing to it
  expect(again).toHaveLength(1);
  handover.settle(again[0]!.id, STORED);
  expect(await next).toEqual(STORED);
});
