import { afterEach, beforeEach, expect, test } from "vitest";
import { NEW, type Change } from "../../src/contract/fact.ts";
import { packChanges } from "../../src/contract/packed.ts";
import type { StoreToObserver } from "../../src/contract/thread.ts";
import { shown } from "../../src/pipeline.ts";
import { createTally, type Tally } from "../../src/live/tally.ts";
import type { FactStore } from "../../src/store/store.ts";
import { batch, createWorld, message, NOW, type World } from "../store/world.ts";

let world: World;
let tally: Tally;
let hear: (message: StoreToObserver) => void;

beforeEach(() => {
  world = createWorld();
  tally = createTally();
  const missed = (row: number, upTo: number): Change[] =>
    world.reader.arrivals(row, upTo).map((fact) => ({ fact, before: NEW }));
  const windows = { apply() {} };
  const nothing = { changes() {}, see() {} };
  const stages = { hello() {}, missed, windows: () => windows, system: nothing, live: { changes: tally.add } };
  hear = shown({ ...stages, metrics: nothing } as unknown as Parameters<typeof shown>[0]);
});
afterEach(() => world.remove());

function hello({ commit, lastRow: row, zone }: FactStore): void {
  const catalog = { version: 1, zone, bots: {}, channels: {}, inventories: {} } as const;
  hear({ type: "hello", commit, row, zone, states: [], databaseFile: world.file, catalog });
}

function append(first: number, count: number): Extract<StoreToObserver, { type: "changes" }> {
  const facts = Array.from({ length: count }, (_, n) => message({ span: first + n }));
  const { commit, changes } = world.store.append([batch(...facts)], NOW);
  return { type: "changes", commit, changes: packChanges(changes), states: [] };
}

test("what a store committed before it crashed, and could not tell, is counted when it is back; nothing is twice", () => {
  append(1, 3); // before this observer was there: no news
  hello(world.store);
  hear(append(10, 2));
  append(20, 4); // committed, and never told
  world.restart();
  hello(world.store);
  hear(append(30, 1));
  world.restart();
  hello(world.store);
  expect(tally.take().messages).toBe(2 + 4 + 1);
});
