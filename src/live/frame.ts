import type { EventType } from "../contract/wire/events.ts";

/**
 * An event and its unnamed twin with the same id, in one piece (contract §5).
 *
 * JSON holds no line break, and neither `id` nor `type` comes from outside: nothing in `data` can start a field.
 */
export function frame(id: string, type: EventType, data: object): Uint8Array {
  const json = JSON.stringify(data);
  const named = `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;
  return Buffer.from(`${named}id: ${id}\ndata: {"type":"${type}","data":${json}}\n\n`);
}

/** How long a browser waits before it connects again, in ms; the first thing that a client gets. */
export const RETRY = Buffer.from("retry: 3000\n\n");
export const KEEP_ALIVE = Buffer.from(": keep-alive\n\n");

/** What a `Last-Event-ID` says: where to go on, and whether something between is lost. */
export interface Resume {
  /** Number of the next event that the client wants. */
  next: number;
  gap: boolean;
}

/**
 * @param lastEventId anything; absent: a new client
 * @param held numbers of the oldest and newest event of the ring
 */
export function resumeAt(
  lastEventId: string | undefined,
  start: string,
  held: { first: number; last: number },
): Resume {
  if (lastEventId === undefined) return { next: held.last + 1, gap: false };
  const [, ofStart, digits] = /^(.*)-(\d{1,15})$/.exec(lastEventId) ?? [];
  const next = Number(digits) + 1;
  if (ofStart !== start || next > held.last + 1) return { next: held.last + 1, gap: true };
  return next < held.first ? { next: held.first, gap: true } : { next, gap: false };
}
