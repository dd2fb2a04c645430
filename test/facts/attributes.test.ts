import { describe, expect, it } from "vitest";
import { ATTRIBUTES } from "../../src/contract/attributes.ts";
import type { Field } from "../../src/contract/attributes.ts";
import { fieldsOf } from "../../src/facts/fields.ts";

const rows = Object.entries(ATTRIBUTES) as [Field, readonly [string, ...string[]]][];

describe("the table of attribute names", () => {
  it("has every name once", () => {
    const names = rows.flatMap(([, row]) => row);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  // contract §2: "Names follow the OpenTelemetry semantic conventions, GenAI and MCP included; `bot.*` is used only where
  // they have no word."
  it("writes names of the conventions, and bot.* for the rest", () => {
    const known = /^(?:gen_ai|mcp|user|error|exception|event|service|telemetry|bot)\./;
    // What only another dialect has, botel does not write.
    const others = new Set<Field>([
      "usageDetails",
      "firstChunkMs",
      "firstChunkAt",
      "entity",
      "observationLevel",
      "statusText",
    ]);
    expect(rows.filter(([field, [name]]) => !others.has(field) && !known.test(name))).toEqual([]);
  });

  it("reads each name of a row, the earlier before the later, in whatever order they come", () => {
    for (const [field, names] of rows) {
      for (const [index, name] of names.entries()) {
        const later = names.slice(index).map((other) => [other, other === name ? "right" : "wrong"]);
        expect(fieldsOf(Object.fromEntries(later))[field]).toBe("right");
        expect(fieldsOf(Object.fromEntries(later.toReversed()))[field], name).toBe("right");
      }
    }
  });
});
