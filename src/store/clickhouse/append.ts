import { NEW, ownerOf, type Batch, type Fact, type RefusalReason, type StoredFact } from "../../contract/fact.ts";
import type { StateEvent } from "../../contract/state.ts";
import { admit, type Admitted } from "../admit.ts";
import { decide, type Decision } from "../decide.ts";
import type { Journal } from "../journal.ts";
import { AHEAD_MS, refusal, type Bounds } from "../refuse.ts";
import type { Screen } from "../screen.ts";
import type { Traces } from "../traces.ts";
import { createBlocks, type Blocks } from "./blocks.ts";
import { createFills } from "./fills.ts";
import { shardOf } from "./hash.ts";
import type { Hearing } from "./hear.ts";
import { findFacts, idOf, readFacts, type Known } from "./lookup.ts";
import type { Places } from "./places.ts";
import type { Positions } from "./positions.ts";
import type { FactRow } from "./rows.ts";
import type { Seen } from "./seen.ts";
import type { Shard } from "./servers.ts";

/** What became of some batches. */
export interface Stored {
  /** For each batch, in order, how many of its facts were refused. */
  refused: number[];
  /** Why, one for each refused fact, in the order of the batches. */
  reasons: RefusalReason[];
}

/**
 * The way of batches into the cluster: look up, decide, write; one round after the other. What was decided is written however
 * long a server is away: nothing is undone, so that the decision stays the one of contract §2.
 */
export interface Appender {
  /** Settles when all is on its shard. @throws {BotelError} UNAVAILABLE where nothing was decided yet */
  append(batches: readonly Batch[], states: readonly StateEvent[], nowMs: number): Promise<Stored>;
  counts(): {
    taken: Record<string, number>;
    refused: Record<string, number>;
    duplicates: number;
    excluded: number;
    late: number;
    joined: number;
    commits: number;
    lastCommitMs: number;
  };
}

export interface AppenderOptions {
  shards: readonly Shard[];
  database: string;
  writer: number;
  traces: Traces;
  journal: Journal;
  places: Places;
  positions: Positions;
  seen: Seen;
  hearing: Hearing;
  /** Makes the blocks and writes them, each again and again until it is done. */
  write(make: () => Promise<Blocks>): Promise<void>;
  dayOf(timeMs: number): number;
  bounds(nowMs: number): Bounds;
  /** Days that spans, and what tool calls were given and gave, are kept. */
  retention: { spans: number; toolBodies: number };
  screen: Screen;
  /** Monotonic ms. */
  clock(): number;
}

const DAY_MS = 86_400_000;
/** Facts of equal times are in the order of their arrival, also where they came to different writers. */
const WRITERS = 1024;

