/** An action that a OneBot implementation refused, left unanswered, or that the lost socket took with it. */
class ActionError extends Error {
  override name = "ActionError";
}

/** Actions under way on one socket, each with its own `echo`. */
export interface Actions {
  /** @returns the answer's `data`. @throws {ActionError} */
  call(action: string, params: Record<string, unknown>): Promise<unknown>;
  answered(answer: { echo: string; ok: boolean; data: unknown; why: string }): void;
  /** Rejects all that are under way. */
  abandon(why: string): void;
}

/** More than these under way means that nobody answers. */
const LIMIT = 1000;

interface Pending {
  action: string;
  resolve(data: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/**
 * @param write false where there is nothing to write to
 * @param timeout ms that an action may take
 */
export function createActions(write: (text: string) => boolean, timeout: number): Actions {
  const pending = new Map<string, Pending>();
  let count = 0;

  function call(action: string, params: Record<string, unknown>): Promise<unknown> {
    if (pending.size >= LIMIT) return Promise.reject(new ActionError(`${action}: ${LIMIT} actions are unanswered`));
    const echo = String((count += 1));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => settle(echo)?.reject(new ActionError(`${action}: no answer in ${timeout} ms`)),
        timeout,
      );
      pending.set(echo, { action, resolve, reject, timer });
      if (!write(JSON.stringify({ action, params, echo }))) {
        settle(echo)?.reject(new ActionError(`${action}: there is no connection`));
      }
    });
  }

  function settle(echo: string): Pending | undefined {
    const entry = pending.get(echo);
    pending.delete(echo);
    clearTimeout(entry?.timer);
    return entry;
  }

  return {
    call,
    answered({ echo, ok, data, why }) {
      const entry = settle(echo);
      if (ok) entry?.resolve(data);
      else entry?.reject(new ActionError(`${entry.action}: ${why}`));
    },
    abandon(why) {
      for (const echo of pending.keys()) {
        const entry = settle(echo);
        entry?.reject(new ActionError(`${entry.action}: ${why}`));
      }
    },
  };
}
