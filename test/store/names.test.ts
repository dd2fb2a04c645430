import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareCodePoints } from "../../src/lib/order.ts";
import { batch, createWorld, log, message, NOW, trace } from "./world.ts";

const heard = fc.array(
  fc.record({
    user: fc.constantFrom("u1", "u2", "__proto__"),
    name: fc.option(fc.constantFrom("Ann", "Bob", "\u{1F600}", "\uFF5E", ""), { nil: undefined }),
    atMs: fc.integer({ min: 0, max: 5 }),
    ns: fc.nat(1),
    /** Minutes that pass before it comes. */
    after: fc.constantFrom(0, 0, 0, 2),
    restart: fc.constantFrom(false, false, false, true),
  }),
  { maxLength: 25, size: "max" },
);

// contract §4: "`nickname`: of the user's newest fact of all that has one, else the id (a group's `name` likewise)";
// "ties by name (code points, as all ties)"
test("the name of the user's newest fact of all that has one, in whatever order facts come, over restarts", () => {
  fc.assert(
    fc.property(heard, (list) => {
      const world = createWorld();
      try {
        let nowMs = NOW;
        const newest = new Map<string, { time: number; name: string }>();
        for (const [n, { user, name, atMs, ns, after, restart }] of list.entries()) {
          nowMs += after * 60_000;
          if (restart) world.restart();
          const at = { timeMs: NOW - 10 + atMs, timeNs: ns };
          const fact = message({
            span: n + 1,
            trace: trace(n),
            ...at,
            userId: user,
            userName: name,
            groupId: `g-${user}`,
            groupName: name,
          });
          world.store.append([batch(fact)], nowMs);
          const time = atMs * 2 + ns;
          const known = newest.get(user);
          if (
            !name ||
            (known && (time < known.time || (time === known.time && compareCodePoints(name, known.name) > 0)))
          )
            continue;
          newest.set(user, { time, name });
        }
        const users = new Map([...newest].map(([user, { name }]) => [user, name]));
        expect(world.reader.userNames(["u1", "u2", "__proto__", "other"])).toEqual(users);
        expect(world.reader.groupNames(["g-u1"]).get("g-u1")).toBe(newest.get("u1")?.name);
      } finally {
        world.remove();
      }
    }),
    { numRuns: 100 },
  );
});

test("a name that a fact only took from its message is as old as the message", () => {
  const world = createWorld();
  try {
    world.store.append([batch(message({ span: 1, userId: "u", userName: "Old", timeMs: NOW - 500 }))], NOW);
    world.store.append(
      [batch(message({ span: 1, trace: trace(2), userId: "u", userName: "New", timeMs: NOW - 400 }))],
      NOW,
    );
    world.store.append([batch(log({ n: 1, traceId: message({ span: 1 }).traceId, timeMs: NOW }))], NOW);
    expect(world.reader.userNames(["u"]).get("u")).toBe("New");
  } finally {
    world.remove();
  }
});
