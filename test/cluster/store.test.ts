import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { NEW, type Fact, type StoredFact } from "../../src/contract/fact.ts";
import type { Json } from "../../src/contract/fold.ts";
import { openCluster, type Cluster as Instance } from "../../src/store/clickhouse/store.ts";
import { createScreen } from "../../src/store/screen.ts";
import { openDayCache } from "../../src/store/sqlite/day-cache.ts";
import { batch, DAY_MS, link, message, NOW, request, tool, trace } from "../store/world.ts";
import { startCluster, type Cluster } from "./clickhouse.ts";

/** Instances in this process, whose clock the tests set: what they tell, fold and close. */

const TODAY = Math.floor(NOW / DAY_MS);
const PAST = NOW - DAY_MS;
const RETENTION = { facts: 90, debugLogs: 7, toolBodies: 30, spans: 7 };

let servers: Cluster;
let databases = 0;
let opened: (() => Promise<void>)[] = [];

beforeAll(async () => (servers = await startCluster(2)), 60_000);
afterEach(async () => {
  for (const close of opened.toReversed()) await close();
  opened = [];
});
afterAll(() => servers.stop());

/** A fold that holds each fact, with its owner. */
function createDayFolder() {
  const seen: string[] = [];
  return {
    add: ({ key, userId }: StoredFact) => void seen.push(`${key.slice(-1)} ${userId ?? "-"}`),
    encode: () => [{ fold: "seen", version: 1, selection: "", state: seen.sort() as Json }],
  };
}

interface World {
  open(): Promise<Instance>;
  /** On every server. */
  run(sql: string): Promise<string[]>;
  nowMs: number;
}

function createWorld(retention = RETENTION): World {
  databases += 1;
  const database = `store_${process.pid}_${databases}`;
  const world: World = {
    nowMs: NOW,
    run: (sql) => Promise.all(servers.servers.map((server) => server.run(sql.replaceAll("DB", database)))),
    async open() {
      const folder = mkdtempSync(join(tmpdir(), "botel-cluster-"));
      const cache = openDayCache(join(folder, "days.db"));
      const instance = await openCluster({
        settings: { urls: servers.urls, database, user: "default", password: "", replicated: false },
        zone: "UTC",
        retention,
        screen: createScreen({ excludeUsers: [], excludeGroups: [] }),
        cache,
        createDayFolder,
        folds: "seen@1",
        clock: { now: () => world.nowMs, mono: () => performance.now() },
        failed: () => {},
      });
      opened.push(async () => {
        await instance.close();
        cache.close();
        rmSync(folder, { recursive: true, force: true });
      });
      return instance;
    },
  };
  return world;
}

function take(instance: Instance, world: World, ...facts: Fact[]): Promise<unknown> {
  return instance.append([batch(...facts)], [], world.nowMs);
}

/** The facts that an instance tells now, as they are then: `n` for a new one, else the bits that were known. */
async function told(instance: Instance, world: World): Promise<string[]> {
  const { changes } = await instance.look(world.nowMs);
  return changes.map(({ fact, before }) => `${fact.key.slice(-1)} ${before === NEW ? "n" : before}`).sort();
}

async function folded(instance: Instance, day = TODAY): Promise<Json> {
  return (await instance.days.fold(day)).slices[0]?.state ?? null;
}

