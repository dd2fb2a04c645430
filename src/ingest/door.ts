import type { Batch, RefusalReason } from "../contract/fact.ts";
import type { Measured } from "../contract/measured.ts";
import type { StateEvent } from "../contract/state.ts";
import type { FromStore, OtlpOutcome, OtlpRequest } from "../contract/thread.ts";
import type { DecoderThread } from "./decoder-thread.ts";
import { count, type Decode, type Decoded } from "./decode.ts";

/** In the store's thread: an OTLP body becomes a batch that is stored with the others, and is answered after the commit. */
export interface Door {
  take(request: OtlpRequest): void;
  stop(): void;
}

/** A batch on its way to the disk; the store's word about it comes to `answer`. */
export interface Parcel {
  seq: number;
  batch: Batch;
  states: StateEvent[];
  answer(message: FromStore): void;
}

export interface DoorOptions {
  decode: Decode;
  /** Decodes in a thread of its own while much comes. @param done what it says of a request */
  openThread(done: (id: number, decoded: ReturnType<Decode>) => void): DecoderThread;
  /** Stores the parcel, then answers it. */
  store(parcel: Parcel): void;
  answer(id: number, outcome: OtlpOutcome): void;
  /** Shows a bot's own metrics again. */
  measured(metrics: Measured[]): void;
  /** Monotonic ms. */
  clock(): number;
}

export function createDoor({ decode, openThread, store, answer, measured, clock }: DoorOptions): Door {
  const thread = openThread(pass);

  function pass(id: number, decoded: ReturnType<Decode>): void {
    if ("outcome" in decoded) return answer(id, decoded.outcome);
    const { batch, states, unread } = decoded;
    if (decoded.measured.length > 0) measured(decoded.measured);
    if (batch.facts.length + batch.links.length + states.length === 0) return answer(id, { status: 200, unread });
    store({ seq: id, batch, states, answer: (message) => told(message, unread, (outcome) => answer(id, outcome)) });
  }

  return {
    take(request) {
      if (thread.take(request)) return;
      const began = clock();
      const decoded = decode(request);
      thread.spent(clock() - began);
      pass(request.id, decoded);
    },
    stop: () => thread.stop(),
  };
}

function told(message: FromStore, unread: Decoded["unread"], tell: (outcome: OtlpOutcome) => void): void {
  if (message.type === "later") tell({ status: 503, why: message.why, retryAfterMs: message.afterMs });
  else if (message.type === "ack") tell({ status: 200, unread, refused: reasonsOf(message) });
}

function reasonsOf({ refused, reasons = [] }: Extract<FromStore, { type: "ack" }>): Decoded["unread"] {
  const by: Partial<Record<RefusalReason, number>> = {};
  for (const reason of reasons) count(by, reason, 1);
  count(by, "not_stored", refused - reasons.length);
  return by;
}
