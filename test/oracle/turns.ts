import * as fc from "fast-check";
import { edges } from "./days.ts";
import { idsOf, KEPT_MS, place } from "./build.ts";
import type { Placed } from "./build.ts";
import type { Item } from "./items.ts";
import * as pool from "./pools.ts";

/** One generated history. */
export interface Scenario {
  /** Where its days are counted. */
  zone: string;
  /** Where they are counted from the middle of the lives on: the setting may change. */
  laterZone: string;
  /** What the bot ended in each of its lives, in waves. */
  lives: Item[][][];
}

const LIVES = 4;
const WAVES = 3;

const MS = 1_000_000n;

const oneOf = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 3 });

/** A duration in ns; halves of a millisecond and nothing at all among them. */
const duration = fc.oneof(
  fc.bigInt({ min: 0n, max: 30_000_000_000n }),
  fc.integer({ min: 0, max: 4000 }).map((half) => BigInt(half) * 500_000n),
  oneOf([0n, 1n, 499_999n, 500_000n, 1_499_999n]),
);

/** How far from the turn's instant something ends, in ns. */
const offset = fc.oneof(
  { weight: 3, arbitrary: oneOf([0n, -1n, 1n, -MS, -1000n * MS]) },
  { weight: 2, arbitrary: fc.bigInt({ min: -60_000_000_000n, max: 0n }) },
);

const call = (id: fc.Arbitrary<string>) =>
  fc.record({
    kind: oneOf(["request", "tool", "mcp"] as const),
    /** Spans around it of the same kind: directly, over a plain span, over an agent's. */
    outer: oneOf(["none", "none", "none", "direct", "twice", "plain", "agent", "other"] as const),
    outerFirst: fc.boolean(),
    duration,
    offset,
    ending: oneOf(["fine", "fine", "fine", "error", "errorType", "exception"] as const),
    errorRecord: oneOf(["no", "no", "before", "after"] as const),
    own: maybe(fc.record({ user: id, group: maybe(id) })),
    operation: oneOf(["chat", "chat", "text_completion", "generate_content", "embeddings"]),
    model: maybe(oneOf(pool.MODELS)),
    responseModel: maybe(oneOf(pool.MODELS)),
    channel: maybe(oneOf(pool.CHANNELS)),
    provider: maybe(oneOf(pool.PROVIDERS)),
    tokens: maybe(
      fc.record({ input: fc.nat(9000), output: fc.nat(4000), cached: maybe(fc.nat(9000)), reasoned: fc.nat(50) }),
    ),
    tool: oneOf(pool.TOOLS),
    args: maybe(oneOf<string>(pool.BODIES)),
    result: maybe(oneOf(pool.BODIES)),
  });
export type Call = Made<typeof call>;

type Made<F> = F extends (...ids: never) => fc.Arbitrary<infer T> ? T : never;

const message = (id: fc.Arbitrary<string>) =>
  fc.record({
    user: maybe(id),
    group: maybe(id),
    bot: oneOf(pool.BOTS),
    named: fc.boolean(),
    responses: oneOf([undefined, 0, 1, 1, 2]),
    failed: fc.boolean(),
    duration,
    offset,
  });

const line = (id: fc.Arbitrary<string>) =>
  fc.record({
    severity: fc.integer({ min: 1, max: 24 }),
    body: oneOf(pool.SENTENCES),
    offset,
    inTrace: fc.boolean(),
    content: fc.nat(9).map((n) => n === 0),
    own: maybe(id),
    model: maybe(oneOf(pool.MODELS)),
    channel: maybe(oneOf(pool.CHANNELS)),
    stack: maybe(fc.constant("Error: it broke\n    at somewhere (bot.ts:1:1)")),
  });

const turn = (id: fc.Arbitrary<string>) =>
  fc.record({
    /** Where in time: 0…1 of the kept days, an edge of a day or of an offset, or the last minutes. */
    when: fc.oneof(
      fc.record({ at: fc.constant("any" as const), pick: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ at: fc.constant("edge" as const), pick: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ at: fc.constant("now" as const), pick: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { weight: 1, arbitrary: fc.record({ at: oneOf(["ahead", "gone"] as const), pick: fc.constant(0) }) },
    ),
    messages: fc.oneof(
      { weight: 6, arbitrary: fc.array(message(id), { minLength: 1, maxLength: 1 }) },
      fc.array(message(id), { maxLength: 3 }),
    ),
    calls: fc.array(call(id), { maxLength: 5 }),
    lines: fc.array(line(id), { maxLength: 3 }),
    /** Children end before their message; else in any order. */
    natural: fc.boolean(),
    /** How many turns later its last part may arrive. */
    spread: oneOf([1, 1, 1, 4, 30]),
    order: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    again: fc.array(fc.nat(40), { maxLength: 2 }),
  });
export type Turn = Made<typeof turn>;

/** Histories of up to `size` turns as of an instant: what is "today" in them is so for whoever asks at that instant. */
export function scenarios(nowMs: number, size: number): fc.Arbitrary<Scenario> {
  const edgesOf = new Map<string, number[]>();
  return fc
    .record({
      zone: oneOf(pool.ZONES),
      laterZone: fc.option(oneOf(pool.ZONES), { nil: undefined, freq: 2 }),
      salt: fc.bigInt({ min: 2n ** 60n, max: 2n ** 63n }),
      turns: fc
        .shuffledSubarray([...pool.IDS], { minLength: 2, maxLength: 6 })
        .chain((ids) => fc.array(turn(oneOf(ids)), { minLength: Math.ceil(size / 2), maxLength: size })),
    })
    .map(({ zone, laterZone = zone, salt, turns }) => {
      const ids = idsOf(salt);
      edgesOf.set(zone, edgesOf.get(zone) ?? edges(zone, nowMs - KEPT_MS, nowMs - 120_000));
      const clock = { nowMs, edges: edgesOf.get(zone)! };
      const placed = turns.flatMap((one, index) => place(one, index, clock, ids)).sort((a, b) => a.key - b.key);
      return { zone, laterZone, lives: livesOf(placed) };
    });
}

/** Cuts a history in lives, none through a cluster, and those in waves. */
function livesOf(placed: Placed): Item[][][] {
  const lives: Item[][] = Array.from({ length: LIVES }, () => []);
  const lifeOf = new Map<object, number>();
  for (const [i, { item, cluster }] of placed.entries()) {
    const life = lifeOf.get(cluster) ?? Math.floor((i / placed.length) * LIVES);
    lifeOf.set(cluster, life);
    lives[life]!.push(item);
  }
  return lives.map((life) => {
    const size = Math.ceil(life.length / WAVES);
    return Array.from({ length: WAVES }, (_, wave) => life.slice(wave * size, (wave + 1) * size));
  });
}
