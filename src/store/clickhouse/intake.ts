import type { BotelError } from "../../contract/errors.ts";
import type { Batch, RefusalReason } from "../../contract/fact.ts";
import type { StateEvent } from "../../contract/state.ts";
import type { FromStore, ToStore } from "../../contract/thread.ts";
import type { Clock } from "../../lib/clock.ts";
import { refusal, type Bounds } from "../refuse.ts";
import type { Spool } from "../sqlite/spool.ts";
import type { Stored } from "./append.ts";

/** A batch of the bot's thread; or one of another sender, that says where its own answer goes. */
type Parcel = Omit<Extract<ToStore, { type: "batch" }>, "type"> & { answer?: (message: FromStore) => void };

/** Queue → one round of writing → acknowledge; what comes meanwhile is the next round. */
export interface ClusterIntake {
  take(parcel: Parcel): void;
  /** There is something to write beside batches, or a cluster again. */
  wake(): void;
  /** Writes what waits. Settles when it is there, or is given up. */
  drain(): Promise<void>;
}

export interface ClusterIntakeOptions {
  /** undefined while there is none. */
  cluster(): Writable | undefined;
  /** Why there is no cluster, or why it takes nothing now; undefined where all is well. */
  trouble(): string | undefined;
  /** Absent: acknowledged is what is in the cluster. */
  spool?: Spool;
  /** Of what comes to the spool. */
  bounds(nowMs: number): Bounds;
  clock: Clock;
  answer(message: FromStore): void;
  /** A round is done. */
  written(): void;
  report(line: string): void;
}

interface Writable {
  append(batches: readonly Batch[], states: readonly StateEvent[], nowMs: number): Promise<Stored>;
  due(nowMs: number): boolean;
}

/** Facts of a round at the most … */
const ROUND_FACTS = 20_000;
/** … and with how many it begins at once. */
const FULL_FACTS = 5000;
/** Fewer wait so long for others, in ms: each round makes a part in every table. */
const LINGER_MS = 100;
/** A sender is answered within this, in ms, where a shard is away … */
const PATIENCE_MS = 1500;
/** … and where it is only slow. */
const LONG_PATIENCE_MS = 15_000;
const RETRY_MS = 1000;

interface Waiting {
  parcel: Parcel;
  sinceMs: number;
  isAnswered: boolean;
}

