import type { Batch, Change, RefusalReason } from "../contract/fact.ts";
import type { EncodedSlice, Forgotten, StoreHealth, Whom } from "../contract/thread.ts";

/**
 * The store as the pipeline sees it: it decides (duplicates, nesting, owners, error items), commits, and only then says
 * what changed. One writer; readers have an interface of their own ({@link FactReader}).
 *
 * Synchronous: it lives in a thread of its own.
 */
export interface FactStore {
  /**
   * Stores the batches in one transaction, or none of them.
   *
   * @param nowMs epoch ms, for the bounds of contract §2 (10 min ahead, retention)
   * @throws {BotelError} UNAVAILABLE where the disk is full or refuses; nothing of it is stored or remembered then
   */
  append(batches: Batch[], nowMs: number): Appended;

  /**
   * Folds every fact of the day that is stored, as of the commit at the first step; in steps, so that commits pass
   * between them. Of a sealed day: what its blobs hold. Facts that are not counted, and log records that are no error
   * items, are in no fold: the latter go with their own retention.
   */
  foldDay(day: number): Generator<void, EncodedSlice[]>;
  /** Writes the day's blobs if nothing changed the day since `commit`. @returns whether it did. */
  closeDay(day: number, commit: number, slices: EncodedSlice[]): boolean;
  /** Days that have facts and no blobs. */
  openDays(): number[];

  /** Removes what is older than its retention, a bounded piece a call. @returns whether there is more to do. */
  retire(nowMs: number): boolean;
  /**
   * Erases a user or a group: facts are a tombstone's, of which nobody can tell whose it was; texts and names are gone,
   * from the file too. In steps, so that commits pass between them.
   *
   * What a kill interrupted is begun again by the next call, under the same tombstone. Facts that are dated before the end
   * and come within 15 minutes after it are the tombstone's as well.
   */
  forget(whom: Whom, options: ForgetOptions): Generator<ForgetStep, Forgotten>;
  /** Whom a kill kept from being forgotten. */
  unforgotten(): Whom[];
  /** A real write and read. @returns its duration in ms. */
  probe(): number;
  health(): StoreHealth;
  /** Row of the newest fact, 0 where there is none. */
  readonly lastRow: number;
  /** Number of the last commit, counted from the start of this process. */
  readonly commit: number;
  /** The time zone of its days, an IANA name. */
  readonly zone: string;
  close(): void;
}

export interface ForgetOptions {
  /** The clock: epoch ms. */
  nowMs: () => number;
  /** A larger database is not written anew, which keeps all else waiting, where copies are left in its file. */
  rewriteBytes?: number;
}

/** What is to be told after a step, as after an append. */
export interface ForgetStep extends Pick<Appended, "commit" | "voided"> {
  /** True where, until the next step is done, nobody in this thread may read the database, as {@link FactStore.foldDay} does. */
  alone: boolean;
}

export interface Appended {
  commit: number;
  changes: Change[];
  /** Days whose folds are void because an owner was replaced. */
  voided: number[];
  /** For each batch, in order, how many of its facts were refused. */
  refused: number[];
  /** Why, one for each refused fact, in the order of the batches. */
  reasons: RefusalReason[];
}
