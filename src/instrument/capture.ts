import type { RefusalReason } from "../contract/fact.ts";

/** What the processors count, of this process since its start. */
export interface CaptureCounts {
  /** Calls that were declared unfinished, and real ends that came after. */
  unfinished: number;
  lateEnds: number;
  /** Open spans that were given up because too many were open: their end knows no user, no group, no channel. */
  unwatched: number;
  /** Spans and records that had lost attributes to a limit of the SDK before they were read. */
  truncated: number;
  /** Errors in botel's own code. */
  errors: number;
  refused: Partial<Record<RefusalReason, number>>;
}

export interface Capture {
  readonly counts: CaptureCounts;
  refuse(reason: RefusalReason): void;
  truncated(): void;
  /** Runs `work`; what it throws is counted and told once, and never reaches the bot. */
  guard(work: () => void): void;
}

/** @param warn takes one line; each kind of trouble is told once */
export function createCapture(warn: (line: string) => void): Capture {
  const counts: CaptureCounts = { unfinished: 0, lateEnds: 0, unwatched: 0, truncated: 0, errors: 0, refused: {} };
  return {
    counts,
    refuse(reason) {
      counts.refused[reason] = (counts.refused[reason] ?? 0) + 1;
    },
    truncated() {
      counts.truncated += 1;
      if (counts.truncated > 1) return;
      warn("a span lost attributes to a limit of the SDK (OTEL_*_ATTRIBUTE_COUNT_LIMIT): its numbers may be too low");
    },
    guard(work) {
      try {
        work();
      } catch (error) {
        counts.errors += 1;
        if (counts.errors === 1) warn(`a span or log record could not be read: ${String(error)}`);
      }
    },
  };
}
