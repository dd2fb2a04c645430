import * as fc from "fast-check";
import { expect, test } from "vitest";
import { GROUP, NEW, ownerOf, USER } from "../../src/contract/fact.ts";
import type { Change, Fact, MessageFact } from "../../src/contract/fact.ts";
import { batch, createWorld, day, log, message, NOW, request, tool, trace } from "./world.ts";
import type { World } from "./world.ts";

const ids = fc.option(fc.constantFrom("a", "b"), { nil: undefined });

/** Facts of two traces: messages that started at different times, and what may lack an owner. */
const history = fc
  .array(
    fc.record({
      kind: fc.constantFrom("message", "message", "request", "tool", "log", "error"),
      turn: fc.constantFrom(1, 2),
      userId: ids,
      groupId: ids,
      startMs: fc.integer({ min: 0, max: 9 }),
    }),
    { maxLength: 14, size: "max" },
  )
  .map((list) =>
    list.map(({ kind, turn, userId, groupId, startMs }, n): Fact => {
      const owner = { userId, groupId };
      const at = { span: 10 + n, trace: trace(turn), parent: 1 };
      if (kind === "message") return message({ ...at, ...owner, durationNs: 20_000_000 - startMs * 1_000_000 });
      if (kind === "request") return request({ ...at, ...owner });
      if (kind === "tool") return tool({ ...at, ...owner });
      return log({ n, traceId: trace(turn), ...owner, level: kind === "error" ? "error" : "info" });
    }),
  );

const steps = fc.record({
  facts: history,
  order: fc.infiniteStream(fc.nat()),
  sizes: fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
  restarts: fc.infiniteStream(fc.nat(4).map((n) => n === 0)),
});

/** The contract in five lines. */
function ownerIn(facts: readonly Fact[], fact: Fact): Pick<Fact, "userId" | "groupId"> {
  if (fact.kind === "message" || fact.traceId === undefined) return fact;
  const messages = facts.filter(
    (other): other is MessageFact => other.kind === "message" && other.traceId === fact.traceId,
  );
  const [earliest] = messages.toSorted((a, b) => b.durationNs - a.durationNs || (a.spanId < b.spanId ? -1 : 1));
  return { userId: fact.userId ?? earliest?.userId, groupId: fact.groupId ?? earliest?.groupId };
}

/** Follows the changes as the observer does: what it has of a day is void, or right. */
function follow(
  world: World,
  held: Map<number, Change>,
  { changes, voided }: { changes: Change[]; voided: number[] },
): void {
  for (const change of changes) {
    const { fact, before } = change;
    const known = held.get(fact.row);
    if (before === NEW) expect(known).toBeUndefined();
    // No fold has a log record that is no error item: nobody is told when it loses its owner.
    else if (fact.kind !== "log" || fact.errorItem) {
      expect(known).toBeDefined();
      expect(before).toBe(ownerOf(known!.fact));
      expect(ownerOf(fact) & before).toBe(before);
      expect(ownerOf(fact)).toBeGreaterThan(before);
    }
    held.set(fact.row, change);
  }
  if (voided.length === 0) return;
  expect(voided).toEqual([day()]);
  for (const { row, userId, groupId } of world.fold(day())) {
    const { fact } = held.get(row)!;
    held.set(row, { fact: { ...fact, userId: userId ?? undefined, groupId: groupId ?? undefined }, before: NEW });
  }
}

