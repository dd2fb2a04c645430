import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Fact, OwnerKind } from "../../src/contract/fact.ts";
import { day, DAY_MS, log, message, NOW, request, tool, trace } from "../store/world.ts";
import type { World } from "../store/world.ts";
import { createPeople, forget, slicesOf } from "./people.ts";

const DAYS = 4;
const who = fc.constantFrom("user-a-1", "user-b-2", "user-c-3", undefined);
const where = fc.constantFrom("group-x-1", "group-y-2", undefined);

/** Facts of few traces, people and days, in any order: many of them have only their trace's message to say whose they are. */
const facts = fc
  .array(
    fc.record({
      kind: fc.constantFrom("message", "request", "tool", "log"),
      turn: fc.nat(8),
      ago: fc.nat(DAYS - 1),
      at: fc.nat(1000),
      user: who,
      group: where,
      failed: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((list) =>
    list.map(({ kind, turn, ago, at, user: userId, group: groupId, failed }, n): Fact => {
      const timeMs = NOW - 2000 - ago * DAY_MS + at;
      const span = { span: n + 1, trace: trace(turn + 1), timeMs, userId, groupId };
      if (kind === "message") return message({ ...span, userName: userId && `${userId}'s name` });
      if (kind === "request") return request({ ...span, failed, errorMessage: failed ? `of ${userId}` : undefined });
      if (kind === "tool") return tool({ ...span, args: JSON.stringify({ userId }) });
      return log({ n: n + 1, timeMs, userId, groupId, traceId: trace(turn + 1), level: failed ? "error" : "info" });
    }),
  );

function statesOf(world: World): unknown {
  return Array.from({ length: DAYS }, (_, ago) =>
    slicesOf(world, day(ago))
      .map((slice) => JSON.stringify(slice))
      .toSorted(),
  );
}

function take(world: World, list: readonly Fact[], size: number): void {
  for (let at = 0; at < list.length; at += size)
    world.store.append([{ facts: list.slice(at, at + size), links: [] }], NOW);
}

test("whatever came, in whatever order: afterwards all is as if it had come under the tombstone", () => {
  const target = fc.constantFrom<[OwnerKind, string]>(["user", "user-a-1"], ["group", "group-x-1"]);
  const closed = fc.subarray([1, 2, 3]);
  fc.assert(
    fc.property(facts, target, closed, fc.integer({ min: 1, max: 10 }), (list, [owner, id], close, size) => {
      const [world, other] = [createPeople(), createPeople()];
      try {
        take(world, list, size);
        for (const ago of close) world.close(day(ago));
        forget(world, id, owner);
        const field = owner === "user" ? "userId" : "groupId";
        const stored = world.reader.arrivals(0, 1000);
        const tombstone = stored.map((fact) => fact[field]).find((known) => known?.startsWith("forgotten-"));
        take(
          other,
          list.map((fact) => (fact[field] === id ? { ...fact, [field]: tombstone } : fact)),
          size,
        );
        expect(statesOf(world)).toEqual(statesOf(other));
        expect(stored.some((fact) => fact[field] === id)).toBe(false);
      } finally {
        world.remove();
        other.remove();
      }
    }),
    { numRuns: 12 },
  );
});
