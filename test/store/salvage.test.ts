import { readFileSync, truncateSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCutToNothing } from "../../src/store/sqlite/salvage/rescue.ts";
import { expectAll, expectSame, kept, merge, overwrite, PAGE, rescued, TABLES, whole } from "./spoilt.ts";

describe("what can be read of a damaged database is salvaged", () => {
  test("all, where nothing is damaged: texts longer than a page, what is in the log, the folds of sealed days", () => {
    const left = rescued(() => {});
    expectAll(left);
    expect(left.rows["day_folds"]!.length).toBe(4);
    expect(left.line).toContain(" 4 sealed days; 0 rows and 0 pages cannot be read");
  });

  test.for([
    ["the header", 0, 100],
    ["the page that names the tables", 0, PAGE],
    ["the header's end", 16, 100],
  ] as const)("all, where only %s is overwritten", ([, from, to]) => {
    expectAll(rescued((file) => overwrite(file, from, to)));
  });

  test("whichever page is overwritten, only its own rows are lost", { timeout: 120_000 }, () => {
    const pages = readFileSync(whole).length / PAGE;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: pages - 1 }), (page) => {
        // The log has newer versions of some pages: it goes into the file before.
        const { rows } = rescued((file) => {
          merge(file);
          overwrite(file, page * PAGE, (page + 1) * PAGE);
        });
        const lost: string[] = [];
        for (const table of TABLES) {
          const all = new Set(kept(table));
          for (const row of rows[table]!) expect(all.delete(row) || table === "meta", `${table}: ${row}`).toBe(true);
          if (all.size > 0) lost.push(...[...all].map(() => table));
        }
        // A page of pointers says of which table hundreds of others are: of them only facts and texts are known.
        const few = page === 1 ? ["facts", "bodies"] : TABLES;
        expect(lost.filter((table) => few.includes(table)).length).toBeLessThan(150);
      }),
      { numRuns: 30 },
    );
  });

  test("whatever bytes are spoilt, it ends, and gives only rows that are sound", { timeout: 120_000 }, () => {
    const size = readFileSync(whole).length;
    const spot = fc.record({ at: fc.integer({ min: 0, max: size - 64 }), length: fc.integer({ min: 1, max: 64 }) });
    fc.assert(
      fc.property(fc.array(spot, { minLength: 1, maxLength: 40 }), (spots) => {
        const { rows } = rescued((file) => {
          for (const { at, length } of spots) overwrite(file, at, at + length);
        });
        expect(rows["facts"]!.length).toBeGreaterThan(300);
      }),
      { numRuns: 15 },
    );
  });

  test("of a file that is cut short what is left of it, and what the log has", () => {
    const { rows } = rescued((file) => truncateSync(file, 40 * PAGE));
    const left = new Set(rows["facts"]);
    expect(left.size).toBeGreaterThan(300);
    expect(kept("facts").filter((row) => left.has(row)).length).toBe(left.size);
  });

  test("of a file that is cut to nothing what its log has", () => {
    const { rows } = rescued((file) => {
      truncateSync(file, 0);
      expect(isCutToNothing(file)).toBe(true);
    });
    const newest = kept("facts").filter((row) => Number(row.split("|")[0]) > 1200);
    expectSame(
      rows["facts"]!.filter((row) => Number(row.split("|")[0]) > 1200),
      newest,
      "facts",
    );
  });

  test("of a log that is cut short its whole commits", () => {
    const { rows } = rescued((file) => truncateSync(`${file}-wal`, 20 * PAGE));
    expectSame(
      rows["facts"],
      kept("facts").filter((row) => Number(row.split("|")[0]) <= 1200),
      "facts",
    );
  });

  test("a fact that is dated years away from the others is none", () => {
    const { rows } = rescued((file) => {
      const db = new DatabaseSync(file);
      db.exec("UPDATE facts SET time = time / 2 WHERE row = 300; UPDATE facts SET time = time * 2 WHERE row = 301");
      db.close();
    });
    expectSame(
      rows["facts"],
      kept("facts").filter((row) => !/^30[01]\|/.test(row)),
      "facts",
    );
  });

  test("what was removed does not come back", () => {
    const { rows } = rescued((file) => {
      const db = new DatabaseSync(file);
      db.exec("DELETE FROM facts WHERE row > 400; DELETE FROM bodies WHERE row > 400");
      db.close();
      overwrite(file, 0, 100);
    });
    for (const table of ["facts", "bodies"])
      expectSame(
        rows[table],
        kept(table).filter((row) => Number(row.split("|")[0]) <= 400),
        table,
      );
  });
});
