import type { Change, StoredFact } from "../contract/fact.ts";
import { NEW } from "../contract/fact.ts";
import { errorText } from "../contract/error-text.ts";
import type { EventData, EventType } from "../contract/wire/events.ts";
import type { ErrorRow } from "../contract/wire/logs.ts";
import type { ChannelRow } from "../contract/wire/stats.ts";
import type { StatusData } from "../contract/wire/system.ts";
import { writeMilliseconds, writeSeconds } from "../contract/wire/time.ts";
import type { Clock } from "../lib/clock.ts";
import type { SystemView } from "../system/system.ts";
import { createChannelWatch } from "./channel-watch.ts";
import { frame, resumeAt } from "./frame.ts";
import { createRing } from "./ring.ts";
import { createRounds } from "./rounds.ts";
import { createRuns } from "./runs.ts";
import { createSubscriber } from "./subscriber.ts";
import type { LiveClient, Subscriber } from "./subscriber.ts";
import { createTally } from "./tally.ts";

/** The live events of contract §5: made here, once for all clients, and replayed from a ring. */
export interface Live {
  /** Clients at the most; who lets them in sees to it. */
  readonly maxClients: number;
  subscribe(client: LiveClient): Subscription;
  /** What a commit changed, after it was folded. */
  changes(changes: readonly Change[]): void;
  /** Somebody is forgotten, whom past events may name: none is told again. */
  forget(): void;
  /** To be called once a second. */
  tick(): void;
  /** Publishes what is left and ends every stream. */
  stop(): void;
  counts(): LiveCounts;
}

export interface Subscription {
  /** What was written has left. */
  drained(): void;
  /** The client is gone. */
  close(): void;
}

export interface LiveCounts {
  clients: number;
  /** Events since the start. */
  events: number;
  /** Events that a slow client, or one that came back too late, did not get. */
  lost: number;
  /** Clients that read nothing for so long that they were disconnected. */
  cut: number;
}

export interface LiveOptions {
  /** Tells this start of the process from every other; no line break, no `-`. */
  start: string;
  clock: Clock;
  ringBytes: number;
  clientBytes: number;
  maxClients: number;
  system: Pick<SystemView, "status" | "memory" | "inFlight">;
  /** Rows of `/api/stats/channels` of all time. Rejects, or is undefined, where they cannot be read now. */
  channels: () => Rows | Promise<Rows>;
}

type Rows = readonly ChannelRow[] | undefined;

const KEEP_ALIVE_MS = 15_000;
/** A client whose socket takes nothing for so long is disconnected. */
const STUCK_MS = 60_000;
/** A quiet botel still sends a `metric` event this often. */
const QUIET_MS = 10_000;
/** A tick that comes a little early is in time. */
const TOLERANCE_MS = 100;

