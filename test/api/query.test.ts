import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BotelError } from "../../src/contract/errors.ts";
import { readPageStart, writePlace } from "../../src/contract/wire/page.ts";
import {
  eventParameters,
  logParameters,
  rankingParameters,
  statsParameters,
  toolLogParameters,
} from "../../src/contract/wire/query.ts";
import { readQuery } from "../../src/api/query.ts";

describe("contract §3: Unknown query parameters are ignored; a known one with a bad, empty or repeated value is 400, naming it and what it accepts. `limit`: 1…1000.", () => {
  test("unknown ones are ignored, whatever they hold", () => {
    const text = "x=1&x=2&__proto__=a&constructor=b&constructor=c&toString&%=1&period%ZZ=1&=&&;a=%E0%A4%A&limit[]=0";
    expect(readQuery(text, statsParameters)).toEqual({ period: "all", groupId: undefined });
  });

  test("absent ones have their default", () => {
    expect(readQuery("", rankingParameters)).toEqual({
      period: "all",
      groupId: undefined,
      limit: 20,
      sort: "messages",
    });
    expect(readQuery("", toolLogParameters).limit).toBe(100);
    expect(readQuery("", logParameters).limit).toBe(100);
  });

  const bad = [
    ["period", "year"],
    ["period", "Day"],
    ["period", ""],
    ["groupId", ""],
    ["groupId", "a%00b"],
    ["groupId", "x".repeat(1025)],
    ["groupId", "%E0%A4%A"],
    ["limit", "0"],
    ["limit", "1001"],
    ["limit", "-1"],
    ["limit", "1.5"],
    ["limit", "1e2"],
    ["limit", "0x10"],
    ["limit", "+5"],
    ["limit", "%205"],
    ["limit", "ten"],
    ["limit", ""],
    ["sort", "name"],
  ] as const;
  test.each(bad)("%s=%s is refused by name", (name, value) => {
    const refusal = refusalOf(`${name}=${value}`, rankingParameters);
    expect(refusal.code).toBe("INVALID_PARAMETER");
    expect(refusal.message).toContain(`\`${name}\` accepts ${rankingParameters[name].accepts}`);
    expect(refusal.message.length).toBeLessThan(300);
  });

  test("a repeated one is refused, also under an encoded name and with equal values", () => {
    expect(refusalOf("period=day&period=day", statsParameters).message).toContain("more than once");
    expect(refusalOf("period=day&%70eriod=week", statsParameters).message).toContain("more than once");
    const far = `period=day&${"a=1&".repeat(2000)}period=day`;
    expect(refusalOf(far, statsParameters).message).toContain("more than once");
  });

  test("a known one without a value is empty", () => {
    expect(refusalOf("period", statsParameters).message).toContain("it was empty");
  });

  test("limits and encodings are read", () => {
    expect(readQuery("limit=1&groupId=%E7%BE%A4+1", rankingParameters)).toMatchObject({ limit: 1, groupId: "群 1" });
    expect(readQuery("limit=1000", rankingParameters).limit).toBe(1000);
  });

  test("any text is read or refused, and nothing else happens", () => {
    const names = fc.constantFrom("period", "groupId", "limit", "sort", "x", "__proto__", "%", "");
    const pair = fc.tuple(names, fc.string({ unit: "binary" })).map(([name, value]) => `${name}=${value}`);
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        try {
          const query = readQuery(pairs.join("&"), rankingParameters);
          expect(query.limit).toBeGreaterThanOrEqual(1);
        } catch (error) {
          expect(error).toBeInstanceOf(BotelError);
        }
      }),
    );
  });
});

describe("contract §4: `before` exclusive: an ISO 8601 time, epoch ms, or the `nextBefore` of the last answer", () => {
  const noon = Date.UTC(2024, 11, 15, 12);
  test.each([
    ["2024-12-15T12:00:00Z", noon, 0],
    ["2024-12-15T12:00:00.5Z", noon + 500, 0],
    ["2024-12-15T12:00:00.123456789Z", noon + 123, 456_789],
    ["2024-12-15T20:00:00%2B08:00", noon, 0],
    ["2024-12-15T20:00:00+08:00", noon, 0],
    ["2024-12-15T06:15:00-0545", noon, 0],
    ["2024-12-15T12:00Z", noon, 0],
    ["2024-12-15T12:00:00", noon, 0],
    ["2024-12-15", noon - 12 * 3_600_000, 0],
    ["2024-02-29", Date.UTC(2024, 1, 29), 0],
    [String(noon), noon, 0],
    ["0", 0, 0],
  ])("%s", (text, timeMs, timeNs) => {
    expect(readQuery(`before=${text}`, logParameters).before).toEqual({ timeMs, timeNs });
  });

  test.each(["yesterday", "2024-02-30", "2024-13-01", "2024-12-15T24:00:00Z", "2024-12-15T12:60:00Z", "12:00", "1.5"])(
    "%s is no time",
    (text) => {
      expect(refusalOf(`before=${text}`, logParameters).message).toContain("`before` accepts an ISO 8601 time");
    },
  );

  test("a time that no store can hold is before or after everything", () => {
    for (const text of ["9999-12-31T23:59:59Z", "9999999999999999"]) {
      const start = readPageStart(text);
      expect(BigInt(start?.timeMs ?? 0) * 1_000_000n).toBeLessThan(2n ** 63n);
      expect(start?.timeMs).toBeGreaterThan(Date.UTC(2200, 0));
    }
  });

  test("what a page gives as nextBefore is read back, and is neither a time nor epoch ms", () => {
    const place = fc.record({
      timeMs: fc.integer({ min: 0, max: 9_000_000_000_000 }),
      timeNs: fc.integer({ min: 0, max: 999_999 }),
      row: fc.integer({ min: 1, max: 1e12 }),
    });
    fc.assert(
      fc.property(place, (place) => {
        const text = writePlace(place);
        expect(readPageStart(text)).toEqual(place);
        expect(text).toMatch(/^[a-z]/);
        expect(encodeURIComponent(text)).toBe(text);
      }),
    );
  });
});

test("contract §5: `?types=metric,error` narrows the stream", () => {
  expect(readQuery("types=metric,error", eventParameters).types).toEqual(["metric", "error"]);
  expect(readQuery("types=metric%2Cerror", eventParameters).types).toEqual(["metric", "error"]);
  expect(readQuery("", eventParameters).types).toBeUndefined();
  for (const types of ["metrics", "metric,", ",", "metric, error"]) {
    expect(refusalOf(`types=${types}`, eventParameters).message).toContain("status, metric, error, channel");
  }
});

function refusalOf(...asked: Parameters<typeof readQuery>): BotelError {
  try {
    readQuery(...asked);
  } catch (error) {
    if (error instanceof BotelError) return error;
  }
  throw new Error("it was not refused");
}
