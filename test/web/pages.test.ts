import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeNewest, type Page } from "../../src/web/views/logs/pages.ts";

const PAGE = 5;

/** What a server with these lines (newest first) answers, from a place on. */
function page(lines: readonly string[], from = 0): Page<string> {
  const end = from + PAGE;
  return { rows: lines.slice(from, end), next: end < lines.length ? `after ${lines.length - end}` : null, top: 0 };
}

describe("the newest page and what is held", () => {
  test("are together what the server has, as far down as was read or more", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(12), fc.nat(3), (older, newer, read) => {
        const now = Array.from({ length: older + newer }, (_, n) => `line ${n}`);
        const old = now.slice(newer);
        const depth = Math.min(old.length, PAGE * (read + 1));
        const held: Page<string> = {
          rows: old.slice(0, depth),
          next: depth < old.length ? `after ${old.length - depth}` : null,
          top: 0,
        };
        const merged = mergeNewest(held, page(now));
        expect(merged.rows).toEqual(now.slice(0, merged.rows.length));
        expect(merged.rows.length).toBeGreaterThanOrEqual(Math.min(PAGE, now.length));
        const rest = now.length - merged.rows.length;
        expect(merged.next).toBe(rest > 0 ? `after ${rest}` : null);
        // What was read further down stays, as long as the newest page reaches to it.
        if (newer <= PAGE / 2 && older >= PAGE) expect(merged.rows.length).toBe(newer + depth);
      }),
    );
  });

  test("a few lines that are equal by chance are not taken for the same", () => {
    const held: Page<string> = { rows: ["x", "2", "1"], next: null, top: 0 };
    const newest = ["9", "8", "7", "6", "x"];
    expect(mergeNewest(held, { rows: newest, next: "p", top: 0 }).rows).toEqual(newest);
  });

  test("lines keep their numbers when others come in front", () => {
    const held: Page<string> = { rows: ["3", "2", "1"], next: null, top: 0 };
    const merged = mergeNewest(held, { rows: ["5", "4", "3", "2", "1"], next: null, top: 0 });
    expect(merged.rows.map((text, place) => [text, merged.top + place])).toEqual([
      ["5", -2],
      ["4", -1],
      ["3", 0],
      ["2", 1],
      ["1", 2],
    ]);
  });

  test("a page that has nothing in common replaces what is held, under numbers of its own", () => {
    const held: Page<string> = { rows: ["2", "1"], next: null, top: 0 };
    const merged = mergeNewest(held, { rows: ["9", "8"], next: "p", top: 0 });
    expect(merged.rows).toEqual(["9", "8"]);
    expect(merged.next).toBe("p");
    expect(merged.top + merged.rows.length).toBeLessThan(held.top);
  });

  test("nothing new changes nothing", () => {
    const held: Page<string> = { rows: ["2", "1"], next: "p", top: 0 };
    expect(mergeNewest(held, { ...held })).toBe(held);
    const none: Page<string> = { rows: [], next: null, top: 0 };
    expect(mergeNewest(none, { ...none })).toBe(none);
  });
});
