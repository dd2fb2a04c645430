import * as fc from "fast-check";
import { expect, test } from "vitest";
import { firstOf } from "../../src/lib/top.ts";

test("the first ones are those of the sorted whole", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 60 }), fc.nat(20), (values, limit) => {
      const compare = (a: number, b: number): number => (values[b] as number) - (values[a] as number) || a - b;
      const sorted = values.map((_, i) => i).sort(compare);
      expect(firstOf(values.length, limit, compare)).toEqual(sorted.slice(0, limit));
    }),
  );
});
