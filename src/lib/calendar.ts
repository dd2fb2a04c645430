import type { Temporal as Polyfill } from "temporal-polyfill";

// Node 26 has Temporal; Node 24 loads the polyfill, which takes 2 MB a thread.
const T = (globalThis as { Temporal?: typeof Polyfill }).Temporal ?? (await import("temporal-polyfill")).Temporal;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Calendar days of one time zone, each named by its number: days from 1970-01-01 to its date. */
export interface Calendar {
  readonly zone: string;
  /** @returns the day that `ms` (epoch ms) lies in. */
  dayOf(ms: number): number;
  /** @returns epoch ms of the first instant of the day; a day has 23, 24 or 25 hours, or what its zone decrees. */
  startOf(day: number): number;
  /** @returns the hour of the day on the clock, 0…23. */
  hourOf(ms: number): number;
}

/**
 * @param zone an IANA name
 * @throws {RangeError} if the zone is not known
 */
export function createCalendar(zone: string): Calendar {
  const starts = new Map<number, number>();
  let [day, from, to] = [0, 0, 0];

  function startOf(wanted: number): number {
    let start = starts.get(wanted);
    if (start === undefined) {
      start = T.PlainDate.from(dateOf(wanted)).toZonedDateTime(zone).epochMilliseconds;
      if (starts.size > 4000) starts.clear();
      starts.set(wanted, start);
    }
    return start;
  }

  function dayOf(ms: number): number {
    if (ms >= from && ms < to) return day;
    // A zone is at most 26 h from UTC's date line to date line, so the date is one of three.
    day = Math.floor(ms / DAY_MS) + 1;
    while (startOf(day) > ms) day -= 1;
    [from, to] = [startOf(day), startOf(day + 1)];
    return day;
  }

  function hourOf(ms: number): number {
    const today = dayOf(ms);
    const start = startOf(today);
    if (startOf(today + 1) - start === DAY_MS) return Math.floor((ms - start) / HOUR_MS);
    return T.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).hour;
  }

  startOf(0); // throws for an unknown zone now, not later
  return { zone, dayOf, startOf, hourOf };
}

/** @returns `YYYY-MM-DD`. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** @returns the IANA name of the machine's zone; `UTC` where it has none. */
export function machineZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
