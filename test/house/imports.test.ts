// What comes into a bot's process with `import … from "botel"`: its own thread's part, and none of the rest.
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../../src");
/** Imports and re-exports of values; `import()` is another matter. */
const STATIC = /^(?:import|export)\s(?!type\s)(?:[^"';]*?\sfrom\s)?"([^"]+)"/gm;

/** @returns what is loaded with the file: own files by their path below `src/`, packages by their name */
function loadedWith(entry: string): Set<string> {
  const loaded = new Set<string>();
  const due = [join(SRC, entry)];
  for (let file = due.pop(); file !== undefined; file = due.pop()) {
    const name = relative(SRC, file).replaceAll("\\", "/");
    if (loaded.has(name)) continue;
    loaded.add(name);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(STATIC)) {
      if (specifier!.startsWith(".")) due.push(join(dirname(file), specifier!));
      else loaded.add(specifier!);
    }
  }
  return loaded;
}

describe.for(["index.ts", "register.ts", "ai.ts"])("with %s", (entry) => {
  test("nothing of the reference bot, the demo, the store, the API or the page is loaded", () => {
    const loaded = [...loadedWith(entry)];
    expect(loaded.length).toBeGreaterThan(5);
    const others = /^(?:api|bot|demo|ingest|live|prometheus|rollups|store|system|verify|web|commands)\//;
    expect(loaded.filter((name) => others.test(name))).toEqual([]);
  });

  test("no package is loaded that only those need", () => {
    const packages = [...loadedWith(entry)].filter((name) => !/\.ts$|^node:/.test(name));
    const known = /^(?:@opentelemetry\/|import-in-the-middle\/|zod$|yaml$|temporal-polyfill)/;
    expect(packages.filter((name) => !known.test(name))).toEqual([]);
  });
});
