import type { EventType } from "../contract/wire/events.ts";
import type { Clock } from "../lib/clock.ts";
import { KEEP_ALIVE, RETRY } from "./frame.ts";
import type { Resume } from "./frame.ts";
import type { Entry, Ring } from "./ring.ts";
import type { Runs } from "./runs.ts";

/** Who reads the stream. */
export interface LiveClient {
  /** As the client sent it: anything. */
  lastEventId?: string;
  /** undefined: all. */
  types?: readonly EventType[];
  /** @returns false where the client reads too slowly: nothing more is written until it has drained. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  /** Breaks the connection at once. */
  cut(): void;
}

/**
 * One client's place in the ring. What waits for it is held there once for all: its queue is but the bytes between its
 * place and the newest event, of the types that it wants.
 */
export interface Subscriber {
  /** The entry is in the ring now. */
  published(entry: Entry): void;
  /** Writes what waits, as long as the client takes it. */
  pump(): void;
  /** The entry left the ring. */
  evicted(entry: Entry): void;
  drained(): void;
  keepAlive(): void;
  /** Since when, by `clock.mono()`, its socket takes nothing; undefined: it reads. */
  stuckSince(): number | undefined;
  end(): void;
  cut(): void;
  /** Events that it lost. */
  lost(): number;
}

export interface SubscriberOptions {
  client: LiveClient;
  ring: Ring;
  runs: Runs;
  resume: Resume;
  /** Bytes of its queue at the most; while it replays what it missed, the ring's own bound holds instead. */
  limitBytes: number;
  clock: Pick<Clock, "mono">;
  /** A `status` event of now for this client alone, with the id of event number `n`. */
  status: (n: number, gap: boolean) => Uint8Array;
}

export function createSubscriber(options: SubscriberOptions): Subscriber {
  const { client, ring, runs, resume, limitBytes, clock, status } = options;
  const types = client.types === undefined ? undefined : new Set(client.types);
  const wants = (type: EventType) => types === undefined || types.has(type);
  let [next, gap] = [resume.next, false];
  let [queued, lost] = [0, 0];
  let blockedAt: number | undefined;
  let replaying = true;

  function write(chunk: Uint8Array): void {
    try {
      if (!client.write(chunk)) blockedAt = clock.mono();
    } catch {
      blockedAt = clock.mono(); // a broken client is no matter of the others; its end is told by `close`
    }
  }

  /** Writes what waits, as long as the client takes it. */
  function pump(): void {
    while (blockedAt === undefined) {
      if (gap) {
        gap = false;
        write(status(next - 1, true));
        continue;
      }
      const run = runs.from(next, types);
      if (run === undefined) {
        replaying = false;
        return;
      }
      next = run.to + 1;
      queued -= run.chunk?.byteLength ?? 0;
      if (run.chunk) write(run.chunk);
    }
  }

  function lose(entry: Entry): void {
    next = entry.n + 1;
    if (!wants(entry.type)) return;
    queued -= entry.chunk.byteLength;
    gap = true;
    lost += 1;
  }

  /** The queue is too long: its oldest events go first. */
  function shorten(): void {
    const isTooLong = () => !replaying && queued > limitBytes;
    for (let oldest = ring.at(next); oldest !== undefined && isTooLong(); oldest = ring.at(next)) lose(oldest);
  }

  for (let n = next; n <= ring.last; n += 1) {
    const entry = ring.at(n);
    if (entry && wants(entry.type)) queued += entry.chunk.byteLength;
  }
  write(RETRY);
  // A gap is told on every stream, whatever its types (contract §5).
  if (resume.gap || wants("status")) write(status(next - 1, resume.gap));
  pump();

  return {
    published(entry) {
      if (wants(entry.type)) queued += entry.chunk.byteLength;
      if (blockedAt !== undefined) shorten();
    },
    pump,
    evicted(entry) {
      if (entry.n >= next) lose(entry);
    },
    drained() {
      blockedAt = undefined;
      pump();
    },
    keepAlive() {
      if (blockedAt === undefined) write(KEEP_ALIVE);
    },
    stuckSince: () => blockedAt,
    end: () => client.end(),
    cut: () => client.cut(),
    lost: () => lost,
  };
}
