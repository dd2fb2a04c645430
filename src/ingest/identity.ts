import { hash } from "node:crypto";
import type { RecordShape } from "../contract/span.ts";
import type { Records } from "./decoded.ts";

/**
 * Identities of the log records of one request: a hash of all of a record (resource, scope, times, severity, event name,
 * body, attributes, trace, span) and its ordinal among equals in the same request (contract §2).
 */
export interface Identities {
  /** To be asked once for each record, in order. @returns 48 hex digits */
  of(record: RecordShape): string;
}

/** @param seen ordinals of this request; the same for all its scopes */
export function createIdentities({ resource, scope }: Records, seen: Map<string, number>): Identities {
  const origin = hash("sha1", written([resource, scope.name, scope.version, scope.attributes]));
  return {
    of({ time, observed, severity, severityText, eventName, body, attributes, traceId, spanId }) {
      const when = [time?.ms, time?.ns, observed?.ms, observed?.ns];
      const rest = [severity, severityText, eventName, body, attributes, traceId, spanId];
      const digest = hash("sha256", written([origin, when, rest])).slice(0, 40);
      const ordinal = seen.get(digest) ?? 0;
      seen.set(digest, ordinal + 1);
      return digest + ordinal.toString(16).padStart(8, "0");
    },
  };
}

function written(parts: unknown): string {
  try {
    return JSON.stringify(parts);
  } catch {
    // JSON has no bigint.
    return JSON.stringify(parts, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
  }
}
