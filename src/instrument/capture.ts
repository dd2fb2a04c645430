import type { RefusalReason } from "../contract/fact.ts";

/** What the processors count, of this process since its start. */
export interface Capture {
  /** Calls that were declared unfinished, and real ends that came after. */
  unfinished: number;
  lateEnds: number;
  /** Open spans that were given up because too many were open: an end of theirs knows no context. */
  unwatched: number;
  /** Spans and records that had lost attributes to a limit of the SDK before they were read. */
  truncated: number;
  /** Errors in botel's own code. */
  errors: number;
  refused: Partial<Record<RefusalReason, number>>;
  refuse(reason: RefusalReason): void;
  cut(): void;
  /** Runs `work`; what it throws is counted and told once, and never reaches the bot. */
  guard(work: () => void): void;
}

/** @param warn takes one line; each kind of trouble is told once */
export function createCapture(warn: (line: string) => void): Capture {
  const capture: Capture = {
    unfinished: 0,
    lateEnds: 0,
    unwatched: 0,
    truncated: 0,
    errors: 0,
    refused: {},
    refuse(reason) {
      capture.refused[reason] = (capture.refused[reason] ?? 0) + 1;
    },
    cut() {
      capture.truncated += 1;
      if (capture.truncated === 1) {
        warn("a span lost attributes to a limit of the SDK (OTEL_*_ATTRIBUTE_COUNT_LIMIT): its numbers may be too low");
      }
    },
    guard(work) {
      try {
        work();
      } catch (error) {
        capture.errors += 1;
        if (capture.errors === 1) warn(`a span or log record could not be read: ${String(error)}`);
      }
    },
  };
  return capture;
}
