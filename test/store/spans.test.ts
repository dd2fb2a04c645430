import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Fact, Link, Step } from "../../src/contract/fact.ts";
import { createJournal } from "../../src/store/journal.ts";
import { createWaiting } from "../../src/store/waiting.ts";
import { createWorld, DAY_MS, id, link, log, message, NOW, request, trace, TRACE } from "./world.ts";
import type { World } from "./world.ts";

let world: World;
beforeEach(() => (world = createWorld({ retention: { facts: 90, debugLogs: 7, toolBodies: 30, spans: 7 } })));
afterEach(() => world.remove());

const MINUTE = 60_000;

function step(span: number, more: Partial<Step> & { trace?: string; parent?: number } = {}): Link {
  const { trace: traceId = TRACE, parent, ...own } = more;
  const bare = { name: `step ${span}`, timeMs: NOW - 1000, timeNs: 0, durationNs: 1_000_000, failed: false };
  return { ...link(span, parent, false, traceId), step: { ...bare, ...own } };
}

function take(facts: Fact[], links: Link[], nowMs = NOW): void {
  world.store.append([{ facts, links }], nowMs);
}

/** Span ids of the steps that are kept of a trace. */
function kept(traceId = TRACE, atMs = NOW): string[] {
  return world.reader
    .trace(traceId, atMs)
    .spans.map(({ spanId }) => spanId)
    .toSorted();
}

// contract §2: "Those of a trace that has a fact are kept for 7 days without content: name, times, status and a few
// attributes that say what was done."
// issue 6: "Spans that are no facts (agents, steps, HTTP) are kept for 7 days without content, so that the waterfall is whole"
describe("spans that are no facts are kept", () => {
  test("with all that a waterfall shows, whatever they lie under", () => {
    const attributes = '{"http.route":"/a"}';
    const whole = step(2, { parent: 1, timeNs: 7, failed: true, service: "bot", attributes });
    const root = step(9);
    take([message({ span: 1 })], [whole, root]);
    expect(world.reader.trace(TRACE, NOW).spans).toEqual([
      { ...whole, agent: false },
      { ...root, parentId: undefined, step: { ...root.step, service: undefined, attributes: undefined } },
    ]);
  });

  test("whether they come before the trace's first fact, with it, or after it", () => {
    take([], [step(2), step(3)]);
    expect(kept()).toEqual([]);
    take([request({ span: 1 })], [step(4)]);
    take([], [step(5)], NOW + 14 * MINUTE);
    world.restart({ nowMs: NOW + 14 * MINUTE });
    take([], [step(6)], NOW + 14 * MINUTE);
    expect(kept()).toEqual([id(2), id(3), id(4), id(5), id(6)]);
  });

  test("once, however often they are delivered, also after a restart", () => {
    const fact = request({ span: 1 });
    take([fact], [step(2)]);
    take([fact], [step(2)]);
    world.restart();
    take([], [step(2), step(3)]);
    expect(kept()).toEqual([id(2), id(3)]);
  });

  test("of a trace of log records too", () => {
    take([log({ n: 1, traceId: TRACE, spanId: id(2) })], [step(2)]);
    expect(kept()).toEqual([id(2)]);
  });

  test("not where the commit failed, and once when it is tried again", () => {
    take([], [step(2)]);
    const bad = { ...request({ span: 1 }), operation: {} as string };
    expect(() => take([bad], [step(3)])).toThrow();
    expect(kept()).toEqual([]);
    take([request({ span: 1 })], [step(3)]);
    expect(kept()).toEqual([id(2), id(3)]);
  });
});

