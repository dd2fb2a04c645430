import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCalendar, dateOf } from "../../src/lib/calendar.ts";

const HOUR = 3_600_000;

function hoursOf(zone: string, date: string): number {
  const calendar = createCalendar(zone);
  const day = Date.parse(date) / 86_400_000;
  return (calendar.startOf(day + 1) - calendar.startOf(day)) / HOUR;
}

function dateIn(zone: string, ms: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(ms);
}

describe("hours of the day", () => {
  it("are those of the clock, on days of 23, 24 and 25 hours", () => {
    for (const zone of ["America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Beirut"]) {
      const { hourOf } = createCalendar(zone);
      const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, hour: "2-digit" });
      for (let ms = Date.parse("2024-03-09T00:00Z"); ms < Date.parse("2024-04-08T00:00Z"); ms += HOUR / 4) {
        if (hourOf(ms) !== Number(clock.format(ms)))
          expect([zone, ms, hourOf(ms)]).toEqual([zone, ms, clock.format(ms)]);
      }
    }
    expect(createCalendar("UTC").hourOf(Date.parse("2024-03-09T23:59:59.999Z"))).toBe(23);
  });
});

describe("calendar days", () => {
  it("have 23, 24 or 25 hours where the clocks change", () => {
    expect(hoursOf("America/New_York", "2024-03-10")).toBe(23);
    expect(hoursOf("America/New_York", "2024-03-11")).toBe(24);
    expect(hoursOf("America/New_York", "2024-11-03")).toBe(25);
    expect(hoursOf("Australia/Lord_Howe", "2024-04-07")).toBe(24.5);
  });

  it("begin at the zone's midnight, at +05:45 too", () => {
    expect(new Date(createCalendar("Asia/Kathmandu").startOf(20_000)).toISOString()).toBe("2024-10-03T18:15:00.000Z");
  });

  it("begin when the zone says where midnight is skipped", () => {
    const calendar = createCalendar("Asia/Beirut"); // 2024-03-31 began at 01:00
    const day = Date.parse("2024-03-31") / 86_400_000;
    expect(new Date(calendar.startOf(day)).toISOString()).toBe("2024-03-30T22:00:00.000Z");
    expect(dateOf(calendar.dayOf(calendar.startOf(day) - 1))).toBe("2024-03-30");
  });

  it("skip the date that the zone skipped", () => {
    const calendar = createCalendar("Pacific/Apia"); // there was no 2011-12-30
    const before = Date.parse("2011-12-30T09:59:59.999Z");
    expect(dateOf(calendar.dayOf(before))).toBe("2011-12-29");
    expect(dateOf(calendar.dayOf(before + 1))).toBe("2011-12-31");
  });

  it("are those of Intl for any instant and zone, in any order of asking", () => {
    const zones = ["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Kiritimati", "UTC"];
    const calendars = new Map(zones.map((zone) => [zone, createCalendar(zone)]));
    const instant = fc.integer({ min: Date.parse("2010-01-01"), max: Date.parse("2040-01-01") });
    fc.assert(
      fc.property(fc.constantFrom(...zones), instant, (zone, ms) => {
        const calendar = calendars.get(zone)!;
        const day = calendar.dayOf(ms);
        expect(dateOf(day)).toBe(dateIn(zone, ms));
        expect(calendar.startOf(day)).toBeLessThanOrEqual(ms);
        expect(calendar.startOf(day + 1)).toBeGreaterThan(ms);
      }),
      { numRuns: 500 },
    );
  });

  it("refuse a zone that is none", () => {
    expect(() => createCalendar("Mars/Olympus")).toThrow(RangeError);
  });
});
