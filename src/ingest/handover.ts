import type { OtlpOutcome, OtlpRequest, OtlpSignal } from "../contract/thread.ts";

/**
 * Hands bodies to the store's thread, in their order, a few at a time: what waits for it waits here, so that its loop turns
 * and the bot's own facts are not kept behind a flood.
 */
export interface Handover {
  /** The store is there (again), or gone: then what it was given before is answered 503. */
  connect(post: ((request: OtlpRequest, transfer: ArrayBuffer[]) => void) | undefined): void;
  readonly connected: boolean;
  /** @returns the store's word about it. Never rejects. */
  store(signal: OtlpSignal, json: boolean, body: ArrayBuffer): Promise<OtlpOutcome>;
  settle(id: number, outcome: OtlpOutcome): void;
}

/** As much as the store has before it at the most, but always one … */
const POSTED_BYTES = 4 * 1024 * 1024;
/** … enough of them, where they are small, for one commit to hold many. */
const POSTED = 256;

interface Parcel {
  request: OtlpRequest;
  bytes: number;
  settle(outcome: OtlpOutcome): void;
}

export function createHandover(): Handover {
  const queue: Parcel[] = [];
  const posted = new Map<number, Parcel>();
  let post: Parameters<Handover["connect"]>[0];
  let [lastId, postedBytes] = [0, 0];

  function pass(): void {
    while (post !== undefined && queue.length > 0 && posted.size < POSTED) {
      const [next] = queue as [Parcel];
      if (posted.size > 0 && postedBytes + next.bytes > POSTED_BYTES) return;
      queue.shift();
      posted.set(next.request.id, next);
      postedBytes += next.bytes;
      post(next.request, [next.request.body]);
    }
  }

  return {
    connect(to) {
      post = to;
      const lost = [...posted.values(), ...queue.splice(0)];
      posted.clear();
      postedBytes = 0;
      for (const { settle } of lost) settle({ status: 503, why: "The store has stopped.", retryAfterMs: 1000 });
    },
    get connected() {
      return post !== undefined;
    },
    store(signal, json, body) {
      lastId += 1;
      const request: OtlpRequest = { type: "otlp", id: lastId, signal, json, body };
      return new Promise((settle) => {
        queue.push({ request, bytes: body.byteLength, settle });
        pass();
      });
    },
    settle(id, outcome) {
      const parcel = posted.get(id);
      if (parcel === undefined) return;
      posted.delete(id);
      postedBytes -= parcel.bytes;
      parcel.settle(outcome);
      pass();
    },
  };
}