export function createAppender(options: AppenderOptions): Appender {
  const { shards, database, writer, traces, journal, places, positions, seen, hearing, clock } = options;
  const fills = createFills(shards, database, places);
  const counts = {
    taken: {} as Record<string, number>,
    refused: {} as Record<string, number>,
    duplicates: 0,
    excluded: 0,
    late: 0,
    joined: 0,
    commits: 0,
    lastCommitMs: 0,
  };

  async function append(batches: readonly Batch[], states: readonly StateEvent[], nowMs: number): Promise<Stored> {
    const began = clock();
    const bounds = options.bounds(nowMs);
    const known = await findKnown(batches, bounds);
    const asked = new Set<string>();
    const again: Fact[] = [];
    const isKnown = (fact: Fact): boolean => {
      const id = idOf(fact);
      if (asked.has(id)) return true;
      asked.add(id);
      const stored = known.get(id);
      if (stored === undefined) return false;
      if (!isTold(fact, stored)) again.push(fact);
      return true;
    };
    const admitted = admit(batches, bounds, isKnown, options.screen);
    const { refused, reasons, count, groups, links, excludedTurns } = admitted;
    const firstRow = places.take(count);
    const decision = decide(traces, journal, { groups, links, excludedTurns, firstRow, nowMs });
    journal.keep();
    for (const { fact } of decision.placed) {
      seen.expect(fact);
      remember(fact);
    }
    await options.write(async () => {
      const blocks = createBlocks(shards.length, nowMs);
      await fill(blocks, decision, nowMs);
      for (const state of states) blocks.state(state, number());
      for (const row of await untold(again)) blocks.again(row);
      for (const row of await hearing.rejoin(decision.joins, nowMs)) blocks.again({ ...row, ...number() });
      return blocks;
    });
    hearing.rejoined();
    tally(admitted, decision, nowMs);
    counts.lastCommitMs = clock() - began;
    return { refused, reasons };
  }

  /** Those of the facts that are stored; most need not be looked for. */
  async function findKnown(batches: readonly Batch[], bounds: Bounds): Promise<Map<string, Known>> {
    const byShard: Fact[][] = shards.map(() => []);
    for (const { facts } of batches)
      for (const fact of facts)
        if (refusal(fact, bounds) === undefined && seen.mayBeStored(fact))
          byShard[shardOf(fact, shards.length)]?.push(fact);
    const found = await Promise.all(byShard.map((facts, n) => findFacts(shards[n] as Shard, database, facts)));
    return new Map(found.flatMap((known) => [...known]));
  }

  /** Ours were; of others, those that we read. A writer may have ended between the two. */
  function isTold(fact: Fact, { writer: by, seq }: Known): boolean {
    return by === writer || positions.covers(shardOf(fact, shards.length), by, seq);
  }

  /** Facts that are stored and perhaps never reached `recent`, as rows that tell them again. */
  async function untold(facts: readonly Fact[]): Promise<FactRow[]> {
    if (facts.length === 0) return [];
    const byShard = Map.groupBy(facts, (fact) => shardOf(fact, shards.length));
    const rows = await Promise.all([...byShard].map(([n, some]) => readFacts(shards[n] as Shard, database, some)));
    return rows.flatMap((found) =>
      [...found.values()].map((row) => ({ ...row, version: row.version + 1, ...number(), before: NEW })),
    );
  }

  function remember({ kind, timeMs, timeNs, key, traceId, row }: StoredFact): void {
    if (traceId === undefined || kind === "message") return;
    places.put(row, { kind, timeMs, timeNs, key, shard: shardOf({ traceId, key }, shards.length), own: true });
  }

  async function fill(blocks: Blocks, decision: Decision, nowMs: number): Promise<void> {
    const { placed, bodies, items, steps } = decision;
    const again = await fills.take(blocks, placed, bodies, items);
    const contentFromMs = nowMs - options.retention.toolBodies * DAY_MS;
    for (const { fact, joined } of placed) {
      const { row } = fact;
      const place = row * WRITERS + (writer % WRITERS);
      blocks.fact({ fact, joined, version: 1, writer, seq: row, before: NEW, place }, fact.timeMs >= contentFromMs);
    }
    blocks.names(placed);
    for (const row of again) blocks.again({ ...row, version: row.version + 1, ...number(), before: ownerOf(row.fact) });
    const spansFromMs = nowMs - options.retention.spans * DAY_MS;
    for (const link of steps) {
      if (link.parentId !== undefined) blocks.link(link, number());
      if (link.step && link.step.timeMs >= spansFromMs && link.step.timeMs <= nowMs + AHEAD_MS) blocks.span(link);
    }
  }

  function number(): { writer: number; seq: number } {
    return { writer, seq: places.take(1) };
  }

  function tally(admitted: Admitted, { placed, excluded }: Decision, nowMs: number): void {
    counts.duplicates += admitted.duplicates;
    counts.excluded += admitted.excluded + excluded;
    for (const reason of admitted.reasons) count(counts.refused, reason);
    const today = options.dayOf(nowMs);
    for (const { fact, joined } of placed) {
      count(counts.taken, fact.kind);
      if (options.dayOf(fact.timeMs) < today) counts.late += 1;
      if (joined !== 0) counts.joined += 1;
    }
    counts.commits += 1;
  }

  return { append, counts: () => ({ ...counts, taken: { ...counts.taken }, refused: { ...counts.refused } }) };
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
