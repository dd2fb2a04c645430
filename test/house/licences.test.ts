import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { committed, installed } from "./packages.ts";

const ROOT = join(import.meta.dirname, "../..");

/** They ask for no more than their notice. */
const PERMISSIVE = new Set([
  "MIT",
  "ISC",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "BlueOak-1.0.0",
  "Unlicense",
]);
/** Of tools that are never handed on: Lightning CSS (in Vite) and axe-core, both as they are. */
const TOOLS_ONLY = new Set(["MPL-2.0"]);

/** Whether all licences of an SPDX expression are allowed; of several to choose from, one is enough. */
function allows(expression: string, allowed: ReadonlySet<string>): boolean {
  const bare = expression.replaceAll(/[()]/g, "");
  return bare.split(" OR ").some((choice) => choice.split(" AND ").every((one) => allowed.has(one.trim())));
}

describe("issue 8: licences of all dependencies checked by a test", () => {
  test.each(committed("package-lock.json"))("of %s", (path) => {
    const isShipped = path === "package-lock.json";
    const wrong = installed(path).filter(([, { license = "none", dev }]) => {
      const isTool = dev === true || !isShipped;
      return !allows(license, isTool ? PERMISSIVE.union(TOOLS_ONLY) : PERMISSIVE);
    });
    expect(wrong.map(([place, { license }]) => `${place}: ${license}`)).toEqual([]);
  });

  test("the lock file says what the installed packages say", () => {
    const told = installed("package-lock.json").flatMap(([place, { license }]) => {
      const file = join(ROOT, place, "package.json");
      if (!existsSync(file)) return []; // for another platform
      const found = (JSON.parse(readFileSync(file, "utf8")) as { license?: string }).license;
      return [[place, found, license] as const];
    });
    expect(told.length).toBeGreaterThan(100);
    expect(told.filter(([, found, license]) => found !== license)).toEqual([]);
  });

  test("an expression is read: each of AND, one of OR", () => {
    expect(allows("(MIT OR GPL-3.0-only)", PERMISSIVE)).toBe(true);
    expect(allows("Apache-2.0 AND MIT", PERMISSIVE)).toBe(true);
    expect(allows("Apache-2.0 AND MPL-2.0", PERMISSIVE)).toBe(false);
    expect(allows("SEE LICENSE IN LICENSE.txt", PERMISSIVE)).toBe(false);
    expect(allows("none", PERMISSIVE)).toBe(false);
  });
});
