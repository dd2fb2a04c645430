import { AttemptError, STOPPING } from "./failure.ts";
import type { Pace } from "./pace.ts";

/** The time-outs of one attempt: each aborts `signal`, and the reason says which it was. */
export interface Limits {
  readonly signal: AbortSignal;
  /** A chunk came. */
  heard(): void;
  clear(): void;
}

/** @param stop aborts with the bot */
export function startLimits(pace: Pick<Pace, "firstChunk" | "nextChunk" | "attempt">, stop: AbortSignal): Limits {
  const controller = new AbortController();
  const fail = (what: string, ms: number) => controller.abort(new AttemptError("timeout", `${what} in ${ms} ms`));
  const onStop = () => controller.abort(new AttemptError("aborted", STOPPING));
  const whole = setTimeout(fail, pace.attempt, "The answer did not end", pace.attempt);
  let next = setTimeout(fail, pace.firstChunk, "No answer began", pace.firstChunk);
  stop.addEventListener("abort", onStop);
  if (stop.aborted) onStop();

  return {
    signal: controller.signal,
    heard() {
      clearTimeout(next);
      next = setTimeout(fail, pace.nextChunk, "The answer did not go on", pace.nextChunk);
    },
    clear() {
      clearTimeout(whole);
      clearTimeout(next);
      stop.removeEventListener("abort", onStop);
    },
  };
}
