import type { Batch, Fact, Link } from "../contract/fact.ts";
import type { Sink } from "../contract/sink.ts";
import type { StateEvent } from "../contract/state.ts";
import type { FromStore, ToStore } from "../contract/thread.ts";

/** A batch leaves when it holds this many facts and links … */
const BATCH_SIZE = 256;
/** … or this long after its first, in ms. */
const BATCH_MS = 20;
/** State events that wait for the store at the most; they are sent again every 30 s anyway. */
const STATE_LIMIT = 1000;

/**
 * Brings facts from the bot's thread to the store: in batches, in order, kept until they are acknowledged and sent again
 * to a store that was started anew. It only pushes and posts; it never waits.
 */
export interface Courier extends Sink {
  /** The store is there (again): all that is not acknowledged is sent to it. */
  connect(post: (message: ToStore) => void): void;
  disconnect(): void;
  receive(message: FromStore): void;
  /** Sends what waits now. @returns when all is acknowledged. Never rejects; whoever calls it sets a deadline. */
  flush(): Promise<void>;
  /** Sends what waits, now. @returns the number of the newest batch. */
  sendNow(): number;
  health(): CourierHealth;
}

export interface CourierHealth {
  /** Facts queued or unacknowledged. */
  queued: number;
  queueLimit: number;
  /** Facts that fell off since the start because the queue was full. */
  dropped: number;
}

interface Parcel {
  seq: number;
  batch: Batch;
  states: StateEvent[];
}

/**
 * @param queueLimit facts that may wait; from half of it on debug log lines are dropped, at the limit every fact is
 * @param report told once each time that dropping begins
 */
export function createCourier(queueLimit: number, report: (line: string) => void): Courier {
  const unacknowledged = new Map<number, Parcel>();
  let post: ((message: ToStore) => void) | undefined;
  let facts: Fact[] = [];
  let links: Link[] = [];
  let states: StateEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let [seq, queued, queuedLinks, dropped, dropping] = [0, 0, 0, 0, false];
  let waiting: (() => void)[] = [];

  function full(fact: Fact): boolean {
    const limit = fact.kind === "log" && fact.level === "debug" ? queueLimit / 2 : queueLimit;
    if (queued < limit) {
      dropping &&= queued >= queueLimit / 2;
      return false;
    }
    if (!dropping) report(`${queueLimit} facts wait for the store; what comes now is dropped and counted`);
    dropping = true;
    dropped += 1;
    return true;
  }

  function schedule(): void {
    if (facts.length + links.length >= BATCH_SIZE) send();
    else timer ??= setTimeout(send, BATCH_MS).unref();
  }

  function send(): void {
    clearTimeout(timer);
    timer = undefined;
    if (facts.length + links.length + states.length === 0) return;
    seq += 1;
    const parcel = { seq, batch: { facts, links }, states };
    [facts, links, states] = [[], [], []];
    unacknowledged.set(seq, parcel);
    deliver(parcel);
  }

  function deliver(parcel: Parcel): void {
    post?.({ type: "batch", ...parcel });
  }

  function acknowledged(parcelSeq: number): void {
    const parcel = unacknowledged.get(parcelSeq);
    if (!parcel) return;
    unacknowledged.delete(parcelSeq);
    queued -= parcel.batch.facts.length;
    queuedLinks -= parcel.batch.links.length;
    if (unacknowledged.size === 0) settle();
  }

  function settle(): void {
    for (const done of waiting) done();
    waiting = [];
  }

  function again(parcelSeq: number, afterMs: number): void {
    const parcel = unacknowledged.get(parcelSeq);
    if (parcel) setTimeout(() => unacknowledged.has(parcelSeq) && deliver(parcel), afterMs).unref();
  }

  return {
    fact(fact) {
      if (full(fact)) return;
      facts.push(fact);
      queued += 1;
      schedule();
    },
    link(link) {
      // Worth less than facts: while the queue is half full, a nesting may go unseen, or a step of a waterfall.
      if (queued + queuedLinks >= queueLimit / 2) return;
      links.push(link);
      queuedLinks += 1;
      schedule();
    },
    state(event) {
      if (states.length >= STATE_LIMIT) states.shift();
      states.push(event);
      schedule();
    },
    connect(to) {
      post = to;
      for (const parcel of unacknowledged.values()) deliver(parcel);
    },
    disconnect() {
      post = undefined;
    },
    receive(message) {
      if (message.type === "ack") acknowledged(message.seq);
      else if (message.type === "later") again(message.seq, message.afterMs);
    },
    flush() {
      send();
      if (unacknowledged.size === 0) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    sendNow() {
      send();
      return seq;
    },
    health: () => ({ queued, queueLimit, dropped }),
  };
}
