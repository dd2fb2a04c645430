import { BotelError } from "../contract/errors.ts";
import type { StateEvent } from "../contract/state.ts";
import type { FromStore, ToStore } from "../contract/thread.ts";
import type { Clock } from "../lib/clock.ts";
import { createTrouble } from "../lib/trouble.ts";
import type { Appended, FactStore } from "./store.ts";

/** With this many facts a transaction begins as soon as what has arrived is read: under load that is more … */
const COMMIT_SIZE = 512;
/** … up to about so many, since one fsync for all of them is the cheapest … */
const COMMIT_MAX = 2048;
/** … and no fact waits longer than this for its own, in ms. */
const COMMIT_MS = 10;
/** A disk that refuses is tried again after this, in ms. */
const RETRY_MS = 1000;

/** A batch of the bot's thread; or one of another sender, that says where its own answer goes. */
type Parcel = Omit<Extract<ToStore, { type: "batch" }>, "type"> & { answer?: (message: FromStore) => void };

/** Queue → one transaction → acknowledge, hand on: what is told was stored before. */
export interface Intake {
  take(parcel: Parcel): void;
  /** Commits all that waits, now. */
  drain(): void;
}

export interface IntakeOptions {
  store: FactStore;
  clock: Clock;
  answer(message: FromStore): void;
  committed(appended: Appended, states: StateEvent[]): void;
  report(line: string): void;
}

export function createIntake({ store, clock, answer, committed, report }: IntakeOptions): Intake {
  let waiting: Parcel[] = [];
  let facts = 0;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;
  const refusal = createTrouble(report, "the store takes facts again");

  function drain(): void {
    clearTimeout(timer);
    clearImmediate(soon);
    [timer, soon] = [undefined, undefined];
    const parcels = waiting;
    [waiting, facts] = [[], 0];
    if (parcels.length > 0) commit(parcels);
  }

  function commit(parcels: Parcel[]): void {
    try {
      const batches = parcels.map(({ batch }) => batch);
      const appended = store.append(batches, clock.now());
      refusal.over();
      acknowledge(parcels, appended);
    } catch (error) {
      if (error instanceof BotelError) putOff(parcels, error.message);
      else if (parcels.length > 1) for (const parcel of parcels) commit([parcel]);
      else refuse(parcels[0] as Parcel, error);
    }
  }

  function acknowledge(parcels: Parcel[], appended: Appended): void {
    // Told first, acknowledged second: whoever has an acknowledgement finds the fact in every answer soon.
    committed(
      appended,
      parcels.flatMap(({ states }) => states),
    );
    let at = 0;
    for (const [n, { seq, answer: tell = answer }] of parcels.entries()) {
      const refused = appended.refused[n] ?? 0;
      tell({ type: "ack", seq, refused, reasons: appended.reasons.slice(at, at + refused) });
      at += refused;
    }
  }

  function putOff(parcels: Parcel[], why: string): void {
    refusal.met(`the store takes no facts: ${why} They wait, or are answered 503, and are tried again.`);
    for (const { seq, answer: tell = answer } of parcels) tell({ type: "later", seq, afterMs: RETRY_MS, why });
  }

  /** A batch that always fails must not be sent for ever. */
  function refuse({ seq, batch, answer: tell = answer }: Parcel, error: unknown): void {
    report(`a batch of ${batch.facts.length} facts cannot be stored and is dropped: ${String(error)}`);
    tell({ type: "ack", seq, refused: batch.facts.length });
  }

  return {
    take(parcel) {
      waiting.push(parcel);
      facts += parcel.batch.facts.length;
      if (facts >= COMMIT_MAX) drain();
      else if (facts >= COMMIT_SIZE) soon ??= setImmediate(drain);
      else timer ??= setTimeout(drain, COMMIT_MS);
    },
    drain,
  };
}