export function createLive(options: LiveOptions): Live {
  const { start, clock, system } = options;
  const ring = createRing(options.ringBytes);
  const runs = createRuns(ring);
  let unwritten = 0;
  const rounds = createRounds(clock, () => {
    unwritten = 0;
    for (const subscriber of subscribers) subscriber.pump();
  });
  const tally = createTally();
  const subscribers = new Set<Subscriber>();
  const earlyBytes = Math.min(options.ringBytes, options.clientBytes) / 4;
  let [lostByGone, cut] = [0, 0];
  let [metricAt, keepAliveAt] = [clock.mono(), clock.mono()];
  let inFlight = system.inFlight();
  let told = watched(system.status());
  const channels = createChannelWatch(options.channels, (row) => {
    publish("channel", row);
    rounds.ask();
  });

  function publish<Type extends EventType>(type: Type, data: EventData[Type]): void {
    const n = ring.last + 1;
    const entry = { n, type, chunk: frame(`${start}-${n}`, type, data) };
    // A client that reads loses nothing to the bounds of its queue and of the ring.
    if (unwritten > 0 && unwritten + entry.chunk.byteLength > earlyBytes) rounds.now();
    const evicted = ring.push(entry);
    for (const subscriber of subscribers) {
      for (const old of evicted) subscriber.evicted(old);
      subscriber.published(entry);
    }
    unwritten += entry.chunk.byteLength;
  }

  function statusFrame(n: number, gap: boolean): Uint8Array {
    return frame(`${start}-${n}`, "status", gap ? { ...system.status(), gap: true } : system.status());
  }

  function tellStatus(): void {
    const status = system.status();
    const now = watched(status);
    if (told !== now) publish("status", status);
    told = now;
  }

  function tellMetric(): void {
    const elapsed = clock.mono() - metricAt;
    const under = system.inFlight();
    if (!tally.changed() && under === inFlight && elapsed < QUIET_MS - TOLERANCE_MS) return;
    metricAt += elapsed;
    inFlight = under;
    const window = Math.round(elapsed) / 1000;
    const counts = tally.take();
    publish("metric", { timestamp: writeSeconds(clock.now()), window, ...counts, inFlight, memory: system.memory() });
  }

  function keepAlive(): void {
    if (clock.mono() - keepAliveAt < KEEP_ALIVE_MS - TOLERANCE_MS) return;
    keepAliveAt = clock.mono();
    const stuckBefore = keepAliveAt - STUCK_MS;
    for (const subscriber of subscribers) {
      if ((subscriber.stuckSince() ?? Infinity) <= stuckBefore) cutLoose(subscriber);
      else subscriber.keepAlive();
    }
  }

  function cutLoose(subscriber: Subscriber): void {
    drop(subscriber);
    cut += 1;
    subscriber.cut();
  }

  function drop(subscriber: Subscriber): void {
    if (subscribers.delete(subscriber)) lostByGone += subscriber.lost();
  }

  return {
    maxClients: options.maxClients,
    subscribe(client) {
      const resume = resumeAt(client.lastEventId, start, ring);
      const limitBytes = options.clientBytes;
      const subscriber = createSubscriber({ client, ring, runs, resume, limitBytes, clock, status: statusFrame });
      subscribers.add(subscriber);
      return {
        drained: () => subscriber.drained(),
        close: () => drop(subscriber),
      };
    },
    changes(changes) {
      tally.add(changes);
      rounds.came(changes.length);
      for (const { fact, before } of changes) {
        if (before === NEW && fact.errorItem) publish("error", errorRow(fact));
      }
      if (unwritten > 0) rounds.ask();
    },
    forget() {
      // A client that reads has all that there was.
      rounds.now();
      for (const old of ring.clear()) for (const subscriber of subscribers) subscriber.evicted(old);
    },
    tick() {
      tellStatus();
      tellMetric();
      channels.look();
      if (unwritten > 0) rounds.ask();
      keepAlive();
    },
    stop() {
      tellStatus();
      if (tally.changed()) tellMetric();
      rounds.now();
      for (const subscriber of subscribers) subscriber.end();
      subscribers.clear();
    },
    counts: () => ({
      clients: subscribers.size,
      events: ring.last,
      cut,
      lost: lostByGone + [...subscribers].reduce((sum, subscriber) => sum + subscriber.lost(), 0),
    }),
  };
}

/** What of a status, when it changes, is told (contract §5); the shown bot's version is one. */
function watched({ status, version, bot, bots }: StatusData): string {
  const shown = bots.find(({ uin }) => uin === bot.uin);
  return JSON.stringify([status, bot.connected, version, shown?.version]);
}

function errorRow(fact: StoredFact): ErrorRow {
  const context = fact.kind === "request" || fact.kind === "log" ? fact : undefined;
  return {
    timestamp: writeMilliseconds(fact.timeMs),
    error: errorText(fact),
    stack: fact.stack ?? null,
    context: { channel: context?.channel ?? null, model: context?.model ?? null },
    traceId: fact.traceId,
  };
}