// contract §2: "The decision is made once and stored with the fact."
describe("over a restart a call that is nested over them is not counted a second time", () => {
  const nested = (between: Link) => {
    take([request({ span: 3, parent: 2 })], [between]);
    world.restart();
    const { changes } = world.store.append([{ facts: [request({ span: 1 })], links: [] }], NOW + MINUTE);
    return changes.length;
  };

  test("whenever they had ended", () => {
    expect(nested(step(2, { parent: 1 }))).toBe(0);
  });

  test("also where they came late", () => {
    expect(nested(step(2, { parent: 1, timeMs: NOW - DAY_MS }))).toBe(0);
  });

  test("but where they are an agent's", () => {
    expect(nested({ ...step(2, { parent: 1 }), agent: true })).toBe(1);
  });

  test("also where they wait for a fact of their trace", () => {
    take([], [step(2, { parent: 1 })]);
    world.restart();
    const facts = [request({ span: 3, parent: 2 }), request({ span: 1 })];
    expect(world.store.append([{ facts, links: [] }], NOW).changes).toHaveLength(1);
  });
});

describe("what is beside the turns does not fill the disk", () => {
  test("a trace without a fact keeps none, and waits no longer than joins do", () => {
    take([], [step(2)]);
    take([], [step(9, { trace: trace(9) })], NOW + 16 * MINUTE);
    take([request({ span: 1 })], [], NOW + 16 * MINUTE);
    expect(kept()).toEqual([]);
    expect(kept(trace(9))).toEqual([]);
  });

  test("what waits is bounded: the oldest trace goes first, and is counted", () => {
    const journal = createJournal();
    const waiting = createWaiting(journal, 3);
    for (const [n, of] of [1, 1, 2, 3].entries()) waiting.hold(step(n + 1, { trace: trace(of) }), NOW);
    waiting.expire(NOW - MINUTE);
    expect([1, 2, 3].map((of) => waiting.release(trace(of)).length)).toEqual([0, 1, 1]);
    expect(waiting.dropped).toBe(2);
    // What was released takes no room.
    for (const n of [4, 5, 6]) waiting.hold(step(n, { trace: trace(4) }), NOW);
    waiting.expire(NOW - MINUTE);
    expect(waiting.dropped).toBe(2);
  });

  test("what falls off is in the health", () => {
    const links = Array.from({ length: 20_001 }, (_, n) => step(n + 1, { trace: trace(0x20000 + n) }));
    take([], links);
    expect(world.store.health().shed).toMatchObject({ waitingSpans: 1 });
  });

  test("a span dated too far ahead, or older than they are kept, is none", () => {
    const times = [NOW + 11 * MINUTE, NOW - 8 * DAY_MS, Number.NaN, NOW + 9 * MINUTE];
    take(
      [request({ span: 1 })],
      times.map((timeMs, n) => step(n + 2, { timeMs })),
    );
    expect(kept(TRACE, NOW)).toEqual([id(5)]);
    expect(kept(TRACE, NOW - 8 * DAY_MS)).toEqual([]);
  });
});

describe("they go", () => {
  test("after `store.retention.spans` days, in bounded pieces, and the facts stay", () => {
    const links = Array.from({ length: 1200 }, (_, n) => step(n + 2, { timeMs: NOW - 7 * DAY_MS + MINUTE + n }));
    take([request({ span: 1, timeMs: NOW - 7 * DAY_MS + MINUTE })], links);
    while (world.store.retire(NOW));
    expect(world.reader.trace(TRACE, NOW - 7 * DAY_MS).spans).toHaveLength(1200);
    let steps = 0;
    while (world.store.retire(NOW + 2 * MINUTE)) steps += 1;
    expect(steps).toBeGreaterThanOrEqual(3);
    expect(world.reader.trace(TRACE, NOW - 7 * DAY_MS)).toMatchObject({ facts: [{ spanId: id(1) }], spans: [] });
  });

  test("with `maxBytes` right behind debug logs", () => {
    world.restart({ maxBytes: 300_000 });
    const text = "x".repeat(300);
    const old = NOW - 30 * MINUTE;
    const lines = Array.from({ length: 600 }, (_, n) =>
      log({ n: 0x20000 + n, message: text, level: n % 2 ? "info" : "debug" }),
    );
    take(
      [...lines, request({ span: 1 })],
      Array.from({ length: 600 }, (_, n) => step(n + 2, { name: text, timeMs: old })),
    );
    const order = new Set<string>();
    while (world.store.retire(NOW))
      for (const [what, count] of Object.entries(world.store.health().shed)) if (count > 0) order.add(what);
    expect([...order]).toEqual(["debugLogs", "spans", "logs"]);
    expect(world.store.health().shed).toMatchObject({ debugLogs: 300, spans: 600, logs: 300 });
  });
});

