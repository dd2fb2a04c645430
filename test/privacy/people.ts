import { readFileSync } from "node:fs";
import type { Batch } from "../../src/contract/fact.ts";
import type { EncodedSlice, Forgotten } from "../../src/contract/thread.ts";
import { createDayFolder } from "../../src/rollups/day.ts";
import { FOLDS_SIGNATURE } from "../../src/rollups/folds.ts";
import { renameOwner } from "../../src/rollups/rename.ts";
import type { ForgetStep } from "../../src/store/store.ts";
import { createWorld, day, DAY_MS, link, log, message, NOW, request, tool, trace } from "../store/world.ts";
import type { World } from "../store/world.ts";

export const ANN = "user-ann-4711";
export const BEN = "user-ben-0815";
export const CLUB = "group-club-99";

/** A store with the folds that botel has. */
export function createPeople(more: Parameters<typeof createWorld>[0] = {}): World {
  return createWorld({ createDayFolder, folds: FOLDS_SIGNATURE, renameOwner, ...more });
}

/** A turn of somebody, `ago` days before now, with the id in every text that may have it. */
export function turn(n: number, userId: string, groupId: string, ago = 0): Batch {
  const traceId = trace(n);
  const timeMs = NOW - 2000 - ago * DAY_MS + n;
  const said = `about ${userId} in ${groupId}`;
  const own = { trace: traceId, timeMs };
  return {
    facts: [
      request({ span: 10 * n + 2, parent: 10 * n + 1, ...own }),
      request({ span: 10 * n + 3, ...own, userId, groupId, failed: true, errorMessage: said, stack: said }),
      tool({ span: 10 * n + 4, ...own, userId, groupId, args: JSON.stringify({ said }), result: JSON.stringify(said) }),
      message({
        span: 10 * n + 1,
        ...own,
        userId,
        groupId,
        userName: `${userId}'s name`,
        groupName: `${groupId}'s name`,
      }),
      log({ n: 1000 + n, timeMs, traceId, message: said, meta: JSON.stringify({ userId, said }), level: "error" }),
      log({ n: 2000 + n, timeMs, message: `nobody's line ${said}`, stack: said }),
    ],
    links: [
      {
        ...link(10 * n + 5, 10 * n + 1, false, traceId),
        step: {
          name: `GET /${userId}`,
          timeMs,
          timeNs: 0,
          durationNs: 5,
          failed: false,
          attributes: `{"at":"${groupId}"}`,
        },
      },
    ],
  };
}

/** Two people in two groups, on each of some days. */
export function fill(world: World, days = 4): void {
  for (let ago = days - 1; ago >= 0; ago -= 1) {
    for (const [n, [user, group]] of [
      [ANN, CLUB],
      [BEN, CLUB],
      [ANN, "group-open-1"],
      [BEN, "group-open-1"],
    ].entries()) {
      world.store.append([turn(ago * 10 + n + 1, user as string, group as string, ago)], NOW - ago * DAY_MS);
    }
  }
}

export function toTheEnd(
  steps: Generator<ForgetStep, Forgotten>,
  each: (step: ForgetStep) => void = () => {},
): Forgotten {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    each(step.value);
  }
}

export function forget(world: World, id: string, owner: "user" | "group" = "user"): Forgotten {
  return toTheEnd(world.store.forget({ owner, id }, { nowMs: () => NOW }));
}

/** The bytes of all files of the database. */
export function onDisk(world: World): string {
  return [world.file, `${world.file}-wal`].map((file) => readFileSync(file, "latin1")).join("");
}

/** Every state of every day, with the ids in it numbered in the order of their names: only distinctness counts. */
export function states(world: World, days: number): unknown {
  return Array.from({ length: days }, (_, ago) => {
    const slices = slicesOf(world, day(ago)).map(({ fold, selection, state }) => [
      fold,
      masked(selection),
      masked(state),
    ]);
    return slices.map((slice) => JSON.stringify(slice)).toSorted();
  });
}

export function slicesOf(world: World, of: number): EncodedSlice[] {
  const steps = world.store.foldDay(of);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** With every id of somebody as one and the same, and what an encoding orders by id in another order. */
function masked(value: unknown): unknown {
  if (typeof value === "string") return /^(?:user|group|forgotten)-/.test(value) ? "id" : value;
  if (Array.isArray(value))
    return value.map(masked).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner)]));
}