describe("what instances tell", () => {
  test("each tells what any took, once", async () => {
    const world = createWorld();
    const [a, b] = [await world.open(), await world.open()];
    await take(a, world, message({ span: 1, trace: trace(1) }), tool({ span: 2, trace: trace(2) }));
    await take(b, world, message({ span: 3, trace: trace(3) }));
    for (const each of [a, b]) {
      expect(await told(each, world)).toEqual(["1 n", "2 n", "3 n"]);
      expect(await told(each, world)).toEqual([]);
    }
  });

  test("a fact that several took at the same moment is told once, and is one in folds", async () => {
    const world = createWorld();
    const [a, b] = [await world.open(), await world.open()];
    const fact = message({ span: 1, timeMs: NOW });
    await Promise.all([take(a, world, fact), take(b, world, fact), take(a, world, fact)]);
    expect(await told(a, world)).toEqual(["1 n"]);
    expect(await told(b, world)).toEqual(["1 n"]);
    expect(await folded(a)).toEqual(["1 -"]);
    expect(await folded(b)).toEqual(["1 -"]);
  });

  test("one that was stored and never told is told when it is sent again", async () => {
    const world = createWorld();
    const [a, b] = [await world.open(), await world.open()];
    const fact = message({ span: 1 });
    await take(a, world, fact);
    await forgetTold(world);
    expect(await told(b, world)).toEqual([]);
    expect(await folded(b)).toEqual([]);
    await take(b, world, fact);
    expect(await told(b, world)).toEqual(["1 n"]);
    expect(await folded(b)).toEqual(["1 -"]);
    expect(b.health().duplicates).toBe(1);
  });

  test("what one instance says of spans between calls is known to the other", async () => {
    const world = createWorld();
    const [a, b] = [await world.open(), await world.open()];
    await a.append([{ facts: [request({ span: 3, parent: 2 })], links: [stepLink(2, 1)] }], [], NOW);
    await b.look(NOW);
    await take(b, world, request({ span: 1 }));
    await b.look(NOW);
    expect(await folded(b)).toEqual(["3 -"]);
  });
});

function stepLink(span: number, parent: number) {
  const step = { name: "step", timeMs: NOW - 1000, timeNs: 0, durationNs: 1, failed: false };
  return { ...link(span, parent), step };
}

/** As if a writer had ended between the two: it is stored, and nobody was told. */
async function forgetTold(world: World): Promise<void> {
  await world.run("DROP TABLE DB.recent_kept").catch(() => {});
  const [sql = ""] = await world.run("SHOW CREATE TABLE DB.recent FORMAT TabSeparatedRaw");
  await world.run("DROP TABLE DB.recent");
  await world.run(sql);
}

describe("joins", () => {
  test("whoever took a fact writes it again when another took its message", async () => {
    const world = createWorld();
    const [a, b] = [await world.open(), await world.open()];
    await take(a, world, request({ span: 1 }));
    await b.look(NOW);
    await take(b, world, message({ span: 2, userId: "ann", groupId: "g" }));
    await a.look(NOW);
    expect(a.due(NOW)).toBe(true);
    await a.append([], [], NOW);
    expect(a.due(NOW)).toBe(false);
    expect(await told(b, world)).toEqual(["1 0", "2 n"]);
    expect(await folded(b)).toEqual(["1 ann", "2 ann"]);
  });

  test("where it did not, the others do, once", async () => {
    const world = createWorld();
    const [a, b, c, d] = [await world.open(), await world.open(), await world.open(), await world.open()];
    await take(a, world, request({ span: 1 }));
    await take(d, world, message({ span: 2, userId: "ann" }));
    for (const each of [b, c]) expect(await told(each, world)).toEqual(["1 n", "2 n"]);
    world.nowMs += 10_000;
    for (const each of [b, c]) await each.append([], [], world.nowMs);
    for (const each of [b, c]) expect(await told(each, world)).toEqual(["1 0"]);
    expect(await folded(c)).toEqual(["1 ann", "2 ann"]);
  });

  test("a fold has no join that was not told yet: it is added later", async () => {
    const world = createWorld();
    const [a, b] = [await world.open(), await world.open()];
    await take(a, world, request({ span: 1 }));
    await b.look(NOW);
    await take(a, world, message({ span: 2, userId: "ann" }));
    const { slices, whole } = await b.days.fold(TODAY);
    expect(slices[0]?.state).toEqual(["1 -"]);
    expect(whole).toBe(false);
    expect(await told(b, world)).toEqual(["1 0", "2 n"]);
  });

  test("a fold has no fact whose join was written before the fact was told: both are told later", async () => {
    const world = createWorld();
    const [a, b] = [await world.open(), await world.open()];
    await take(a, world, request({ span: 1, trace: trace(1) }));
    await take(a, world, message({ span: 2, trace: trace(1), userId: "u" }));
    await a.look(NOW);
    await a.append([], [], NOW);
    expect((await b.days.fold(TODAY)).slices[0]?.state).toEqual([]);
    expect(await told(b, world)).toEqual(expect.arrayContaining(["1 n", "2 n"]));
    expect(await folded(b)).toEqual(["1 u", "2 u"]);
  });
});

