import type { IncomingMessage } from "node:http";
import { BotelError } from "../contract/errors.ts";
import type { OtlpOutcome, OtlpSignal } from "../contract/thread.ts";
import { failure, JSON_TYPE, PROTOBUF, success, type OtlpAnswer } from "./answer.ts";
import { createHandover, type Handover } from "./handover.ts";
import { createInflater, discard, readBody, type BodyLimits } from "./body.ts";

/**
 * In the observer's thread: an OTLP request over HTTP is read, inflated, handed to the store's thread, and answered when
 * that has stored it. What waits is bounded in bytes; past that a request is answered 503.
 */
export interface Receiver {
  /** Never rejects. */
  receive(signal: OtlpSignal, request: IncomingMessage): Promise<OtlpAnswer>;
  /** What a request is answered that is not let in. */
  refuse(request: IncomingMessage, error: BotelError): OtlpAnswer;
  connect: Handover["connect"];
  settle: Handover["settle"];
  counts(): ReceiverCounts;
}

/** Of this process since its start. */
export interface ReceiverCounts {
  /** Requests by their answer's status. */
  requests: Record<string, number>;
  /** Spans, records and points that were refused before the store saw them, by the reason. */
  refused: Record<string, number>;
  /** Requests that are read or wait for the store now, and their bytes. */
  waiting: number;
  waitingBytes: number;
}

export interface ReceiverOptions extends BodyLimits {
  /** Bytes that may wait for the store. */
  queueBytes: number;
  /**
   * Asked for spans and records, not for metrics, which are no facts.
   *
   * @returns why nothing is taken from outside now: a sentence, and whole seconds after which it may be tried again
   */
  closed?(): { why: string; retryAfter: number } | undefined;
}

/** Seconds after which a client may send again what was refused for now. */
const RETRY_AFTER = 1;
const FULL = "botel has more to store than it can hold; send it again in a second.";

export function createReceiver(options: ReceiverOptions): Receiver {
  const { maxBodyBytes, maxInflatedBytes, queueBytes } = options;
  const inflate = createInflater(maxInflatedBytes);
  const handover = createHandover();
  const counts: ReceiverCounts = { requests: {}, refused: {}, waiting: 0, waitingBytes: 0 };

  /** Takes room in the queue for what was read. */
  function admit(bytes: number): void {
    counts.waitingBytes += bytes;
    // One request alone always has room.
    if (counts.waitingBytes > queueBytes && counts.waiting > 1) throw notNow(FULL);
  }

  async function handle(signal: OtlpSignal, json: boolean, request: IncomingMessage): Promise<OtlpAnswer> {
    refuseIfClosed(signal);
    if (counts.waitingBytes > queueBytes) throw notNow(FULL);
    const encoding = encodingOf(request);
    let taken = 0;
    const took = (bytes: number): void => {
      taken += bytes;
      admit(bytes);
    };
    try {
      let body = await readBody(request, maxBodyBytes, took);
      if (encoding !== "identity") {
        const inflated = await inflate(body, encoding);
        took(Math.max(0, inflated.length - body.length));
        body = inflated;
      }
      refuseIfClosed(signal);
      return answerOf(signal, json, await handover.store(signal, json, body.buffer));
    } finally {
      counts.waitingBytes -= taken;
    }
  }

  function refuseIfClosed(signal: OtlpSignal): void {
    const closed = signal === "metrics" ? undefined : options.closed?.();
    if (closed) throw notNow(closed.why, closed.retryAfter);
    if (!handover.connected) throw notNow("The store is being opened or closed.");
  }

  function answerOf(signal: OtlpSignal, json: boolean, outcome: OtlpOutcome): OtlpAnswer {
    if (outcome.status !== 200) {
      const retryAfter = outcome.retryAfterMs === undefined ? undefined : Math.ceil(outcome.retryAfterMs / 1000);
      return failure(outcome.status, json, outcome.why, retryAfter);
    }
    add(counts.refused, outcome.unread);
    const refused: Record<string, number> = {};
    for (const part of [outcome.unread, outcome.refused ?? {}]) add(refused, part);
    const rejected = Object.values(refused).reduce((all, n) => all + n, 0);
    return success(signal, json, rejected, sentenceOf(refused));
  }

  function counted(answer: OtlpAnswer): OtlpAnswer {
    counts.requests[answer.status] = (counts.requests[answer.status] ?? 0) + 1;
    return answer;
  }

  return {
    async receive(signal, request) {
      counts.waiting += 1;
      const json = isJson(request) ?? false;
      let answer: OtlpAnswer;
      try {
        if (isJson(request) === undefined) throw wrongType(request.headers["content-type"]);
        answer = await handle(signal, json, request);
      } catch (error) {
        answer = failed(error, json);
        if (!request.complete) discard(request);
      }
      counts.waiting -= 1;
      return counted(answer);
    },
    refuse(request, error) {
      if (!request.complete) discard(request);
      return counted(failed(error, isJson(request) ?? false));
    },
    connect: handover.connect,
    settle: handover.settle,
    counts: () => ({ ...counts, requests: { ...counts.requests }, refused: { ...counts.refused } }),
  };
}

function add(into: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, n] of Object.entries(counts)) into[name] = (into[name] ?? 0) + n;
}

function notNow(why: string, retryAfter = RETRY_AFTER): BotelError {
  return new BotelError("UNAVAILABLE", why, { retryAfter });
}

function failed(error: unknown, json: boolean): OtlpAnswer {
  if (error instanceof BotelError) return failure(error.status, json, error.message, error.retryAfter);
  return failure(503, json, "botel failed to read the request", RETRY_AFTER);
}

/** @returns undefined where it is neither JSON nor protobuf. */
function isJson(request: IncomingMessage): boolean | undefined {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type === JSON_TYPE) return true;
  return type === PROTOBUF ? false : undefined;
}

function wrongType(type: string | undefined): BotelError {
  const shown = JSON.stringify(type?.slice(0, 100) ?? "");
  return new BotelError("UNSUPPORTED_MEDIA_TYPE", `Content-Type is ${PROTOBUF} or ${JSON_TYPE}; it was ${shown}.`);
}

function encodingOf(request: IncomingMessage): "identity" | "gzip" | "deflate" {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "gzip" || encoding === "deflate") return encoding;
  if (encoding === "") return "identity";
  const shown = JSON.stringify(encoding.slice(0, 100));
  throw new BotelError("UNSUPPORTED_MEDIA_TYPE", `Content-Encoding is gzip, deflate or none; it was ${shown}.`);
}

const REASONS: Readonly<Record<string, string>> = {
  invalid_id: "without a valid trace or span id",
  invalid_time: "without a valid time",
  invalid_state: "a state event without its state",
  too_far_ahead: "dated more than 10 minutes ahead",
  too_old: "older than facts are kept",
  sealed_day: "of a day that is sealed",
  not_stored: "the store failed at it",
  too_large: "with more attributes than are read (ingest.maxAttributes)",
};

function sentenceOf(refused: Readonly<Record<string, number>>): string {
  return Object.entries(refused)
    .map(([reason, n]) => `${n} ${reason}: ${REASONS[reason] ?? reason}`)
    .join("; ");
}
