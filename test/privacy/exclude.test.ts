import { afterEach, describe, expect, test } from "vitest";
import { batch, createWorld, day, link, log, message, NOW, request, tool, trace } from "../store/world.ts";
import type { World } from "../store/world.ts";

let world: World;
afterEach(() => world.remove());

const privacy = { excludeUsers: ["ghost"], excludeGroups: ["club"] };

function excluding(): World {
  world = createWorld({ privacy });
  return world;
}

function kept(): number[] {
  return world.fold(day()).map(({ row }) => row);
}

// issue 8: "groups or users excluded (not stored, in no total, counted as excluded)"
describe("a user or a group that is excluded", () => {
  test("none of their facts is stored, whatever its kind, and each is counted", () => {
    const { store } = excluding();
    const facts = [
      message({ span: 1, trace: trace(1), userId: "ghost" }),
      request({ span: 2, trace: trace(2), userId: "ann", groupId: "club" }),
      tool({ span: 3, trace: trace(3), userId: "ghost", groupId: "open" }),
      log({ n: 4, userId: "ghost" }),
      message({ span: 5, trace: trace(5), userId: "ann", groupId: "open" }),
    ];
    const { changes, refused } = store.append([batch(...facts)], NOW);
    expect(changes.map(({ fact }) => fact.spanId)).toEqual([facts[4]?.spanId]);
    expect(refused).toEqual([0]);
    expect(world.fold(day())).toMatchObject([{ kind: "message", userId: "ann" }]);
    expect(store.health()).toMatchObject({ excluded: 4, taken: { message: 1 }, refused: {} });
    expect(world.reader.logs({ limit: 10 }).lines).toEqual([]);
  });

  test("what names no owner goes with the message of its trace, in the same batch or later", () => {
    const { store } = excluding();
    const turn = message({ span: 1, userId: "ann", groupId: "club" });
    store.append([batch(request({ span: 2, parent: 1 }), turn)], NOW);
    store.append([batch(tool({ span: 3, parent: 1 }), log({ n: 9, traceId: turn.traceId }))], NOW);
    expect(kept()).toEqual([]);
    expect(store.health().excluded).toBe(4);
  });

  test("what came before its message is taken out again, with its texts, and its day is void", () => {
    const { store } = excluding();
    const early = [
      request({ span: 2, parent: 1, failed: true, errorMessage: "why" }),
      tool({ span: 3, parent: 1, args: '"a"' }),
    ];
    const before = store.append([batch(...early)], NOW);
    expect(before.changes).toHaveLength(2);
    expect(world.reader.toolLogs({ limit: 10 }).lines).toHaveLength(1);

    const after = store.append([batch(message({ span: 1, groupId: "club" }))], NOW);
    expect(after).toMatchObject({ changes: [], voided: [day()] });
    expect(after.commit).toBeGreaterThan(before.commit);
    expect(kept()).toEqual([]);
    expect(world.reader.toolLogs({ limit: 10 }).lines).toEqual([]);
    expect(world.reader.errors({ limit: 10 }).lines).toEqual([]);
    expect(store.health().excluded).toBe(3);
    // Sent once more, it stays out.
    expect(store.append([batch(...early)], NOW).changes).toEqual([]);
  });

  test("a fact of the turn that names both its user and its group goes by itself", () => {
    const { store } = excluding();
    const own = { userId: "ann", groupId: "open" };
    store.append(
      [batch(message({ span: 1, groupId: "club" }), request({ span: 2, ...own }), request({ span: 3, userId: "ann" }))],
      NOW,
    );
    expect(world.fold(day())).toMatchObject([{ kind: "request", ...own }]);
  });

  test("a restart between the message and the rest of its turn changes nothing", () => {
    const { store } = excluding();
    store.append([batch(message({ span: 1, userId: "ghost" }))], NOW);
    world.restart();
    world.store.append([batch(request({ span: 2, parent: 1 }))], NOW);
    expect(kept()).toEqual([]);
  });

  test("row numbers are never used twice, also where the newest rows are not kept", () => {
    const { store } = excluding();
    store.append([batch(request({ span: 2, parent: 1 }))], NOW);
    store.append([batch(message({ span: 1, userId: "ghost" }))], NOW);
    const { lastRow } = store;
    expect(lastRow).toBeGreaterThan(0);
    world.restart();
    expect(world.store.lastRow).toBe(lastRow);
  });

  test("a closed day whose fact is taken out is open again, without blobs", () => {
    const { store } = excluding();
    store.append([batch(request({ span: 2, parent: 1, timeMs: NOW - 1000 }))], NOW);
    expect(world.close(day())).toBe(true);
    store.append([batch(message({ span: 1, userId: "ghost" }))], NOW);
    expect(store.openDays()).toEqual([day()]);
    expect(world.reader.blobs("seen", "", day(), day())).toEqual([]);
  });

  test("spans of the turn that are no facts are not kept, and go where they were", () => {
    const { store } = excluding();
    const step = (name: string) => ({ name, timeMs: NOW - 500, timeNs: 0, durationNs: 1000, failed: false });
    const [before, after] = [
      { ...link(7, 1), step: step("GET /before") },
      { ...link(8, 1), step: step("GET /after") },
    ];
    store.append([{ facts: [request({ span: 2, parent: 1 })], links: [before] }], NOW);
    expect(world.reader.trace(before.traceId, NOW).spans).toHaveLength(1);
    store.append([batch(message({ span: 1, userId: "ghost", timeMs: NOW, durationNs: 2_000_000_000 }))], NOW);
    store.append([{ facts: [], links: [after] }], NOW);
    expect(world.reader.trace(before.traceId, NOW)).toMatchObject({ facts: [], spans: [] });
  });

  test("of several messages in a trace the earliest started says whether it is excluded", () => {
    const { store } = excluding();
    store.append(
      [
        batch(
          message({ span: 1, userId: "ann", timeMs: NOW - 5000 }),
          message({ span: 2, userId: "ghost", timeMs: NOW - 1000 }),
          request({ span: 3, parent: 1 }),
        ),
      ],
      NOW,
    );
    expect(world.fold(day())).toMatchObject([
      { kind: "message", userId: "ann" },
      { kind: "request", userId: "ann" },
    ]);
  });

  test("a failed commit forgets what it excluded", () => {
    excluding();
    const turn = message({ span: 1, userId: "ghost" });
    const broken = { ...request({ span: 2, parent: 1 }), model: { not: "a text" } as unknown as string };
    expect(() => world.store.append([batch(turn), batch({ ...broken, userId: "a", groupId: "b" })], NOW)).toThrow();
    world.store.append([batch(request({ span: 3, parent: 1 }))], NOW);
    expect(kept()).toHaveLength(1);
    expect(world.store.append([batch(turn)], NOW).voided).toEqual([day()]);
    expect(kept()).toEqual([]);
  });
});

test("without settings nothing is excluded, and nothing is renamed", () => {
  world = createWorld();
  world.store.append([batch(message({ span: 1, userId: "ghost", userName: "Ghost", groupId: "club" }))], NOW);
  expect(world.fold(day())).toMatchObject([{ userId: "ghost", groupId: "club" }]);
  expect(world.reader.userNames(["ghost"])).toEqual(new Map([["ghost", "Ghost"]]));
});
