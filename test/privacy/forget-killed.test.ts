import { afterEach, describe, expect, test } from "vitest";
import { batch, NOW, request } from "../store/world.ts";
import type { World } from "../store/world.ts";
import { ANN, createPeople, fill, forget, onDisk, states } from "./people.ts";

let world: World;
afterEach(() => world.remove());

describe("a kill in the middle", () => {
  test("of any step: the next start knows whom, goes on, and the tombstone is the same one", () => {
    world = createPeople();
    fill(world, 3);
    const before = states(world, 3);
    const steps = [...world.store.forget({ owner: "user", id: ANN }, { nowMs: () => NOW })].length;
    world.remove();
    for (let killed = 1; killed <= steps; killed += 1) {
      world = createPeople();
      fill(world, 3);
      const running = world.store.forget({ owner: "user", id: ANN }, { nowMs: () => NOW });
      for (let n = 0; n < killed; n += 1) running.next();
      // As a kill leaves it: the generator is never ended.
      world.restart();
      // What comes before it is gone on with is the tombstone's at once.
      const more = killed % 2 === 0;
      if (more) world.store.append([batch(request({ span: 9000, userId: ANN, timeMs: NOW - 1 }))], NOW);
      const left = world.store.unforgotten();
      if (left.length > 0) expect(left).toEqual([{ owner: "user", id: ANN }]);
      for (const whom of left) forget(world, whom.id, whom.owner);
      expect(world.store.unforgotten()).toEqual([]);
      if (left.length > 0) {
        expect(onDisk(world)).not.toContain(ANN);
        const ids = new Set(world.reader.arrivals(0, 1000).map(({ userId }) => userId));
        expect([...ids].filter((id) => id?.startsWith("forgotten-"))).toHaveLength(1);
      }
      if (!more) expect(states(world, 3)).toEqual(before);
      if (killed < steps) world.remove();
    }
  });
});