describe("days", () => {
  async function closePast(instance: Instance): Promise<boolean> {
    const { commit } = instance;
    return instance.days.closeDay(TODAY - 1, commit, await instance.days.fold(TODAY - 1));
  }

  test("a closed day is known to a start, until a fact of it comes", async () => {
    const world = createWorld();
    const a = await world.open();
    await take(a, world, message({ span: 1, timeMs: PAST }), message({ span: 2 }));
    await a.look(NOW);
    expect(a.days.open()).toEqual([TODAY - 1, TODAY]);
    expect(await closePast(a)).toBe(true);
    const b = await world.open();
    expect(b.days.open()).toEqual([TODAY]);
    await take(a, world, message({ span: 3, timeMs: PAST }));
    const c = await world.open();
    expect(c.days.open()).toEqual([TODAY - 1, TODAY]);
    await b.look(NOW);
    expect(b.days.open()).toEqual([TODAY - 1, TODAY]);
    expect(await folded(c, TODAY - 1)).toEqual(["1 -", "3 -"]);
  });

  test("one is not closed while something of it was not told", async () => {
    const world = createWorld();
    const [a, b] = [await world.open(), await world.open()];
    await take(a, world, message({ span: 1, timeMs: PAST }));
    await b.look(NOW);
    await take(a, world, message({ span: 2, timeMs: PAST }));
    expect(await closePast(b)).toBe(false);
  });

  test("what was counted otherwise than the cluster holds it is found out by two checks", async () => {
    const world = createWorld();
    const [a, b] = [await world.open(), await world.open()];
    await take(a, world, message({ span: 1 }));
    await b.look(NOW);
    await b.days.fold(TODAY);
    expect(await b.days.check()).toEqual([]);
    await take(a, world, message({ span: 2 }));
    await forgetTold(world);
    expect(await b.days.check()).toEqual([]);
    expect(await b.days.check()).toEqual([TODAY]);
    expect(await folded(b)).toEqual(["1 -"]);
    // Its writer may still tell it: it counts once that is gone.
    world.nowMs += 30 * 60_000;
    await b.beat(world.nowMs);
    await b.days.check();
    expect(await b.days.check()).toEqual([TODAY]);
    expect(await folded(b)).toEqual(["1 -", "2 -"]);
  }, 60_000);

  test("a closed day that the cluster holds otherwise is open again after two checks", async () => {
    const world = createWorld();
    const [a, b] = [await world.open(), await world.open()];
    await take(a, world, message({ span: 1, timeMs: PAST }));
    await b.look(NOW);
    expect(await closePast(b)).toBe(true);
    expect(await b.days.check()).toEqual([]);
    expect(await b.days.check()).toEqual([]);
    await take(a, world, message({ span: 2, timeMs: PAST }));
    await forgetTold(world);
    expect(await b.days.check()).toEqual([]);
    expect(await b.days.check()).toEqual([TODAY - 1]);
    expect(b.days.open()).toEqual([TODAY - 1]);
  }, 60_000);

  test("what is older than its retention goes, and its totals stay", async () => {
    const world = createWorld({ ...RETENTION, facts: 2, toolBodies: 1 });
    const a = await world.open();
    await take(a, world, tool({ span: 1, timeMs: PAST, args: "1" }), message({ span: 2 }));
    await a.look(NOW);
    expect(await closePast(a)).toBe(true);
    world.nowMs = NOW + 2.5 * DAY_MS;
    await a.beat(world.nowMs);
    await a.retire(world.nowMs);
    const count = async (table: string) => (await world.run(`SELECT count() FROM DB.${table}`)).map(Number);
    expect((await count("facts")).reduce((all, one) => all + one)).toBe(1);
    expect((await count("contents")).reduce((all, one) => all + one)).toBe(0);
    const b = await world.open();
    expect(b.days.open()).toEqual([TODAY]);
    expect(await folded(b, TODAY - 1)).toEqual(["1 -"]);
    expect(await b.append([batch(message({ span: 3, timeMs: PAST }))], [], world.nowMs)).toMatchObject({
      reasons: ["too_old"],
    });
  });
});
