import type { Link } from "../contract/fact.ts";
import type { Journal } from "./journal.ts";

/**
 * Spans that are no facts, of traces that have no fact so far: they are stored once it comes, and forgotten where it does
 * not. What a bot's web server does beside the turns never fills the disk.
 */
export interface Waiting {
  hold(link: Link, nowMs: number): void;
  /** The trace has a fact now. @returns what waited for it */
  release(traceId: string): readonly Link[];
  /** After a commit: forgets what is too old or too much. */
  expire(beforeMs: number): void;
  /** How many were forgotten for want of room, since the start. */
  readonly dropped: number;
}

/** Spans that wait at the most, about 600 bytes each; those of the trace that began first go first. */
const LIMIT = 20_000;

interface Held {
  /** Epoch ms of the first one's arrival. */
  atMs: number;
  links: Link[];
}

export function createWaiting(journal: Journal, limit = LIMIT): Waiting {
  const byTrace = new Map<string, Held>();
  const held = { count: 0 };
  let dropped = 0;

  return {
    hold(link, nowMs) {
      const known = byTrace.get(link.traceId);
      if (known === undefined) journal.put(byTrace, link.traceId, { atMs: nowMs, links: [link] });
      else journal.push(known.links, link);
      journal.set(held, "count", held.count + 1);
    },
    release(traceId) {
      const { links } = byTrace.get(traceId) ?? { links: [] };
      if (links.length === 0) return links;
      journal.drop(byTrace, traceId);
      journal.set(held, "count", held.count - links.length);
      return links;
    },
    expire(beforeMs) {
      for (const [traceId, { atMs, links }] of byTrace) {
        const full = held.count > limit;
        if (!full && atMs >= beforeMs) break;
        byTrace.delete(traceId);
        held.count -= links.length;
        if (full) dropped += links.length;
      }
    },
    get dropped() {
      return dropped;
    },
  };
}
