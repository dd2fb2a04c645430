/** How numbers and times are written for one viewer. Units: ms, bytes, epoch ms; rates 0…1. */
export interface Format {
  locale: string;
  /** Every digit. */
  count(n: number): string;
  /** Few digits, for what has little room: 1.2M. */
  short(n: number): string;
  /** Of a rate, 0…1. */
  percent(rate: number): string;
  /** A number per second. */
  perSecond(n: number): string;
  duration(ms: number): string;
  bytes(n: number): string;
  /** How long ago, from seconds to days. */
  ago(ms: number): string;
  dateTime(ms: number): string;
  clock(ms: number): string;
  /** Of `YYYY-MM-DD`: a calendar day, wherever the viewer is. */
  day(date: string): string;
  shortDay(date: string): string;
  /** The viewer's time zone. */
  zone: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function createFormat(locale: string): Format {
  const number = (options?: Intl.NumberFormatOptions) => {
    const format = new Intl.NumberFormat(locale, options);
    return (n: number) => format.format(n);
  };
  const time = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, options);
    return (ms: number) => format.format(ms);
  };
  const unit = (name: string, digits = 0, unitDisplay: "short" | "narrow" = "narrow") =>
    number({ style: "unit", unit: name, unitDisplay, maximumFractionDigits: digits });

  const count = number();
  const [few, fewer] = [number({ maximumFractionDigits: 2 }), number({ maximumFractionDigits: 1 })];
  const [milliseconds, seconds, tens] = [unit("millisecond"), unit("second", 2), unit("second", 1)];
  const long = { day: unit("day"), hour: unit("hour"), minute: unit("minute"), second: unit("second") };
  const sizes = (["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const).map((name) =>
    unit(name, 1, "short"),
  );
  const day = time({ dateStyle: "medium", timeZone: "UTC" });
  const shortDay = time({ month: "numeric", day: "numeric", timeZone: "UTC" });

  function duration(ms: number): string {
    if (ms < 1000) return milliseconds(Math.round(ms));
    if (ms < 10_000) return seconds(ms / 1000);
    if (ms < MINUTE) return tens(ms / 1000);
    if (ms < HOUR) return pair(ms, ["minute", MINUTE], ["second", 1000]);
    if (ms < DAY) return pair(ms, ["hour", HOUR], ["minute", MINUTE]);
    return pair(ms, ["day", DAY], ["hour", HOUR]);
  }

  type Part = [unit: keyof typeof long, ms: number];

  function pair(ms: number, [big, bigMs]: Part, [small, smallMs]: Part): string {
    const rest = Math.floor((ms % bigMs) / smallMs);
    const whole = long[big](Math.floor(ms / bigMs));
    return rest === 0 ? whole : `${whole} ${long[small](rest)}`;
  }

  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });

  return {
    locale,
    count,
    short: number({ notation: "compact", maximumSignificantDigits: 3 }),
    percent: number({ style: "percent", maximumFractionDigits: 1 }),
    perSecond: (n) => (n < 10 ? few(n) : n < 100 ? fewer(n) : count(Math.round(n))),
    duration,
    bytes(n) {
      const size = n < 1 ? 0 : Math.min(4, Math.floor(Math.log10(n) / 3));
      return (sizes[size] ?? count)(n / 1000 ** size);
    },
    ago(ms) {
      const past = Math.max(0, ms);
      if (past < MINUTE) return relative.format(-Math.floor(past / 1000), "second");
      if (past < HOUR) return relative.format(-Math.floor(past / MINUTE), "minute");
      if (past < DAY) return relative.format(-Math.floor(past / HOUR), "hour");
      return relative.format(-Math.floor(past / DAY), "day");
    },
    dateTime: time({ dateStyle: "medium", timeStyle: "medium" }),
    clock: time({ timeStyle: "medium" }),
    day: (date) => day(Date.parse(date)),
    shortDay: (date) => shortDay(Date.parse(date)),
    zone: new Intl.DateTimeFormat(locale).resolvedOptions().timeZone,
  };
}

/** UTC as the API writes it, for those who compare with a log. */
export function exactUtc(time: string): string {
  return time.replace("T", " ").replace(/Z$/, " UTC");
}
