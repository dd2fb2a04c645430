import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareCodePoints } from "../../src/lib/order.ts";

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.string({
    unit: fc.constantFrom("a", "\u{1F600}", "\u{1F601}", "\uFF5E", "\ud83d", "\ude00", "\ue000"),
    maxLength: 4,
  }),
);

/** The order by its definition. */
function byDefinition(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => Array.from(text, (character) => character.codePointAt(0) as number)) as [
    number[],
    number[],
  ];
  const at = x.findIndex((point, i) => point !== y[i]);
  if (at === -1) return x.length - y.length;
  return at < y.length ? (x[at] as number) - (y[at] as number) : 1;
}

test("strings are ordered by code points, lone surrogates too", () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      expect(Math.sign(compareCodePoints(a, b)), JSON.stringify([a, b])).toBe(Math.sign(byDefinition(a, b)));
    }),
    { numRuns: 3000 },
  );
});

test("what lies above U+FFFF comes after U+FF5E, unlike in the order of code units", () => {
  expect(["\u{1F600}", "\uFF5E", "b", "B", "ä"].sort(compareCodePoints)).toEqual([
    "B",
    "b",
    "ä",
    "\uFF5E",
    "\u{1F600}",
  ]);
  expect(["\u{1F600}", "\uFF5E"].sort()).toEqual(["\u{1F600}", "\uFF5E"]);
});
