const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    const numeric = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      ...numeric,
    });
    formats.set(zone, format);
  }
  return format;
}

/** The calendar day of an instant in a time zone: `2024-12-15`. */
export function dayOf(ns: bigint, zone: string): string {
  const part = new Map(
    formatOf(zone)
      .formatToParts(Number(ns / 1_000_000n))
      .map(({ type, value }) => [type, value]),
  );
  return `${part.get("year")}-${part.get("month")}-${part.get("day")}`;
}

/** `plus(day, 1)`: the next calendar day. */
export function plus(day: string, days: number): string {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(Date.UTC(year!, month! - 1, date! + days)).toISOString().slice(0, 10);
}

/** All days of `from`…`to`, both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = plus(day, 1)) days.push(day);
  return days;
}

/**
 * Instants (epoch ms) at which the calendar day or the offset of a zone changes, between two instants: found by looking
 * at every quarter of an hour, which is where all zones of today change.
 */
export function edges(zone: string, fromMs: number, toMs: number): number[] {
  const step = 900_000;
  const full = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset", day: "2-digit" });
  const found: number[] = [];
  let before: string | undefined;
  for (let ms = Math.ceil(fromMs / step) * step; ms <= toMs; ms += step) {
    const now = full.format(ms);
    if (before !== undefined && now !== before) found.push(ms);
    before = now;
  }
  return found;
}
