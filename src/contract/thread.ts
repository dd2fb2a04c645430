import type { Batch, OwnerKind, RefusalReason } from "./fact.ts";
import type { PackedChanges } from "./packed.ts";
import type { BotState, ChannelState, Inventory, StateEvent } from "./state.ts";
import type { Measured } from "./measured.ts";
import type { Json } from "./fold.ts";

/**
 * What crosses between the three threads. Ports keep order, and every number that a reader needs to place a message
 * among the others is in it.
 */

/** The bot's thread → the store. `seq` counts up from 1; a batch without an ack is sent again, with its own number. */
export type ToStore =
  | { type: "batch"; seq: number; batch: Batch; states: StateEvent[] }
  /** Another port of the observer: after its start, and after it was started again. */
  | { type: "observer"; port: import("node:worker_threads").MessagePort }
  | { type: "stop" }
  | Crash;

/** To fail as by an error of its own, or for want of memory: what comes then is tested by it. */
export interface Crash {
  type: "crash";
  of: "error" | "memory";
}

/** The store → the bot's thread. */
export type FromStore =
  | { type: "ready" }
  /** Batch `seq` is on disk. `refused` of its facts are not, and never will be (counted by reason in the health). */
  | { type: "ack"; seq: number; refused: number; reasons?: RefusalReason[] }
  /** The disk refuses for now: the batch stays in the sender's queue, and is to be sent again after `afterMs`. */
  | { type: "later"; seq: number; afterMs: number; why: string }
  /** It ends now, to be started again. `why`: what keeps it from working; absent where it has told that itself. */
  | { type: "ends"; why?: string };

/** The store → the observer. */
export type StoreToObserver =
  /** The first message on a port. */
  | {
      type: "hello";
      commit: number;
      row: number;
      zone: string;
      states: StateEvent[];
      databaseFile: string;
      catalog: Catalog;
    }
  /** All that commit number `commit` changed. */
  | { type: "changes"; commit: number; changes: PackedChanges; states: StateEvent[] }
  /** The answer to `fold`: every fold of the day, as of `commit`. */
  | { type: "day"; day: number; commit: number; slices: EncodedSlice[] }
  /** Blobs of the day are in the database as of `commit`: what is held of it may be dropped. */
  | { type: "closed"; day: number; commit: number }
  /** What was folded of the day is void (an owner changed, facts were erased): drop it and ask again. */
  | { type: "void"; day: number; commit: number }
  /** Of a cluster: why what others wrote cannot be read, so that no answer is whole; `undefined`: it can. */
  | { type: "away"; why: string | undefined }
  | { type: "latency"; ms: number | undefined; at: number }
  | { type: "health"; health: StoreHealth }
  /** What bots sent to `/v1/metrics`: to be shown again. */
  | { type: "measured"; metrics: Measured[] }
  /** The answer to `otlp`, after the commit, and after the `changes` that it made. */
  | { type: "answered"; id: number; outcome: OtlpOutcome }
  /** The answer to `forget`. */
  | { type: "forgotten"; id: number; outcome: ForgetOutcome };

/** The observer → the store. */
export type ObserverToStore =
  | { type: "fold"; day: number }
  | { type: "probe" }
  /** A read found that the database is damaged. */
  | { type: "damaged" }
  | { type: "forget"; id: number; whom: Whom }
  | OtlpRequest;

export type OtlpSignal = "traces" | "logs" | "metrics";

/** The body of an OTLP request, inflated; it is transferred, not copied. */
export interface OtlpRequest {
  type: "otlp";
  id: number;
  signal: OtlpSignal;
  /** False: protobuf. */
  json: boolean;
  body: ArrayBuffer;
}

/**
 * What an OTLP request is to be answered. 200: it is on disk, but for what was refused, by reason: `unread` before the
 * store saw it, `refused` by the store, which counts that itself.
 */
export type OtlpOutcome =
  | {
      status: 200;
      unread: Partial<Record<RefusalReason, number>>;
      refused?: Partial<Record<RefusalReason, number>>;
    }
  | { status: 400 | 413 | 503; why: string; retryAfterMs?: number };

/** A user or a group. */
export interface Whom {
  owner: OwnerKind;
  id: string;
}

/** What was erased of somebody. */
export interface Forgotten {
  /** Facts that are a tombstone's now. */
  facts: number;
  /** Lines, errors, arguments, results and attributes. */
  texts: number;
  names: number;
  /** Days whose totals were changed. */
  days: number;
  /**
   * `rewritten`: copies were left in the file, and the whole database was written anew; `left`: it was too large for that,
   * and the unused parts of the file hold copies until they are used again.
   */
  file: "clean" | "rewritten" | "left";
}

/** `why`: a sentence that says why nobody was forgotten, or only in part. */
export type ForgetOutcome = Forgotten | { why: string };

/** One fold of one selection of a day, encoded. */
export interface EncodedSlice {
  fold: string;
  version: number;
  selection: string;
  state: Json;
}

/** The bot's thread → the observer. */
export type ToObserver =
  | { type: "store"; port: import("node:worker_threads").MessagePort }
  | { type: "beat"; beat: Beat }
  /** A reader of metrics in the bot's process asks for all of them. */
  | { type: "collect"; id: number }
  /** The end begins; `stop` follows when the store is done. */
  | { type: "stopping" }
  | { type: "stop" }
  | Crash;

/** The observer → the bot's thread. */
export type FromObserver =
  /** `otlpPort`: the second port, where it is wanted and was free. */
  | { type: "ready"; url: string; otlpPort?: number }
  | { type: "failed"; why: string }
  /** Somebody sends OTLP while a demo runs that nobody asked for. */
  | { type: "outside" }
  /** The answer to `collect`: scope metrics of the OpenTelemetry SDK, as plain data. */
  | { type: "collected"; id: number; metrics: unknown }
  | { type: "stopped" };

/** The bot's thread says once a second that it turns. Absent fields: botel only receives OTLP. */
export interface Beat {
  /** Epoch ms. */
  at: number;
  /** Requests, tool calls and messages under way. */
  inFlight: number;
  /** Facts queued or unacknowledged, and the most there may be. */
  queued: number;
  queueLimit: number;
  /** Facts that a full queue dropped since the start, by what they were; and spans that are no facts. */
  dropped: Record<string, number>;
  droppedSpans: number;
  unfinished: number;
  /** Real ends of facts that had been declared unfinished. */
  lateEnds: number;
  refused: Record<string, number>;
  /** Restarts of the workers since the start. */
  restarts: { store: number; observer: number };
  demo: boolean;
  stopping: boolean;
}

/** The store's own counts since its start. */
export interface StoreHealth {
  taken: Record<string, number>;
  duplicates: number;
  /** Facts of excluded users and groups, and what went with them. */
  excluded: number;
  /** Facts dated on a day before that of their arrival. */
  late: number;
  refused: Record<string, number>;
  joined: number;
  /** Facts that left the 15 minutes without a message in their trace. */
  unjoined: number;
  shed: Record<string, number>;
  commits: number;
  lastCommitMs: number;
  bytes: number;
  /** Facts in the spool of an instance of a cluster; absent where there is none. */
  spooled?: number;
}

/** `data/catalog.json`: what is known of bots, channels and groups, readable by hand. */
export interface Catalog {
  version: 1;
  zone: string;
  /** `byMessages`: it announces nothing, and is known by its messages only. */
  bots: Record<string, BotState & { lastSeenMs: number; connectedAtMs?: number; byMessages?: boolean }>;
  channels: Record<string, ChannelState & { lastSeenMs: number }>;
  inventories: Record<string, Inventory & { lastSeenMs: number }>;
}
