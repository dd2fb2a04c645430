import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeFolder } from "../../src/lib/make-folder.ts";

const home = mkdtempSync(join(tmpdir(), "botel-test-"));
afterAll(() => rmSync(home, { recursive: true }));

test("folders above are made, and one that is there is right", () => {
  const folder = join(home, "a/b/c");
  makeFolder(folder);
  makeFolder(folder);
  expect(existsSync(folder)).toBe(true);
});

test("a file in the way is told", () => {
  const file = join(home, "file");
  writeFileSync(file, "");
  expect(() => makeFolder(file)).toThrow("EEXIST");
  expect(() => makeFolder(join(file, "x"))).toThrow("ENOTDIR");
});

test.runIf(process.platform === "linux")("where nothing can be made that is told, and not tried for ever", () => {
  expect(() => makeFolder("/proc/botel-test/data")).toThrow("ENOENT");
});