// contract §2: "User and group missing on a request, a tool call or a log record are taken from the turn's message (the
// same trace; the earliest started where there are several), whichever arrives first. Until then, and if it never comes,
// the fact counts in the totals and in no user or group. What arrived within the last 15 minutes is joined, at least,
// also across a restart."
test("user and group are taken from the turn's message, in whatever order and over restarts", () => {
  fc.assert(
    fc.property(steps, ({ facts, order, sizes, restarts }) => {
      const world = createWorld();
      try {
        const keyed = facts.map((fact) => ({ fact, at: order.next().value! }));
        const arriving = keyed.toSorted((a, b) => a.at - b.at).map(({ fact }) => fact);
        const held = new Map<number, Change>();
        for (let from = 0; from < arriving.length;) {
          const size = sizes.next().value!;
          follow(world, held, world.store.append([batch(...arriving.slice(from, from + size))], NOW));
          from += size;
          if (restarts.next().value) world.restart();
        }
        const wanted = new Map(facts.map((fact) => [fact.key, ownerIn(facts, fact)]));
        expect(held.size).toBe(facts.length);
        for (const { fact } of held.values()) {
          const { userId, groupId } = wanted.get(fact.key)!;
          if (fact.kind !== "log" || fact.errorItem)
            expect({ kind: fact.kind, userId: fact.userId, groupId: fact.groupId }).toEqual({
              kind: fact.kind,
              userId,
              groupId,
            });
        }
        for (const { userId, message: text } of world.reader.logs({ limit: 100 }).lines) {
          expect(userId).toBe(
            [...wanted.values()][facts.findIndex((fact) => fact.kind === "log" && fact.message === text)]!.userId,
          );
        }
        // What is stored says the same; log records that are no error items are in no fold.
        const rows = [...held.values()]
          .map(({ fact }) => fact)
          .filter(({ kind, errorItem }) => kind !== "log" || errorItem);
        expect(world.fold(day())).toEqual(
          rows
            .map(({ row, kind, userId, groupId }) => ({ row, kind, userId: userId ?? null, groupId: groupId ?? null }))
            .toSorted((a, b) => a.row - b.row),
        );
      } finally {
        world.remove();
      }
    }),
    { numRuns: 150 },
  );
});

test("what came 15 minutes ago is joined, also across a restart; later it need not be, and is counted", () => {
  const world = createWorld();
  try {
    const minutes = 60_000;
    world.store.append([batch(request({ span: 2, parent: 1, timeMs: NOW }))], NOW);
    world.store.append([batch(request({ span: 2, trace: trace(2), timeMs: NOW }))], NOW + 10 * minutes);
    world.restart({ nowMs: NOW + 15 * minutes });
    const first = message({ span: 1, userId: "u", groupId: "g", timeMs: NOW });
    const joined = world.store.append([batch(first)], NOW + 15 * minutes);
    expect(joined.changes.map(({ before }) => before)).toEqual([NEW, 0]);
    expect(joined.changes[1]!.fact).toMatchObject({ kind: "request", userId: "u", groupId: "g" });
    expect(world.store.health()).toMatchObject({ joined: 1, unjoined: 0 });

    world.store.append(
      [batch(request({ span: 1, trace: trace(3), timeMs: NOW, userId: "u", groupId: "g" }))],
      NOW + 60 * minutes,
    );
    expect(world.store.health()).toMatchObject({ joined: 1, unjoined: 1 });
    const late = world.store.append(
      [batch(message({ span: 1, trace: trace(2), userId: "u", timeMs: NOW }))],
      NOW + 60 * minutes,
    );
    expect(late.changes).toHaveLength(1);
  } finally {
    world.remove();
  }
});

test("the owner's names travel with it, and a group chat's user keeps the group of the message", () => {
  const world = createWorld();
  try {
    world.store.append([batch(request({ span: 2, parent: 1, userId: "u" }))], NOW);
    const { changes } = world.store.append(
      [batch(message({ span: 1, userId: "u", userName: "Ann", groupId: "g", groupName: "Gang" }))],
      NOW,
    );
    expect(changes[1]).toMatchObject({
      before: USER,
      fact: { kind: "request", userId: "u", groupId: "g", groupName: "Gang" },
    });
    expect(ownerOf(changes[1]!.fact)).toBe(USER | GROUP);
  } finally {
    world.remove();
  }
});

test("what is held for joins is bounded; what falls off is counted as unjoined", () => {
  const world = createWorld({ joinLimit: 10 });
  try {
    for (let n = 0; n < 50; n++)
      world.store.append([batch(request({ span: 1, trace: trace(n), timeMs: NOW - n }))], NOW);
    expect(world.store.health().unjoined).toBe(45);
    const { changes } = world.store.append([batch(message({ span: 2, trace: trace(49), userId: "u" }))], NOW);
    expect(changes).toHaveLength(2);
    expect(world.store.append([batch(message({ span: 2, trace: trace(0), userId: "u" }))], NOW).changes).toHaveLength(
      1,
    );
  } finally {
    world.remove();
  }
});
