import type { Change } from "../contract/fact.ts";
import { NEW } from "../contract/fact.ts";
import type { MetricEventData } from "../contract/wire/events.ts";

type Counts = Pick<MetricEventData, "messages" | "responses" | "requests" | "toolCalls" | "tokens" | "errors">;

/** What was folded since the last `metric` event: each counted fact once, whatever its day; a join adds nothing. */
export interface Tally {
  add(changes: readonly Change[]): void;
  /** Whether any number is not 0. */
  changed(): boolean;
  /** @returns the counts, and starts anew. */
  take(): Counts;
}

export function createTally(): Tally {
  let counts = zero();

  function addOne({ fact, before }: Change): void {
    if (before !== NEW || !fact.counted) return;
    if (fact.kind === "message") {
      counts.messages += 1;
      counts.responses += fact.responses;
    } else if (fact.kind === "request") {
      counts.requests += 1;
      counts.tokens += fact.inputTokens + fact.outputTokens;
    } else if (fact.kind === "tool") counts.toolCalls += 1;
    if (fact.errorItem) counts.errors += 1;
  }

  return {
    add(changes) {
      for (const change of changes) addOne(change);
    },
    changed: () => Object.values(counts).some((n) => n > 0),
    take() {
      const taken = counts;
      counts = zero();
      return taken;
    },
  };
}

function zero(): Counts {
  return { messages: 0, responses: 0, requests: 0, toolCalls: 0, tokens: 0, errors: 0 };
}
