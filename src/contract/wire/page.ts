/** Where a page begins: everything before a time, or before a place among equal times. */
export interface PageStart {
  /** Epoch ms. */
  timeMs: number;
  /** 0…999,999. */
  timeNs: number;
  /** Only from a `nextBefore`. */
  row?: number;
}

/** int64 nanoseconds, the unit of stored times, end here (the year 2262). */
const MAX_MS = 9_223_372_036_853;

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?(?:([Zz])|([+\- ])(\d\d):?(\d\d))?)?$/;

/** A time without an offset is UTC, as every time that botel writes; a `+` that a query string made a blank is one. */
function isoTime(text: string): PageStart | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as Six;
  const fraction = (match[7] ?? "").padEnd(9, "0");
  const [offsetHours, offsetMinutes] = [Number(match[10] ?? 0), Number(match[11] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const midnight = new Date(0).setUTCFullYear(year, month - 1, day);
  if (new Date(midnight).getUTCMonth() !== month - 1 || day < 1) return undefined;
  const offset = (offsetHours * 60 + offsetMinutes) * (match[9] === "-" ? -60_000 : 60_000);
  const timeMs = midnight + ((hour * 60 + minute) * 60 + second) * 1000 + Number(fraction.slice(0, 3)) - offset;
  return { timeMs, timeNs: Number(fraction.slice(3)) };
}

type Six = [number, number, number, number, number, number];

/** Begins with a letter: neither an ISO 8601 time nor epoch ms does. */
const PLACE = /^p(-?\d{1,13})\.(\d{1,6})\.(\d{1,15})$/;

/** @returns the opaque `nextBefore` of a page. */
export function writePlace(place: Required<PageStart>): string {
  return `p${place.timeMs}.${place.timeNs}.${place.row}`;
}

/**
 * Reads `before`: an ISO 8601 time, epoch ms, or a `nextBefore`.
 *
 * @returns undefined where the text is none of them
 */
export function readPageStart(text: string): PageStart | undefined {
  const place = PLACE.exec(text);
  if (place) return within({ timeMs: Number(place[1]), timeNs: Number(place[2]), row: Number(place[3]) });
  if (/^-?\d{1,16}$/.test(text)) return within({ timeMs: Number(text), timeNs: 0 });
  const time = isoTime(text);
  return time && within(time);
}

/** Times outside of what can be stored are before or after everything: the nearest that can be bound to SQL says the same. */
function within(start: PageStart): PageStart {
  if (Math.abs(start.timeMs) <= MAX_MS) return start;
  return { timeMs: Math.sign(start.timeMs) * MAX_MS, timeNs: 0 };
}
