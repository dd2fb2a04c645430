import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import { EVERYTHING } from "../../src/contract/fold.ts";
import { createPseudonyms } from "../../src/store/pseudonyms.ts";
import { batch, day, log, message, NOW, request, tool, trace } from "../store/world.ts";
import type { World } from "../store/world.ts";
import { ANN, BEN, CLUB, createPeople, fill, forget, onDisk, slicesOf, states, toTheEnd, turn } from "./people.ts";

let world: World;
afterEach(() => world.remove());

// issue 8: "`botel forget --user ID` erases one user on a running botel: facts and blobs hold a tombstone in place of the
// id, sums and distinct counts stay"
describe("who is forgotten", () => {
  test("is nowhere in the files; sums and distinct counts of every fold stay, and the others keep all", () => {
    world = createPeople();
    fill(world);
    const before = states(world, 4);
    expect(onDisk(world)).toContain(ANN);
    const forgotten = forget(world, ANN);
    expect(forgotten).toMatchObject({ facts: 8 * 5, names: 1, days: 4 });
    expect(onDisk(world)).not.toContain(ANN);
    expect(onDisk(world)).toContain(BEN);
    expect(states(world, 4)).toEqual(before);
    expect(world.reader.userNames([ANN, BEN])).toEqual(new Map([[BEN, `${BEN}'s name`]]));
    const calls = world.reader.toolLogs({ limit: 100 }).lines;
    const ofAnn = calls.filter(({ userId }) => userId !== BEN);
    expect(ofAnn).toHaveLength(8);
    expect(new Set(ofAnn.map(({ userId }) => userId)).size).toBe(1);
    expect(ofAnn.every(({ args, result, userId }) => !args && !result && userId?.startsWith("forgotten-"))).toBe(true);
    expect(calls.filter(({ userId, args }) => userId === BEN && args?.includes(BEN))).toHaveLength(8);
  });

  test("keeps lines and errors as lines and errors, without a word", () => {
    world = createPeople();
    fill(world, 1);
    const lines = world.reader.logs({ limit: 100 }).lines.length;
    const errors = world.reader.errors({ limit: 100 }).lines.length;
    forget(world, ANN);
    const now = world.reader.logs({ limit: 100 }).lines;
    expect(now).toHaveLength(lines);
    // Two turns of Ann's, each with a line of her own and one that only names her.
    expect(now.filter(({ message: text, meta }) => text === "[erased]" && meta === undefined)).toHaveLength(4);
    const items = world.reader.errors({ limit: 100 }).lines;
    expect(items).toHaveLength(errors);
    expect(JSON.stringify(items)).not.toContain(ANN);
  });

  test("a group likewise: its selection, its name, its texts", () => {
    world = createPeople();
    fill(world);
    const before = states(world, 4);
    expect(forget(world, CLUB, "group")).toMatchObject({ facts: 8 * 5, names: 1, days: 4 });
    expect(onDisk(world)).not.toContain(CLUB);
    expect(onDisk(world)).toContain("group-open-1");
    expect(states(world, 4)).toEqual(before);
    expect(slicesOf(world, day()).some(({ selection }) => selection.startsWith("forgotten-"))).toBe(true);
  });

  test("a user and a group of the same id are two", () => {
    world = createPeople();
    world.store.append([batch(message({ span: 1, userId: "same-id-1", groupId: "same-id-1" }))], NOW);
    forget(world, "same-id-1", "user");
    const [fact] = world.reader.arrivals(0, 10);
    expect(fact).toMatchObject({ userId: expect.stringMatching(/^forgotten-/), groupId: "same-id-1" });
  });

  test("in closed days and in sealed ones, whose blobs are all there is", () => {
    world = createPeople({ retention: { facts: 90, debugLogs: 7, toolBodies: 30 } });
    fill(world);
    const before = states(world, 4);
    for (const ago of [3, 2, 1]) expect(world.close(day(ago))).toBe(true);
    world.restart({ retention: { facts: 2, debugLogs: 7, toolBodies: 30 } });
    while (world.store.retire(NOW));
    expect(world.store.openDays()).toEqual([day()]);
    expect(JSON.stringify(world.reader.blobs("users", EVERYTHING, day(3), day(3)))).toContain(ANN);

    expect(forget(world, ANN).days).toBe(4);
    expect(onDisk(world)).not.toContain(ANN);
    expect(states(world, 4)).toEqual(before);
    const [sealed] = world.reader.blobs("users", EVERYTHING, day(3), day(3));
    expect(JSON.stringify(sealed)).toMatch(/forgotten-.*user-ben/);
    // What the observer holds of it is older than the blob, which is of this start.
    expect(sealed?.commit).toBeGreaterThan(0);
    // A closed day that has its facts is folded out of them again.
    expect(world.store.openDays()).toEqual([day(2), day(1), day()]);
  });

  test("a fold that began before it does not bring the id back into a blob", () => {
    world = createPeople();
    fill(world, 2);
    const { commit } = world.store;
    const slices = slicesOf(world, day(1));
    forget(world, ANN);
    expect(world.store.closeDay(day(1), commit, slices)).toBe(false);
    expect(onDisk(world)).not.toContain(ANN);
  });

  test("copies that SQLite left in unused parts of the file go with the rest of it; a large file is said to hold them", () => {
    world = createPeople();
    fill(world, 1);
    const other = new DatabaseSync(world.file);
    other.exec(`PRAGMA secure_delete = OFF; CREATE TABLE scratch (text TEXT); INSERT INTO scratch VALUES ('${ANN}')`);
    other.exec("DELETE FROM scratch; PRAGMA wal_checkpoint(TRUNCATE)");
    other.close();
    const small = toTheEnd(world.store.forget({ owner: "user", id: ANN }, { nowMs: () => NOW, rewriteBytes: 1000 }));
    expect(small).toMatchObject({ facts: 10, file: "left" });
    expect(onDisk(world)).toContain(ANN);
    expect(forget(world, ANN)).toMatchObject({ facts: 0, file: "rewritten" });
    expect(onDisk(world)).not.toContain(ANN);
    expect(forget(world, ANN)).toMatchObject({ facts: 0, file: "clean" });
  });

  test("tells the days that are void, once all of them are changed", () => {
    world = createPeople();
    fill(world, 3);
    const voided: number[][] = [];
    const commits: number[] = [];
    toTheEnd(world.store.forget({ owner: "user", id: ANN }, { nowMs: () => NOW }), (step) => {
      if (step.voided.length > 0) voided.push(step.voided.toSorted((a, b) => a - b));
      commits.push(step.commit);
    });
    expect(voided).toEqual([[day(2), day(1), day()]]);
    expect(commits).toEqual(commits.toSorted((a, b) => a - b));
  });

  test("while facts flow: those of others stay, those of the forgotten are the tombstone's, joins too", () => {
    world = createPeople();
    fill(world, 2);
    let n = 500;
    const others = 2;
    toTheEnd(world.store.forget({ owner: "user", id: ANN }, { nowMs: () => NOW }), () => {
      world.store.append([turn((n += 1), ANN, CLUB), turn((n += 1), BEN, CLUB)], NOW);
    });
    const during = (n - 500) / 2;
    // A turn that was under way: its message came before, the rest comes after.
    const late = [request({ span: 9001, trace: trace(n - 1) }), tool({ span: 9002, trace: trace(n - 1), userId: ANN })];
    world.store.append([batch(...late)], NOW + 1000);
    world.restart();
    expect(during).toBeGreaterThan(others);
    const facts = world.reader.arrivals(0, 1e6).filter(({ kind }) => kind === "message");
    const byUser = Map.groupBy(facts, ({ userId }) => userId);
    expect(new Set([...byUser.keys()].map((id) => id?.slice(0, 9)))).toEqual(new Set(["forgotten", "user-ben-"]));
    expect(byUser.size).toBe(2);
    for (const list of byUser.values()) expect(list).toHaveLength(4 + during);
    expect(world.reader.arrivals(0, 1e6).some(({ userId }) => userId === ANN)).toBe(false);
  });

  test("who comes back later is somebody new; forgotten again, another tombstone", () => {
    world = createPeople();
    fill(world, 1);
    forget(world, ANN);
    world.store.append([batch(message({ span: 77, userId: ANN, timeMs: NOW + 5000 }))], NOW + 6000);
    expect(world.reader.arrivals(0, 100).filter(({ userId }) => userId === ANN)).toHaveLength(1);
    forget(world, ANN);
    const users = new Set(world.reader.arrivals(0, 100).map(({ userId }) => userId));
    expect([...users].filter((id) => id?.startsWith("forgotten-"))).toHaveLength(2);
  });

  test("a second time changes nothing, and who was never there is nobody", () => {
    world = createPeople();
    fill(world, 2);
    forget(world, ANN);
    const before = [states(world, 2), world.store.lastRow];
    expect(forget(world, ANN)).toMatchObject({ facts: 0, texts: 0, names: 0, days: 0 });
    expect(forget(world, "user-nobody-1")).toMatchObject({ facts: 0, texts: 0, names: 0, days: 0, file: "clean" });
    expect([states(world, 2), world.store.lastRow]).toEqual(before);
  });

  test("short ids are not looked for in texts: they are a part of too many", () => {
    world = createPeople();
    const turns = ["42", "43"].map((userId, n) => message({ span: n + 1, userId }));
    world.store.append([batch(...turns, log({ n: 9, message: "42 things" }))], NOW);
    expect(forget(world, "42")).toMatchObject({ facts: 1, texts: 0 });
    expect(world.reader.logs({ limit: 1 }).lines).toMatchObject([{ message: "42 things" }]);
    expect(world.reader.arrivals(0, 10).map(({ userId }) => userId)).not.toContain("42");
  });

  test("under a pseudonym: found by the id that only the bot knows", () => {
    const pseudonymOf = createPseudonyms("a key of this test, long enough");
    world = createPeople();
    fill(world, 1);
    world.restart({ privacy: { excludeUsers: [], excludeGroups: [], pseudonymOf } });
    world.store.append([turn(200, ANN, CLUB)], NOW);
    const pseudonym = pseudonymOf("user", ANN);
    expect(onDisk(world)).toContain(pseudonym);
    forget(world, ANN);
    expect(onDisk(world)).not.toContain(pseudonym);
    expect(onDisk(world)).not.toContain(ANN);
  });
});
