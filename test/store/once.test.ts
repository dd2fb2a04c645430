import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { batch, createWorld, link, log, message, NOW, request, tool } from "./world.ts";
import type { World } from "./world.ts";

// contract §2: "Exactly once: a span is identified by (trace id, span id) and its end time. One delivered again, also
// after a restart, changes nothing."
describe("one delivered again, also after a restart, changes nothing", () => {
  let world: World;
  beforeEach(() => (world = createWorld()));
  afterEach(() => world.remove());

  const facts = [
    request({ span: 2, parent: 1 }),
    tool({ span: 3, parent: 1 }),
    message({ span: 1, userId: "u" }),
    log({ n: 1 }),
  ];

  test("in one batch, in the next, in one append", () => {
    expect(world.store.append([batch(...facts, ...facts)], NOW).changes).toHaveLength(4);
    const again = world.store.append([batch(...facts), batch(...facts.toReversed())], NOW);
    expect(again).toMatchObject({ commit: 1, changes: [], voided: [], refused: [0, 0] });
    expect(world.store.health()).toMatchObject({
      duplicates: 12,
      commits: 1,
      taken: { request: 1, tool: 1, message: 1, log: 1 },
    });
  });

  test("after a restart, also where newer facts came", () => {
    world.store.append([batch(...facts), batch(message({ span: 9, timeMs: NOW }))], NOW);
    world.restart();
    expect(world.store.append([batch(...facts)], NOW).changes).toEqual([]);
    expect(world.fold(world.store.openDays()[0]!)).toHaveLength(4);
  });

  test("of thousands, in whatever order they come and come again", () => {
    const times = Array.from({ length: 6000 }, (_, n) => NOW - ((n * 7919) % 120_000));
    const all = times.map((timeMs, n) => message({ span: n + 1, timeMs }));
    for (let from = 0; from < all.length; from += 500) {
      world.store.append([batch(...all.slice(from, from + 500))], NOW);
      world.store.append([batch(...all.slice(Math.max(0, from - 1500), from + 250))], NOW);
    }
    world.store.append([batch(...all)], NOW);
    expect(world.store.health().taken).toEqual({ message: all.length });
  });

  test("a duplicate joins nothing and nests nothing", () => {
    world.store.append([batch(request({ span: 5, parent: 4 }))], NOW);
    world.store.append([batch(log({ n: 1 }))], NOW + 30 * 60_000);
    world.restart({ nowMs: NOW + 60 * 60_000 });
    // The trace is not remembered any more: what comes again must not bring it back.
    const { changes } = world.store.append([batch(request({ span: 5, parent: 4 }), request({ span: 4 }))], NOW);
    expect(changes.map(({ fact }) => fact.counted)).toEqual([true]);
  });

  test("the same span with another end is another fact", () => {
    world.store.append([batch(request({ span: 1 }))], NOW);
    const later = [request({ span: 1, timeNs: 1 }), request({ span: 1, timeMs: NOW })];
    expect(world.store.append([batch(...later)], NOW).changes).toHaveLength(2);
  });

  test("a batch of nothing, and of spans that are no facts only, makes no commit", () => {
    expect(world.store.append([batch(), { facts: [], links: [link(1, undefined)] }], NOW).commit).toBe(0);
    expect(world.store.append([], NOW)).toMatchObject({ commit: 0, changes: [], refused: [] });
  });
});
