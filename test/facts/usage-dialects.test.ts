import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RequestFact } from "../../src/contract/fact.ts";
import type { Attributes } from "../../src/contract/span.ts";
import { mapping, span } from "./shapes.ts";

function usage(attributes: Attributes, language?: string): RequestFact {
  const all = { "gen_ai.operation.name": "chat", ...attributes };
  const resource = { "service.name": "a-bot", "telemetry.sdk.language": language };
  return mapping.span(span(all, { resource })) as RequestFact;
}

describe("names", () => {
  it.for([
    ["llm.usage.prompt_tokens", "inputTokens"],
    ["llm.token_count.prompt", "inputTokens"],
    ["ai.usage.inputTokens", "inputTokens"],
    ["ai.usage.promptTokens", "inputTokens"],
    ["ai.usage.tokens", "inputTokens"],
    ["llm.usage.completion_tokens", "outputTokens"],
    ["llm.token_count.completion", "outputTokens"],
    ["ai.usage.outputTokens", "outputTokens"],
    ["gen_ai.usage.input_tokens.cached", "cachedTokens"],
    ["llm.token_count.prompt_details.cache_read", "cachedTokens"],
    ["ai.usage.cachedInputTokens", "cachedTokens"],
    ["gen_ai.usage.cache_write.input_tokens", "cacheCreationTokens"],
    ["llm.token_count.prompt_details.cache_write", "cacheCreationTokens"],
    ["ai.usage.inputTokenDetails.cacheWriteTokens", "cacheCreationTokens"],
    ["llm.token_count.completion_details.reasoning", "reasoningTokens"],
    ["ai.usage.reasoningTokens", "reasoningTokens"],
  ] as const)("%s is %s", ([name, field]) => {
    expect(usage({ [name]: 9 })[field]).toBe(9);
  });
});

// contract §2: "A sender whose dialect or provider is known to leave them out of input or output has them added;"
describe("a sender that is known to leave parts out", () => {
  const ANTHROPIC = {
    "gen_ai.provider.name": "anthropic",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cache_read.input_tokens": 60,
    "gen_ai.usage.cache_creation.input_tokens": 7,
  };

  it("OpenLLMetry for Node hands on what Anthropic counts, its Python package and the conventions add the cache", () => {
    const openllmetry = { ...ANTHROPIC, "gen_ai.usage.total_tokens": 120 };
    expect(usage(openllmetry, "nodejs").inputTokens).toBe(167);
    expect(usage(openllmetry, "python").inputTokens).toBe(100);
    expect(usage(ANTHROPIC, "nodejs").inputTokens).toBe(100);
    expect(usage({ ...openllmetry, "gen_ai.provider.name": "openai" }, "nodejs").inputTokens).toBe(100);
  });

  it("AI SDK 5 does for Anthropic, 6 does not", () => {
    const sdk5 = {
      "ai.model.provider": "anthropic.messages",
      "ai.usage.inputTokens": 100,
      "ai.usage.cachedInputTokens": 60,
    };
    expect(usage(sdk5).inputTokens).toBe(160);
    expect(usage({ ...sdk5, "ai.usage.inputTokenDetails.cacheReadTokens": 60 }).inputTokens).toBe(100);
  });

  it("OpenInference for Node does for Bedrock, not for Anthropic", () => {
    const counts = { "llm.token_count.prompt": 100, "llm.token_count.prompt_details.cache_read": 60 };
    expect(usage({ ...counts, "llm.provider": "aws", "llm.system": "anthropic" }, "nodejs").inputTokens).toBe(160);
    expect(usage({ ...counts, "llm.system": "anthropic" }, "nodejs").inputTokens).toBe(100);
  });

  it("says so by its own total, as Gemini's do of thoughts", () => {
    const gemini = {
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.usage.reasoning_tokens": 30,
      "gen_ai.usage.cache_read.input_tokens": 50,
    };
    expect(usage({ ...gemini, "gen_ai.usage.total_tokens": 150 })).toMatchObject({
      inputTokens: 100,
      outputTokens: 50,
    });
    expect(usage({ ...gemini, "gen_ai.usage.total_tokens": 170 })).toMatchObject({
      inputTokens: 150,
      outputTokens: 20,
    });
    expect(usage({ ...gemini, "gen_ai.usage.total_tokens": 200 })).toMatchObject({
      inputTokens: 150,
      outputTokens: 50,
    });
    for (const total of [0, 120, 199]) {
      expect(usage({ ...gemini, "gen_ai.usage.total_tokens": total })).toMatchObject({
        inputTokens: 100,
        outputTokens: 20,
      });
    }
  });

  it("is not told from its total where it says no parts", () => {
    const given = { "gen_ai.usage.input_tokens": 1, "gen_ai.usage.output_tokens": 2, "gen_ai.usage.total_tokens": 9 };
    expect(usage(given)).toMatchObject({ inputTokens: 1, outputTokens: 2 });
  });
});

describe("Langfuse's usage details", () => {
  function details(given: unknown): RequestFact {
    const text = typeof given === "string" ? given : JSON.stringify(given);
    return usage({ "langfuse.observation.type": "generation", "langfuse.observation.usage_details": text });
  }

  it("leave cached tokens out of input and reasoning out of output", () => {
    const given = { input: 23, output: 19, total: 532, input_cached_tokens: 224, output_reasoning_tokens: 266 };
    expect(details(given)).toMatchObject({
      inputTokens: 247,
      outputTokens: 285,
      cachedTokens: 224,
      reasoningTokens: 266,
      usageMissing: false,
    });
  });

  it("know Anthropic's names", () => {
    const given = { input: 10, cache_read_input_tokens: 200, cache_creation_input_tokens: 30, output: 5 };
    expect(details(given)).toMatchObject({
      inputTokens: 240,
      outputTokens: 5,
      cachedTokens: 200,
      cacheCreationTokens: 30,
    });
  });

  it("may be OpenAI's own, whose details are parts", () => {
    const given = {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 8 },
    };
    expect(details(given)).toMatchObject({
      inputTokens: 100,
      outputTokens: 20,
      cachedTokens: 64,
      reasoningTokens: 8,
    });
  });

  it("give way to counts of their own in the span", () => {
    const attributes = { "gen_ai.usage.input_tokens": 5, "langfuse.observation.usage_details": '{"input":9}' };
    expect(usage(attributes)).toMatchObject({ inputTokens: 5, outputTokens: 0 });
  });

  it.for(["", "no json", "[]", "null", "7", "{}", '{"total":5}', '{"input":"many"}'])("%o are none", (text) => {
    expect(details(text)).toMatchObject({ inputTokens: 0, outputTokens: 0, usageMissing: true });
  });

  it("are whole numbers from 0 on, whatever is sent", () => {
    const key = fc.oneof(fc.string(), fc.constantFrom("input", "output", "input_cached", "output_reasoning", "total"));
    const value = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.dictionary(fc.string(), fc.integer()));
    fc.assert(
      fc.property(fc.dictionary(key, value), (given) => {
        const fact = details(given);
        const counts = [fact.inputTokens, fact.outputTokens, fact.cachedTokens, fact.reasoningTokens];
        expect(counts.every((count) => Number.isSafeInteger(count) && count >= 0)).toBe(true);
      }),
    );
  });
});
