import type { Span } from "@opentelemetry/api";
import { ATTRIBUTES } from "../contract/attributes.ts";
import type { Usage } from "./api.ts";
import { quiet } from "./quiet.ts";

const FIELDS = ["inputTokens", "outputTokens", "cachedTokens", "cacheCreationTokens", "reasoningTokens"] as const;

/**
 * Writes usage onto the span at once, so that a call which never ends has what was known of it. The last one wins as a
 * whole: what it does not name, an earlier one did not say.
 */
export function createUsageWriter(span: Span | undefined): (usage: Usage) => void {
  const written = new Set<string>();
  return (usage) => {
    if (span === undefined) return;
    quiet(() => {
      for (const field of FIELDS) {
        const tokens = usage[field];
        const known = typeof tokens === "number" && tokens >= 0 && Number.isFinite(tokens);
        if (!known && !written.has(field)) continue;
        written.add(field);
        span.setAttribute(ATTRIBUTES[field][0], known ? tokens : 0);
      }
    });
  };
}
