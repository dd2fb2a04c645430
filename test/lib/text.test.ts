import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutText } from "../../src/lib/text.ts";

describe("cutText", () => {
  it("gives back a short text as it is", () => {
    expect(cutText("猫 cat 😀", 100)).toBe("猫 cat 😀");
  });

  it("keeps no half of a pair at its cut", () => {
    expect(cutText("ab😀", 3)).toBe("ab");
    expect(cutText("ab😀", 4)).toBe("ab😀");
  });

  it("gives bounded text that survives UTF-8, whatever it is given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, max) => {
        const cut = cutText(text, max);
        expect(cut.length).toBeLessThanOrEqual(max);
        expect(Buffer.from(cut, "utf8").toString("utf8")).toBe(cut);
      }),
    );
  });
});
