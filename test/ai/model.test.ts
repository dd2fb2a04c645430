import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4Middleware } from "@ai-sdk/provider";
import { generateText, streamText, tool as aiTool, isStepCount, wrapLanguageModel } from "ai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { observeModel, requestMiddleware } from "../../src/ai.ts";
import type { Fault } from "../../src/demo/faults.ts";
import type { Provider, ProviderCall } from "../../src/demo/provider.ts";
import { instrument } from "../../src/index.ts";
import type { Sdk } from "../../src/instrument/sdk.ts";
import { startTestProvider, until } from "../bot/world.ts";
import { Captured, startCaptured } from "../instrument/captured.ts";

const captured = new Captured();
const MESSAGE = { platform: "qq", botId: "1", userId: "42", groupId: "7" };
const OPTIONS = { channel: "openai-main" };

let sdk: Sdk;
let provider: Provider;
let fault: Fault | undefined;
let seen: ProviderCall[] = [];

beforeAll(async () => {
  sdk = startCaptured(captured);
  provider = await startTestProvider({ faults: () => fault, onCall: (call) => seen.push(call) });
});
afterAll(async () => {
  await provider.stop();
  await sdk.stop(1000);
});
beforeEach(() => {
  captured.facts = [];
  seen = [];
  fault = undefined;
});

function openai(name = "gpt-4o") {
  const { baseUrl, apiKey } = provider.channels[0]!;
  return createOpenAICompatible({ name: "openai", baseURL: baseUrl, apiKey, includeUsage: true })(name);
}

describe("a model of the AI SDK, observed", () => {
  test("each call is a request, with the usage that its provider told and the turn's user and group", async () => {
    const model = observeModel(openai(), OPTIONS);
    const { text } = await instrument.message(MESSAGE, () => generateText({ model, prompt: "Tell me a joke" }));
    expect(text).not.toBe("");
    const [request, ...more] = captured.of("request");
    expect(more).toEqual([]);
    expect(request).toMatchObject({
      channel: "openai-main",
      provider: "openai",
      model: "gpt-4o",
      failed: false,
      userId: "42",
      groupId: "7",
      inputTokens: seen[0]!.usage!.prompt_tokens,
      outputTokens: seen[0]!.usage!.completion_tokens,
    });
    expect(request!.firstChunkNs).toBeUndefined();
  });

  test("a stream has its usage and its first chunk, and ends when it was read", async () => {
    const model = observeModel(openai(), OPTIONS);
    const { textStream } = streamText({ model, prompt: "Tell me a joke" });
    const reader = textStream.getReader();
    expect((await reader.read()).done).toBe(false);
    expect(captured.of("request")).toEqual([]);
    while (!(await reader.read()).done);
    await until(() => captured.of("request").length === 1);
    const [request] = captured.of("request");
    expect(request).toMatchObject({ failed: false, outputTokens: seen[0]!.usage!.completion_tokens });
    expect(request!.firstChunkNs).toBeGreaterThan(0);
    expect(request!.firstChunkNs).toBeLessThanOrEqual(request!.durationNs);
  });

  test("each retry and each step counts", async () => {
    fault = { kind: "status", status: 503 };
    const failing = generateText({ model: observeModel(openai(), OPTIONS), prompt: "?", maxRetries: 1 });
    await expect(failing).rejects.toThrow();
    expect(captured.of("request").map(({ failed, errorType }) => [failed, errorType])).toHaveLength(2);
    expect(captured.of("request").every(({ failed }) => failed)).toBe(true);

    captured.facts = [];
    fault = undefined;
    const dice = aiTool({
      description: "rolls dice",
      inputSchema: z.object({ sides: z.number().optional() }).loose(),
      execute: () => 4,
    });
    const model = wrapLanguageModel({ model: openai(), middleware: requestMiddleware(OPTIONS) });
    const { steps } = await generateText({
      model,
      prompt: "Roll a dice",
      tools: { dice },
      stopWhen: isStepCount(3),
    });
    expect(captured.of("request")).toHaveLength(steps.length);
  });

  test("a stream that dies is a failure, one that is left is not", async () => {
    fault = { kind: "dies", chunks: 2, politely: false };
    const died = async () => readAll((await observeModel(openai(), OPTIONS).doStream({ prompt: PROMPT })).stream);
    await expect(died()).rejects.toThrow();
    await until(() => captured.of("request").length === 1);
    expect(captured.of("request")[0]).toMatchObject({ failed: true });

    captured.facts = [];
    fault = undefined;
    const left = await observeModel(openai(), OPTIONS).doStream({ prompt: PROMPT });
    const reader = left.stream.getReader();
    await reader.read();
    await reader.cancel();
    await until(() => captured.of("request").length === 1);
    expect(captured.of("request")[0]).toMatchObject({ failed: false });
  });

  test("answers and failures are the model's own", async () => {
    const model = openai();
    const observed = observeModel(model, OPTIONS);
    expect([observed.modelId, observed.provider, observed.specificationVersion]).toEqual([
      model.modelId,
      model.provider,
      model.specificationVersion,
    ]);
    const error = new Error("no");
    const broken = observeModel({ ...HANDMADE, doGenerate: () => Promise.reject(error) }, OPTIONS);
    await expect(broken.doGenerate()).rejects.toBe(error);
    const strange = observeModel({ ...HANDMADE, doGenerate: async () => STRANGE }, OPTIONS);
    expect(await strange.doGenerate()).toBe(STRANGE);
    expect(captured.of("request").at(-1)).toMatchObject({ failed: false, inputTokens: 0, outputTokens: 0 });
  });

  test("of the second version, Anthropic's input leaves cached tokens out; of the third and fourth, totals are totals", async () => {
    const v2 = {
      usage: { inputTokens: 10, outputTokens: 5, cachedInputTokens: 100 },
      providerMetadata: { anthropic: { cacheCreationInputTokens: 20 } },
    };
    const v3 = {
      usage: { inputTokens: { total: 130, cacheRead: 100, cacheWrite: 20 }, outputTokens: { total: 5, reasoning: 3 } },
      response: { modelId: "claude-x" },
    };
    for (const [specificationVersion, answer] of [
      ["v2", v2],
      ["v3", v3],
    ] as const) {
      const made = { ...HANDMADE, specificationVersion, doGenerate: async () => answer };
      await observeModel(made, OPTIONS).doGenerate();
    }
    expect(captured.of("request")).toMatchObject([
      { provider: "anthropic", inputTokens: 130, outputTokens: 5, cachedTokens: 100 },
      { provider: "anthropic", inputTokens: 130, outputTokens: 5, cachedTokens: 100, reasoningTokens: 3 },
    ]);
  });

  test("the middleware has the type that AI SDK 7 wants", () => {
    expect((requestMiddleware(OPTIONS) satisfies LanguageModelV4Middleware).specificationVersion).toBe("v4");
  });
});

const PROMPT = [{ role: "user" as const, content: [{ type: "text" as const, text: "Tell me a joke" }] }];
const STRANGE = { usage: "none", response: 7 };
const HANDMADE = {
  specificationVersion: "v3",
  provider: "anthropic.messages",
  modelId: "claude",
  doGenerate: async (): Promise<object> => ({}),
  doStream: async () => ({ stream: new ReadableStream() }),
};

async function readAll(stream: ReadableStream): Promise<void> {
  const reader = stream.getReader();
  while (!(await reader.read()).done);
}
