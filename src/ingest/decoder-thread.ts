import { Worker, type WorkerOptions } from "node:worker_threads";
import { packFacts, type PackedFacts } from "../contract/packed.ts";
import { unpackFacts } from "../contract/unpacked.ts";
import type { OtlpRequest } from "../contract/thread.ts";
import type { Decode, Decoded } from "./decode.ts";

/**
 * A thread of its own that decodes, so that decoding and committing take two processors. It is started when decoding
 * takes much of the store's time, and ends when little comes: a quiet botel has the memory back.
 */
export interface DecoderThread {
  /** @returns false where the caller is to decode the request itself. */
  take(request: OtlpRequest): boolean;
  /** The caller decoded for so many ms. */
  spent(ms: number): void;
  stop(): void;
}

/** What the thread says: first that it is there. */
export type FromDecoder = "ready" | { id: number; decoded: Packed; ms: number };
export type ToDecoder = OtlpRequest | "stop";

/** What was decoded, as it crosses over. */
type Packed = Exclude<ReturnType<Decode>, Decoded> | (Omit<Decoded, "batch"> & { batch: PackedBatch });
type PackedBatch = Omit<Decoded["batch"], "facts"> & { facts: PackedFacts };

export function pack(decoded: ReturnType<Decode>): Packed {
  if ("outcome" in decoded) return decoded;
  return { ...decoded, batch: { ...decoded.batch, facts: packFacts(decoded.batch.facts) } };
}

function unpack(decoded: Packed): ReturnType<Decode> {
  if ("outcome" in decoded) return decoded;
  return { ...decoded, batch: { ...decoded.batch, facts: unpackFacts(decoded.batch.facts) } };
}

export interface DecoderThreadOptions {
  file: URL;
  options: WorkerOptions;
  done(id: number, decoded: ReturnType<Decode>): void;
  /** Monotonic ms. */
  clock(): number;
  report(line: string): void;
  /** Decoding for so many ms in a second is much; default 50. */
  busyMs?: number;
}

const BUSY_MS = 50;
const WINDOW_MS = 1000;
/** So long after the last second with much to decode the thread ends. */
const IDLE_MS = 30_000;
/** A thread that failed is not started again before that. */
const PATIENCE_MS = 60_000;
const LOST = "The thread that read the request has failed; send it again in a second.";

export function createDecoderThread({
  file,
  options,
  done,
  clock,
  report,
  busyMs = BUSY_MS,
}: DecoderThreadOptions): DecoderThread {
  /** What it was given and has not told of yet. */
  const given = new Set<number>();
  let [worker, ready]: [Worker | undefined, boolean] = [undefined, false];
  let [windowFrom, inWindow, busyAt, failedAt] = [0, 0, 0, -Infinity];
  let timer: NodeJS.Timeout | undefined;

  function spent(ms: number): void {
    const now = clock();
    if (now - windowFrom > WINDOW_MS) [windowFrom, inWindow] = [now, 0];
    inWindow += ms;
    if (inWindow < busyMs) return;
    busyAt = now;
    if (worker === undefined && now - failedAt >= PATIENCE_MS) start();
  }

  function start(): void {
    const begun = new Worker(file, options);
    begun.unref();
    begun.on("message", (message: FromDecoder) => {
      if (message === "ready") ready = worker === begun;
      else told(message);
    });
    begun.on("error", (error) => report(`the thread that reads OTLP failed: ${String(error)}`));
    begun.on("exit", () => ended(begun));
    worker = begun;
    timer = setInterval(() => {
      if (clock() - busyAt > IDLE_MS && given.size === 0) stop();
    }, IDLE_MS / 3).unref();
  }

  function told({ id, decoded, ms }: Exclude<FromDecoder, "ready">): void {
    if (!given.delete(id)) return;
    spent(ms);
    done(id, unpack(decoded));
  }

  /** By itself, where it is still the one. */
  function ended(one: Worker): void {
    if (one !== worker) return;
    failedAt = clock();
    forget();
    const lost = [...given];
    given.clear();
    for (const id of lost) done(id, { outcome: { status: 503, why: LOST, retryAfterMs: 1000 } });
  }

  function forget(): void {
    clearInterval(timer);
    [worker, ready] = [undefined, false];
  }

  function stop(): void {
    worker?.postMessage("stop" satisfies ToDecoder);
    forget();
  }

  return {
    take(request) {
      if (!ready || worker === undefined) return false;
      given.add(request.id);
      worker.postMessage(request satisfies ToDecoder, [request.body]);
      return true;
    },
    spent,
    stop,
  };
}
