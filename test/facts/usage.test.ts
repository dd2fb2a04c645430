import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RequestFact } from "../../src/contract/fact.ts";
import type { Attributes } from "../../src/contract/span.ts";
import { mapping, span } from "./shapes.ts";

function usage(attributes: Attributes, error = false): RequestFact {
  const all = { "gen_ai.operation.name": "chat", ...attributes };
  return mapping.span(span(all, { error })) as RequestFact;
}

const INPUT = "gen_ai.usage.input_tokens";
const OUTPUT = "gen_ai.usage.output_tokens";
const CACHE_READ = "gen_ai.usage.cache_read.input_tokens";
const CACHE_CREATION = "gen_ai.usage.cache_creation.input_tokens";

describe("tokens of a request", () => {
  // contract §2: "Tokens = input + output, the provider's total. Cached and reasoning tokens are parts of those and never
  // added again."
  it("are what the provider counts: parts are not added", () => {
    const attributes = { [INPUT]: 100, [OUTPUT]: 20, [CACHE_READ]: 60, [CACHE_CREATION]: 40 };
    expect(usage({ ...attributes, "gen_ai.usage.reasoning.output_tokens": 15 })).toMatchObject({
      inputTokens: 100,
      outputTokens: 20,
      cachedTokens: 60,
      cacheCreationTokens: 40,
      reasoningTokens: 15,
    });
  });

  // contract §2: "so has any other where cache read + cache creation > input."
  it("have the cache's tokens added where they cannot be a part of the input", () => {
    expect(usage({ [INPUT]: 100, [CACHE_READ]: 60, [CACHE_CREATION]: 41 }).inputTokens).toBe(201);
    expect(usage({ [CACHE_READ]: 5 })).toMatchObject({ inputTokens: 5, usageMissing: false });
  });

  it("A failed request's tokens count.", () => {
    expect(usage({ [INPUT]: 7, [OUTPUT]: 3 }, true)).toMatchObject({ failed: true, inputTokens: 7, outputTokens: 3 });
  });

  it("Absent usage is 0 tokens and marked as missing.", () => {
    expect(usage({})).toMatchObject({ inputTokens: 0, outputTokens: 0, usageMissing: true });
    expect(usage({ [OUTPUT]: 0 })).toMatchObject({ outputTokens: 0, usageMissing: false });
  });

  it.for([
    ["gen_ai.usage.prompt_tokens", "inputTokens"],
    ["gen_ai.usage.completion_tokens", "outputTokens"],
    ["gen_ai.usage.cache_read_input_tokens", "cachedTokens"],
    ["gen_ai.usage.cache_creation_input_tokens", "cacheCreationTokens"],
    ["gen_ai.usage.cache_write.input_tokens", "cacheCreationTokens"],
    ["gen_ai.usage.reasoning_tokens", "reasoningTokens"],
  ] as const)("are read from %s too", ([name, field]) => {
    expect(usage({ [name]: 9 })[field]).toBe(9);
  });

  it("are read from what an int64 may be: a number, a bigint, digits", () => {
    for (const value of [12, 12n, "12", 12.9]) expect(usage({ [INPUT]: value }).inputTokens).toBe(12);
  });

  it("are whole numbers from 0 on, whatever is sent", () => {
    const anything = fc.oneof(fc.anything(), fc.double(), fc.bigInt(), fc.integer());
    fc.assert(
      fc.property(anything, anything, anything, (input, output, cache) => {
        const fact = usage({ [INPUT]: input, [OUTPUT]: output, [CACHE_READ]: cache } as Attributes);
        for (const count of [fact.inputTokens, fact.outputTokens, fact.cachedTokens]) {
          expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
        }
        expect(fact.inputTokens).toBeGreaterThanOrEqual(fact.cachedTokens);
      }),
    );
  });
});