export function createClusterIntake(options: ClusterIntakeOptions): ClusterIntake {
  const { clock, spool, report } = options;
  let waiting: Waiting[] = [];
  let under: Waiting[] = [];
  let facts = 0;
  let timer: NodeJS.Timeout | undefined;
  let [busy, draining, pauseMs] = [false, false, LINGER_MS];
  const watch = setInterval(putOff, 250).unref();

  function tell(one: Waiting, message: FromStore): void {
    if (one.isAnswered) return;
    one.isAnswered = true;
    (one.parcel.answer ?? options.answer)(message);
  }

  /** Who waited too long is told to come again. What is being written goes on: then it is there already. */
  function putOff(): void {
    const why = options.trouble();
    const latest = clock.mono() - (why === undefined ? LONG_PATIENCE_MS : PATIENCE_MS);
    const late = (one: Waiting): boolean => one.sinceMs < latest;
    for (const one of [...under, ...waiting]) if (late(one)) later(one, why ?? "The store is busy.");
    waiting = waiting.filter((one) => !one.isAnswered);
    facts = waiting.reduce((sum, { parcel }) => sum + parcel.batch.facts.length, 0);
  }

  function later(one: Waiting, why: string): void {
    tell(one, { type: "later", seq: one.parcel.seq, afterMs: RETRY_MS, why });
  }

  function take(parcel: Parcel): void {
    waiting.push({ parcel, sinceMs: clock.mono(), isAnswered: false });
    facts += parcel.batch.facts.length;
    if (facts >= FULL_FACTS) wake();
    else timer ??= setTimeout(wake, spool ? 10 : LINGER_MS);
  }

  function wake(): void {
    clearTimeout(timer);
    timer = undefined;
    if (spool) keep(spool);
    if (!busy) void rounds();
  }

  /** Into the spool: from then on it is acknowledged. */
  function keep(into: Spool): void {
    const taken = waiting;
    [waiting, facts] = [[], 0];
    if (taken.length === 0) return;
    const bounds = options.bounds(clock.now());
    const screened = taken.map(({ parcel }) => screen(parcel, bounds));
    try {
      into.add(screened.map(({ batch, states }) => ({ batch, states })));
    } catch (error) {
      for (const one of taken) later(one, (error as Error).message);
      return;
    }
    for (const [n, one] of taken.entries()) {
      const { reasons = [] } = screened[n] ?? {};
      tell(one, { type: "ack", seq: one.parcel.seq, refused: reasons.length, reasons });
    }
  }

  async function rounds(): Promise<void> {
    busy = true;
    try {
      while (await round());
    } finally {
      busy = false;
      if (waiting.length > 0 || (spool?.facts ?? 0) > 0) timer ??= setTimeout(wake, pauseMs);
    }
  }

  /** @returns whether there may be more to do at once */
  async function round(): Promise<boolean> {
    const cluster = options.cluster();
    if (cluster === undefined) return false;
    pauseMs = LINGER_MS;
    const done = spool ? await roundOfSpool(cluster, spool) : await roundOfParcels(cluster);
    if (done) options.written();
    // What came meanwhile has waited long enough.
    return done && (draining || waiting.length > 0 || (spool?.facts ?? 0) > 0);
  }

  async function roundOfSpool(cluster: Writable, from: Spool): Promise<boolean> {
    const next = from.next(ROUND_FACTS);
    if (next === undefined && !cluster.due(clock.now())) return false;
    const { parcels, last } = next ?? { parcels: [], last: 0 };
    try {
      await write(cluster, parcels);
    } catch (error) {
      pauseMs = RETRY_MS;
      if (isAway(error)) return false;
      report(`${parcels.length} batches of the spool cannot be stored and are dropped: ${String(error)}`);
    }
    from.remove(last);
    return true;
  }

  async function roundOfParcels(cluster: Writable): Promise<boolean> {
    under = takeRound();
    if (under.length === 0 && !cluster.due(clock.now())) return false;
    try {
      const parcels = under.map(({ parcel }) => parcel);
      acknowledge(await write(cluster, parcels));
    } catch (error) {
      pauseMs = RETRY_MS;
      if (!isAway(error)) report(`${under.length} batches cannot be stored: ${String(error)}`);
      for (const one of under) {
        if (isAway(error)) later(one, (error as Error).message);
        // A batch that always fails must not be sent for ever.
        else tell(one, { type: "ack", seq: one.parcel.seq, refused: one.parcel.batch.facts.length });
      }
      return false;
    } finally {
      under = [];
    }
    return true;
  }

  function write(cluster: Writable, parcels: readonly Pick<Parcel, "batch" | "states">[]): Promise<Stored> {
    return cluster.append(
      parcels.map(({ batch }) => batch),
      parcels.flatMap(({ states }) => states),
      clock.now(),
    );
  }

  function takeRound(): Waiting[] {
    let count = 0;
    const end = waiting.findIndex(({ parcel }) => {
      count += parcel.batch.facts.length;
      return count > ROUND_FACTS;
    });
    const taken = waiting.splice(0, end === -1 ? waiting.length : Math.max(1, end));
    facts = waiting.reduce((sum, { parcel }) => sum + parcel.batch.facts.length, 0);
    return taken;
  }

  function acknowledge({ refused, reasons }: Stored): void {
    let at = 0;
    for (const [n, one] of under.entries()) {
      const count = refused[n] ?? 0;
      tell(one, { type: "ack", seq: one.parcel.seq, refused: count, reasons: reasons.slice(at, at + count) });
      at += count;
    }
  }

  return {
    take,
    wake,
    async drain() {
      draining = true;
      wake();
      while (busy) await new Promise((resolve) => setTimeout(resolve, 10));
      clearInterval(watch);
      clearTimeout(timer);
    },
  };
}

/** What is refused is not spooled: its sender hears of it now or never. */
function screen(
  { batch, states }: Parcel,
  bounds: Bounds,
): Pick<Parcel, "batch" | "states"> & { reasons: RefusalReason[] } {
  const reasons: RefusalReason[] = [];
  const facts = batch.facts.filter((fact) => {
    const reason = refusal(fact, bounds);
    if (reason !== undefined) reasons.push(reason);
    return reason === undefined;
  });
  return { batch: { ...batch, facts }, states, reasons };
}

function isAway(error: unknown): boolean {
  return (error as Partial<BotelError>).code === "UNAVAILABLE";
}
