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
  /** Facts that fell off since the start because the queue was full, by what they were. */
  dropped: Record<Sheddable, number>;
  /** Spans that are no facts, likewise. */
  droppedSpans: number;
}

/** What a full queue gives up, in this order: a message or a request goes only where nothing else is left. */
const SHED = ["debug_log", "log", "tool", "request", "message"] as const;
type Sheddable = (typeof SHED)[number];

interface Parcel {
  seq: number;
  batch: Batch;
  states: StateEvent[];
}

/**
 * @param queueLimit facts that may wait. From half of it on debug log lines are dropped, and spans that are no facts; at
 *   the limit what comes, and a message or a request takes the place of log lines, then of tool calls, that wait
 * @param report told once each time that dropping begins
 */
export function createCourier(queueLimit: number, report: (line: string) => void): Courier {
  const unacknowledged = new Map<number, Parcel>();
  let post: ((message: ToStore) => void) | undefined;
  let facts: Fact[] = [];
  let links: Link[] = [];
  let states: StateEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const dropped: CourierHealth["dropped"] = { debug_log: 0, log: 0, tool: 0, request: 0, message: 0 };
  let [seq, queued, queuedLinks, droppedSpans, dropping] = [0, 0, 0, 0, false];
  /** Nothing that waits in a batch is worth less than a message or a request. */
  let onlyBest = false;
  let waiting: (() => void)[] = [];

  function full(fact: Fact): boolean {
    const what = kindOf(fact);
    const limit = what === "debug_log" ? queueLimit / 2 : queueLimit;
    if (queued < limit) {
      dropping &&= queued >= queueLimit / 2;
      return false;
    }
    if (!dropping) report(FULL);
    dropping = true;
    if ((what === "message" || what === "request") && makeRoom()) return false;
    dropped[what] += 1;
    return true;
  }

  /** Takes what is worth least out of the oldest batch that has it. @returns false where there is no such thing */
  function makeRoom(): boolean {
    if (onlyBest) return false;
    for (const least of SHED.slice(0, 3)) {
      for (const parcel of unacknowledged.values()) {
        const kept = parcel.batch.facts.filter((fact) => kindOf(fact) !== least);
        const gone = parcel.batch.facts.length - kept.length;
        if (gone === 0) continue;
        parcel.batch = { ...parcel.batch, facts: kept };
        queued -= gone;
        dropped[least] += gone;
        return true;
      }
    }
    onlyBest = true;
    return false;
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
      onlyBest &&= fact.kind === "message" || fact.kind === "request";
      schedule();
    },
    link(link) {
      // Worth less than facts: while the queue is half full, a nesting may go unseen, or a step of a waterfall.
      if (queued + queuedLinks >= queueLimit / 2) {
        droppedSpans += 1;
        return;
      }
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
    health: () => ({ queued, queueLimit, dropped: { ...dropped }, droppedSpans }),
  };
}

const FULL =
  "the store takes facts more slowly than they come: debug lines are dropped first, and counted (botel_facts_dropped_total)";

function kindOf(fact: Fact): Sheddable {
  if (fact.kind !== "log") return fact.kind;
  return fact.level === "debug" ? "debug_log" : "log";
}
