import { BotelError } from "../contract/errors.ts";
import { packChanges } from "../contract/packed.ts";
import type { Forgotten, StoreToObserver, Whom } from "../contract/thread.ts";
import type { FactStore } from "./store.ts";

/** A larger database is written anew only where botel is not running: it takes some seconds for each 100 MB. */
const REWRITE_BYTES = 512 * 1024 * 1024;

/** Who may be waiting to be forgotten, at the most. */
const MOST = 20;
const TOO_MANY = `${MOST} are being forgotten, one after the other: ask again in a minute.`;

/** Forgets people, one after the other, beside all else that the store does. */
export interface Forgetting {
  /** One who is being forgotten is not begun again. Rejects where the disk refuses, or the store stops. */
  forget(whom: Whom): Promise<Forgotten>;
  /** True while nobody may read the database in this thread. */
  readonly alone: boolean;
  stop(): void;
}

export interface ForgettingOptions {
  store: Pick<FactStore, "forget">;
  /** Epoch ms. */
  now: () => number;
  tell(message: StoreToObserver): void;
  /** Settles when nobody reads the database in this thread, and nobody will while {@link Forgetting.alone}. */
  quiet: () => Promise<void>;
  /** It may be read again. */
  over: () => void;
}

export function createForgetting({ store, now, tell, quiet, over }: ForgettingOptions): Forgetting {
  const underway = new Map<string, Promise<Forgotten>>();
  let last: Promise<unknown> = Promise.resolve();
  let [alone, stopped] = [false, false];

  async function run(whom: Whom): Promise<Forgotten> {
    const steps = store.forget(whom, { nowMs: now, rewriteBytes: REWRITE_BYTES });
    try {
      while (!stopped) {
        const step = steps.next();
        if (step.done) return step.value;
        const { commit, voided } = step.value;
        // The commit first: windows are built anew out of what is there as of it.
        if (voided.length > 0) tell({ type: "changes", commit, changes: packChanges([]), states: [] });
        for (const day of voided) tell({ type: "void", day, commit });
        alone = step.value.alone;
        await (alone ? quiet() : new Promise((resolve) => setImmediate(resolve)));
      }
      throw new BotelError("UNAVAILABLE", "botel stops; its next start goes on with it.");
    } finally {
      steps.return(undefined as never);
      alone = false;
      over();
    }
  }

  return {
    forget(whom) {
      const name = `${whom.owner} ${whom.id}`;
      let running = underway.get(name);
      if (running === undefined) {
        if (underway.size >= MOST) return Promise.reject(new BotelError("UNAVAILABLE", TOO_MANY));
        running = last.then(() => run(whom)).finally(() => underway.delete(name));
        last = running.catch(() => undefined);
        underway.set(name, running);
      }
      return running;
    },
    get alone() {
      return alone;
    },
    stop() {
      stopped = true;
    },
  };
}
