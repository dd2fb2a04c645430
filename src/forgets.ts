import { BotelError } from "./contract/errors.ts";
import type { ForgetOutcome, Forgotten, Whom } from "./contract/thread.ts";

/** What the observer asked the store to forget, and has no answer to yet. */
export interface Forgets {
  /** Rejects where it cannot be done now. */
  forget(whom: Whom): Promise<Forgotten>;
  settle(id: number, outcome: ForgetOutcome): void;
  /** The store ended: its next start goes on with what it had begun, but answers nobody. */
  lost(): void;
}

/** @param ask hands it to the store; false where there is none */
export function createForgets(ask: (id: number, whom: Whom) => boolean): Forgets {
  const waiting = new Map<number, PromiseWithResolvers<Forgotten>>();
  let last = 0;

  return {
    forget(whom) {
      const answer = Promise.withResolvers<Forgotten>();
      last += 1;
      waiting.set(last, answer);
      if (!ask(last, whom)) {
        waiting.delete(last);
        answer.reject(away());
      }
      return answer.promise;
    },
    settle(id, outcome) {
      const answer = waiting.get(id);
      waiting.delete(id);
      if ("why" in outcome) answer?.reject(new BotelError("UNAVAILABLE", outcome.why));
      else answer?.resolve(outcome);
    },
    lost() {
      for (const answer of waiting.values()) answer.reject(away());
      waiting.clear();
    },
  };
}

function away(): BotelError {
  return new BotelError(
    "UNAVAILABLE",
    "The store is being opened; ask again in a second, it goes on with what it began.",
  );
}
