import { GROUP, USER, ownerOf, type Link, type StoredFact } from "../../contract/fact.ts";
import { recall, type Join } from "../decide.ts";
import type { Journal } from "../journal.ts";
import { rejoin } from "../owners.ts";
import type { Owner, Trace, Traces } from "../traces.ts";
import { shardOf } from "./hash.ts";
import { idOf, readFacts } from "./lookup.ts";
import type { Place, Places } from "./places.ts";
import { REPLACED, type FactRow } from "./rows.ts";
import type { Shard } from "./servers.ts";

/**
 * What other instances took, for the joins of contract §2: their facts have their places in the traces as ours have. A
 * message that one instance took gives its user and group to what another took. Whoever took a fact writes it again; where it
 * did not within some seconds, everybody does, to the same end.
 */
export interface Hearing {
  /** A new fact of another instance. */
  hear(row: FactRow, nowMs: number): void;
  link(link: Link, nowMs: number): void;
  /** True where there is something to write. */
  due(nowMs: number): boolean;
  /** @returns the facts that have another owner now, of these joins and of what was heard; not yet numbered */
  rejoin(joins: readonly Join[], nowMs: number): Promise<FactRow[]>;
  /** What the last {@link Hearing.rejoin} gave is written. */
  rejoined(): void;
}

/** A fact of another instance is left to that for so long, in ms. */
const LEAVE_MS = 3000;
/** Facts that wait for that at the most; what falls off is found when the message is sent again, or never. */
const MOST_LEFT = 20_000;

interface Left {
  atMs: number;
  row: number;
  trace: Trace;
}

interface Parts {
  shards: readonly Shard[];
  database: string;
  traces: Traces;
  journal: Journal;
  places: Places;
  /** Facts before it (epoch ms) are of sealed days. */
  sealedUntilMs(): number;
}

export function createHearing({ shards, database, traces, journal, places, sealedUntilMs }: Parts): Hearing {
  let [owned, taken] = [new Map<Trace, Set<number>>(), new Map<Trace, Set<number>>()];
  let left: Left[] = [];

  function hear({ fact, joined }: FactRow, nowMs: number): void {
    const { traceId } = fact;
    if (traceId === undefined) return;
    const row = places.take(1);
    const trace = traces.touch(traceId, nowMs);
    const before = trace.owner;
    const { kind, timeMs, timeNs, key } = fact;
    if (kind !== "message") {
      places.put(row, { kind, timeMs, timeNs, key, shard: shardOf(fact, shards.length), own: false });
    }
    recall(traces, journal, { ...fact, row }, joined, nowMs);
    if (trace.owner !== before) giveToAll(trace, nowMs);
    else if (trace.owner !== undefined && kind !== "message" && lacks(fact, trace.owner)) {
      leave({ atMs: nowMs, row, trace });
    }
  }

  /** The trace has another owner now: ours are written again at once, the others are looked at later. */
  function giveToAll(trace: Trace, nowMs: number): void {
    for (const row of trace.lacking ?? []) {
      if (places.get(row)?.own === true) own(trace, row);
      else leave({ atMs: nowMs, row, trace });
    }
  }

  function own(trace: Trace, row: number): void {
    const rows = owned.get(trace);
    if (rows === undefined) owned.set(trace, new Set([row]));
    else rows.add(row);
  }

  function leave(one: Left): void {
    left.push(one);
    if (left.length > MOST_LEFT) left = left.slice(MOST_LEFT / 10);
  }

  function joinsOf(waiting: ReadonlyMap<Trace, ReadonlySet<number>>): Join[] {
    return [...waiting].flatMap(([{ owner }, rows]) => (owner === undefined ? [] : [{ rows: [...rows], owner }]));
  }

  async function rejoinAll(joins: readonly Join[]): Promise<FactRow[]> {
    const wanted = joins.flatMap(({ rows, owner }) =>
      rows.flatMap((row) => {
        const place = places.get(row);
        return place === undefined || place.timeMs < sealedUntilMs() ? [] : [{ place, owner }];
      }),
    );
    if (wanted.length === 0) return [];
    const byShard = Map.groupBy(wanted, ({ place }) => place.shard);
    const found = await Promise.all([...byShard].map(([n, some]) => rejoinOn(shards[n] as Shard, some)));
    return found.flat();
  }

  async function rejoinOn(shard: Shard, wanted: readonly { place: Place; owner: Owner }[]): Promise<FactRow[]> {
    // Of two owners of one trace the last that was given is its owner now.
    const owners = new Map(wanted.map(({ place, owner }) => [idOf(place), { place, owner }]));
    const stored = await readFacts(
      shard,
      database,
      [...owners.values()].map(({ place }) => place),
    );
    return [...owners].flatMap(([id, { owner }]) => {
      const row = stored.get(id);
      const now = row && rejoin(row.fact, row.joined, owner);
      if (row === undefined || now === undefined) return [];
      const before = now.before | (now.replaced ? REPLACED : 0);
      return [{ ...row, fact: now.fact, joined: now.joined, version: row.version + 1, before }];
    });
  }

  return {
    hear,
    link({ traceId, spanId, parentId, agent }, nowMs) {
      traces.place(traces.touch(traceId, nowMs), spanId, parentId, agent ? "agent" : "link");
    },
    due: (nowMs) => owned.size > 0 || taken.size > 0 || (left[0] !== undefined && nowMs - left[0].atMs >= LEAVE_MS),
    async rejoin(joins, nowMs) {
      const count = left.findIndex(({ atMs }) => nowMs - atMs < LEAVE_MS);
      for (const { trace, row } of left.splice(0, count === -1 ? left.length : count)) own(trace, row);
      for (const [trace, rows] of owned) taken.set(trace, (taken.get(trace) ?? new Set()).union(rows));
      owned = new Map();
      return rejoinAll([...joins, ...joinsOf(taken)]);
    },
    rejoined: () => void (taken = new Map()),
  };
}

/** True where the turn's message has what the fact has not. */
function lacks(fact: StoredFact, owner: Owner): boolean {
  const has = (owner.userId === undefined ? 0 : USER) | (owner.groupId === undefined ? 0 : GROUP);
  return (has & ~ownerOf(fact)) !== 0;
}