// design §1: "A trace is read by its time: whoever shows a trace id has the time beside it"
describe("a trace is read by its time", () => {
  test("its facts and its log records, and nothing of another trace", () => {
    const own = [message({ span: 1 }), request({ span: 2, parent: 1 }), log({ n: 1, traceId: TRACE, spanId: id(1) })];
    const edges = [trace(0), `${TRACE.slice(0, 31)}e`, `${TRACE.slice(0, 30)}f0`];
    const others = edges.flatMap((other, n) => [
      request({ span: 1, trace: other }),
      log({ n: n + 5, traceId: other, spanId: id(1) }),
    ]);
    const links = edges.map((other) => step(8, { trace: other }));
    take([...own, ...others, log({ n: 9 }), log({ n: 10, traceId: TRACE })], [...links, step(9)]);
    const { facts, spans, cut } = world.reader.trace(TRACE, NOW);
    expect(facts.map(({ kind, row }) => [kind, row])).toEqual([
      ["message", 1],
      ["request", 2],
      ["log", 3],
      ["log", 11],
    ]);
    expect(facts[2]).toMatchObject({ message: "line 1" });
    expect(spans.map(({ spanId }) => spanId)).toEqual([id(9)]);
    expect(cut).toBe(false);
  });

  test("from 15 minutes before that time to 15 minutes after it", () => {
    const times = [-15 * MINUTE - 1, -15 * MINUTE, 0, 5 * MINUTE];
    take(
      times.map((after, n) => request({ span: n + 1, timeMs: NOW + after })),
      [],
    );
    const rows = (atMs: number) => world.reader.trace(TRACE, atMs).facts.map(({ row }) => row);
    expect(rows(NOW)).toEqual([2, 3, 4]);
    expect(rows(NOW - 15 * MINUTE)).toEqual([1, 2, 3]);
    expect(rows(NOW - 10 * MINUTE - 1)).toEqual([1, 2, 3]);
    expect(rows(NOW + 30 * MINUTE)).toEqual([]);
    expect(rows(-5)).toEqual([]);
  });

  test("with log records that come right before and after its spans", () => {
    const lines = [-2900, -2000, 900, 2000].map((after, n) => log({ n, traceId: TRACE, timeMs: NOW + after }));
    take([...lines, message({ span: 1, timeMs: NOW, durationNs: 2e9 })], []);
    const times = world.reader.trace(TRACE, NOW).facts.map(({ timeMs }) => timeMs - NOW);
    expect(times).toEqual([0, -2900, -2000, 900]);
  });

  test("log records of a trace without spans are found too", () => {
    take([log({ n: 1, traceId: TRACE, timeMs: NOW - 10 * MINUTE })], []);
    expect(world.reader.trace(TRACE, NOW).facts).toMatchObject([{ kind: "log" }]);
  });

  test("that it was looked for in less time than it took is told", () => {
    const long = (minutes: number) => [message({ span: 1, durationNs: minutes * MINUTE * 1e6 })];
    take(long(14), []);
    expect(world.reader.trace(TRACE, NOW).cut).toBe(false);
    take([message({ span: 2, durationNs: 16 * MINUTE * 1e6 })], []);
    expect(world.reader.trace(TRACE, NOW).cut).toBe(true);
  });

  test("where very much happened, what lies nearest is found", () => {
    const busy = Array.from({ length: 5000 }, (_, n) => log({ n, timeMs: NOW - 10_000 + n, level: "info" }));
    const own = [-9000, -4000].map((after, n) => log({ n: 9000 + n, traceId: TRACE, timeMs: NOW + after }));
    const took = message({ span: 1, timeMs: NOW, durationNs: 10_000 * 1e6 });
    take([...busy, ...own, took], []);
    const { facts, cut } = world.reader.trace(TRACE, NOW - 5500);
    expect(facts.map(({ timeMs }) => timeMs - NOW)).toEqual([0, -4000]);
    expect(cut).toBe(true);
  });
});
