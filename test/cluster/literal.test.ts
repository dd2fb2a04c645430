import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { integer, list, name, text } from "../../src/store/clickhouse/literal.ts";
import { startCluster, type Cluster } from "./clickhouse.ts";

let cluster: Cluster;
beforeAll(async () => (cluster = await startCluster(1)), 60_000);
afterAll(() => cluster.stop());

/** What the server reads out of a literal. */
async function read(literals: string[]): Promise<string[]> {
  const answer = await cluster.servers[0]!.run(`SELECT ${literals.join(", ")} FORMAT JSONCompact`);
  return (JSON.parse(answer) as { data: string[][] }).data[0]!;
}

const HOSTILE = [
  "'",
  "\\",
  "\\'",
  "''",
  "\\\\'",
  "' OR 1 = 1 --",
  "'; DROP TABLE facts; --",
  "') FORMAT Null /*",
  "\\x27",
  "\\0\0\u0001\u001f\u007f",
  "\b\f\n\r\t\v",
  "\u0085\u2028\u2029\u200b\ufeff",
  "%' LIKE '_%",
  '{name:String} ${x} `backtick` "double"',
  "名字 👩‍👩‍👧 é e\u0301",
  "",
];

describe("a text in a statement is the same text for the server", () => {
  test("hostile ones", async () => {
    expect(await read(HOSTILE.map(text))).toEqual(HOSTILE);
  });

  test("any text", async () => {
    const texts = fc.string({
      unit: fc.oneof(fc.constantFrom(...Array.from("\\'`\"\n\0-;/*x0")), fc.string({ unit: "binary" })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 30 }), async (values) => {
        expect(await read(values.map(text))).toEqual(values);
      }),
      { numRuns: 50 },
    );
  });

  test("in IN as well, where an empty list equals nothing", async () => {
    const found = await read(HOSTILE.map((value) => `${text(value)} IN ${list(HOSTILE.map(text))}`));
    expect(found.every((value) => Number(value) === 1)).toBe(true);
    expect(Number((await read([`'' IN ${list([])}`]))[0])).toBe(0);
  });
});

test("a number is a whole one or none", async () => {
  expect(
    await read([integer(-1), integer(Number.MAX_SAFE_INTEGER), integer(2n ** 63n - 1n)].map((n) => `toString(${n})`)),
  ).toEqual(["-1", "9007199254740991", "9223372036854775807"]);
  for (const wrong of [1.5, Number.NaN, Infinity, 2 ** 53, "1; DROP" as unknown as number])
    expect(() => integer(wrong)).toThrow(RangeError);
});

test("a name is a plain one or none", () => {
  expect(name("botel_2")).toBe("`botel_2`");
  for (const wrong of ["", "a b", "a`b", "a.b", "1a", "名", "a\n", "x".repeat(65)])
    expect(() => name(wrong)).toThrow(RangeError);
});
