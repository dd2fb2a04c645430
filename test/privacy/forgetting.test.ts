import { afterEach, describe, expect, test } from "vitest";
import { unpackChanges } from "../../src/contract/unpacked.ts";
import type { StoreToObserver } from "../../src/contract/thread.ts";
import { createForgetting } from "../../src/store/forgetting.ts";
import { day, NOW } from "../store/world.ts";
import type { World } from "../store/world.ts";
import { ANN, BEN, createPeople, fill, onDisk } from "./people.ts";

let world: World;
afterEach(() => world.remove());

function started({ quiet = () => Promise.resolve(), over = () => {} } = {}) {
  world = createPeople();
  fill(world, 2);
  const told: StoreToObserver[] = [];
  const forgetting = createForgetting({
    store: world.store,
    now: () => NOW,
    tell: (message) => told.push(message),
    quiet,
    over,
  });
  return { ...forgetting, told, isAlone: () => forgetting.alone };
}

describe("beside all else that the store does", () => {
  test("the observer hears of the commit first, then which days are void", async () => {
    const { forget, told } = started();
    await forget({ owner: "user", id: ANN });
    expect(told.map(({ type }) => type)).toEqual(["changes", "void", "void"]);
    const [changes, ...voids] = told as [
      Extract<StoreToObserver, { type: "changes" }>,
      ...{ commit: number; day: number }[],
    ];
    expect(unpackChanges(changes.changes)).toEqual([]);
    expect(new Set(voids.map((each) => each.day))).toEqual(new Set([day(), day(1)]));
    for (const each of voids) expect(each.commit).toBe(changes.commit);
  });

  test("one who is being forgotten is not begun again; another one waits", async () => {
    const { forget } = started();
    const [first, same, other] = [ANN, ANN, BEN].map((id) => forget({ owner: "user", id }));
    expect(same).toBe(first);
    expect(await first).toMatchObject({ facts: 20 });
    expect(await other).toMatchObject({ facts: 20 });
    expect(onDisk(world)).not.toMatch(new RegExp(`${ANN}|${BEN}`));
  });

  test("so many may wait, and no more", async () => {
    const { forget } = started();
    const all = Array.from({ length: 25 }, (_, n) => forget({ owner: "user", id: `user-nobody-${n}` }));
    const ended = await Promise.allSettled(all);
    expect(ended.filter(({ status }) => status === "rejected")).toHaveLength(5);
    expect(ended[24]).toMatchObject({ reason: { code: "UNAVAILABLE", message: expect.stringContaining("ask again") } });
  });

  test("while the file is searched nobody else in the thread reads; then all goes on", async () => {
    const seen: string[] = [];
    const forgetting = started({
      quiet: () => {
        seen.push(`quiet ${forgetting.isAlone()}`);
        return Promise.resolve();
      },
      over: () => void seen.push(`over ${forgetting.isAlone()}`),
    });
    await forgetting.forget({ owner: "user", id: ANN });
    expect(new Set(seen)).toEqual(new Set(["quiet true", "over false"]));
    expect(seen.at(-1)).toBe("over false");
  });

  test("a stop in the middle, and the store closed at once: the next start knows whom", async () => {
    const { forget, stop } = started();
    const asked = forget({ owner: "user", id: ANN });
    const refused = expect(asked).rejects.toThrow("botel stops; its next start goes on with it.");
    // After its first step.
    await new Promise((resolve) => setImmediate(resolve));
    stop();
    world.restart();
    await refused;
    expect(world.store.unforgotten()).toEqual([{ owner: "user", id: ANN }]);
  });
});
