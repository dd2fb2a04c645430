import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEW, type Fact, type StoredFact } from "../../src/contract/fact.ts";
import { readArrivals, recentFact, recentLink, recentState, type Recent } from "../../src/store/clickhouse/recent.ts";
import { FACT_NAMES, factFields, factRow, type FactRow } from "../../src/store/clickhouse/rows.ts";
import type { Shard } from "../../src/store/clickhouse/servers.ts";
import { field, readInner, readLine, writeInner } from "../../src/store/clickhouse/tsv.ts";
import { anyFacts } from "../store/any-facts.ts";

const text = fc.string({ unit: "binary" });

describe("what stands in a line", () => {
  test("any texts are read as they were written, also where the line is a value itself", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (texts) => {
        const line = texts.map(field).join("\t");
        expect(line).not.toMatch(/\n/);
        expect(readLine(line)).toEqual(texts);
        const inner = writeInner(line);
        expect(inner).not.toMatch(/[\t\n]/);
        const [value = ""] = readLine(inner);
        expect(readInner(value)).toEqual(texts);
      }),
    );
  });

  test("what is NULL is no text, and the text \\N is one", () => {
    expect(readLine(`\\N\t${field("\\N")}`)).toEqual([undefined, "\\N"]);
  });
});

function rowOf(fact: Fact, row: number): FactRow {
  const stored: StoredFact = { ...fact, row: 0, counted: row % 3 !== 0, errorItem: row % 2 === 0 };
  return { fact: stored, joined: row % 4, version: 1, writer: 7, seq: row + 1, before: NEW, place: row * 1024 + 7 };
}

/** As it is kept: without contents, without names, and what is empty is absent. */
function kept({ fact, ...row }: FactRow, more: readonly string[] = []): object {
  const texts = ["userName", "groupName", "message", "errorMessage", "stack", "args", "result", "meta"];
  const left = new Set(texts.filter((name) => !more.includes(name)));
  const fields = Object.entries(fact).filter(([name, value]) => !left.has(name) && value !== undefined && value !== "");
  return { ...row, fact: Object.fromEntries(fields) };
}

test("any fact is read from its row as it was written", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      for (const [n, fact] of facts.entries()) {
        const row = rowOf(fact, n);
        const values = readLine(factFields(row));
        expect(values).toHaveLength(FACT_NAMES.length);
        expect(kept(factRow(values))).toEqual(kept(row));
      }
    }),
  );
});

/** A shard that answers with these lines. */
function shardOf(lines: string): Shard {
  const all = () => Promise.resolve(lines.split("\n").slice(0, -1).map(readLine).toReversed());
  return { all } as unknown as Shard;
}

function readBack(lines: string): Promise<Recent[]> {
  return readArrivals(shardOf(lines), "botel", 0, 1000);
}

test("any fact is heard by the others as it was written, an error item with its texts", async () => {
  await fc.assert(
    fc.asyncProperty(anyFacts, async (facts) => {
      const rows = facts.map(rowOf);
      const heard = await readBack(rows.map((row) => recentFact(row, factFields(row), 1_700_000_000_000)).join(""));
      for (const [n, row] of rows.entries()) {
        const { fact } = row;
        const texts = fact.errorItem && fact.kind !== "message" ? ["message", "errorMessage", "stack"] : [];
        const names = ["userName", "groupName", ...texts];
        expect(heard[n]).toMatchObject({ writer: 7, seq: n + 1 });
        expect(kept((heard[n] as { what: FactRow }).what, names)).toEqual(kept(row, names));
      }
    }),
  );
});

test("spans that are no facts and states are heard between the facts", async () => {
  const link = { traceId: "a".repeat(32), spanId: "b".repeat(16), parentId: "c".repeat(16), agent: true };
  const state = { event: "bot.state", timeMs: 5, botId: "\t'\u001f\\", connected: true } as const;
  const lines = recentLink(link, { writer: 1, seq: 1 }, 0) + recentState(state, { writer: 1, seq: 2 }, 0);
  expect(await readBack(lines)).toEqual([
    { writer: 1, seq: 1, link },
    { writer: 1, seq: 2, state },
  ]);
});
