import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEW, type Change, type StoredFact } from "../../src/contract/fact.ts";
import { packChanges, packFacts } from "../../src/contract/packed.ts";
import { unpackChanges, unpackFacts } from "../../src/contract/unpacked.ts";
import { anyFacts } from "./any-facts.ts";

const decided = fc.record({ row: fc.nat(), counted: fc.boolean(), errorItem: fc.boolean() });

describe("facts that were packed for another thread", () => {
  test("are the same when they are unpacked there, not yet decided about", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const undecided = facts.map((fact) => ({ ...fact, row: 0, counted: true, errorItem: false }));
        expect(unpackFacts(structuredClone(packFacts(facts)))).toEqual(undecided);
      }),
    );
  });

  test("or stored", () => {
    fc.assert(
      fc.property(anyFacts, fc.array(decided, { minLength: 20, maxLength: 20 }), (facts, decisions) => {
        const changes = facts.map((fact, n): Change => {
          return { fact: { ...fact, ...decisions[n] } as StoredFact, before: n % 2 === 0 ? NEW : n % 4 };
        });
        expect(unpackChanges(structuredClone(packChanges(changes)))).toEqual(changes);
      }),
    );
  });

  test("are of one shape, whatever their senders left out", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const shapes = Map.groupBy(unpackFacts(packFacts(facts)), ({ kind }) => kind);
        for (const same of shapes.values()) {
          expect(new Set(same.map((fact) => Object.keys(fact).join(" "))).size).toBe(1);
        }
      }),
    );
  });
});
