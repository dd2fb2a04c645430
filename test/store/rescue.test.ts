import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/sqlite/open.ts";
import { finishRescue, rescue } from "../../src/store/sqlite/salvage/rescue.ts";
import type { StoreOptions } from "../../src/store/sqlite/store.ts";
import { factNumber, folder, merge, overwrite, PAGE, rowsOf, SEALED, whole } from "./spoilt.ts";
import { batch, DAY_MS, day, NOW, request, trace } from "./world.ts";

describe("the store of a damaged file", () => {
  const opened: (() => void)[] = [];
  afterEach(() => {
    for (const close of opened.splice(0)) close();
  });

  function open(file: string, more: Partial<StoreOptions> = {}) {
    const lines: string[] = [];
    const store = openStore(
      {
        file,
        zone: "UTC",
        ...SEALED,
        maxBytes: 0,
        createDayFolder: () => ({ add: () => {}, encode: () => [] }),
        folds: "seen:1",
        nowMs: NOW,
        clock: () => 0,
        ...more,
      },
      (line) => lines.push(line),
    );
    opened.push(() => store.close());
    return { store, lines };
  }

  function copy(): string {
    const file = join(mkdtempSync(join(folder, "case-")), "facts.db");
    for (const side of ["", "-wal"]) copyFileSync(whole + side, file + side);
    return file;
  }

  test("opens with what is left, says so in one line, knows its sealed days, and takes what comes", () => {
    const file = copy();
    merge(file);
    overwrite(file, 0, 2 * PAGE);
    const { store, lines } = open(file);
    expect(lines).toEqual([expect.stringMatching(/was damaged: it was moved to .*facts\.db\.damaged, .* facts, /)]);
    const count = rowsOf(file, "facts").length;
    const again = store.append([batch(factNumber(1300), request({ span: 9000, trace: trace(9000) }))], NOW);
    expect(again.changes.length).toBe(1);
    expect(rowsOf(file, "facts").length).toBe(count + 1);
    expect(store.openDays()).toHaveLength(36);
    const late = store.append([batch(request({ span: 9001, trace: trace(1), timeMs: NOW - 36 * DAY_MS }))], NOW);
    expect(late.reasons.length).toBe(1);
  });

  test("is found out at work: `damaged` is called, and the next start has what is left", () => {
    const file = copy();
    merge(file);
    let found = 0;
    const { store } = open(file, { damaged: () => (found += 1) });
    // All but the page that names the tables, so that it opens.
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes.subarray(0, PAGE), randomBytes(bytes.length - PAGE)]));
    expect(() => {
      const steps = store.foldDay(day(3));
      while (!steps.next().done);
    }).toThrow(/is damaged/);
    expect(found).toBe(1);
  });

  test("a rescue that was broken off is made good", () => {
    const file = copy();
    writeFileSync(`${file}.salvaging`, "half of it");
    finishRescue(file);
    expect(existsSync(`${file}.salvaging`)).toBe(false);
    renameSync(file, `${file}.salvaged`);
    rmSync(`${file}-wal`);
    const { lines } = open(file);
    expect(lines).toEqual([]);
    expect(rowsOf(file, "facts").length).toBeGreaterThan(1000);
  });

  test("one that was moved aside before keeps its name", () => {
    const file = copy();
    for (const name of [`${file}.damaged`, `${file}.damaged-2`]) {
      overwrite(file, 0, 100);
      rmSync(`${file}-wal`, { force: true });
      expect(rescue(file, { keptDays: 90 })).toContain(`moved to ${name},`);
    }
  });
});
