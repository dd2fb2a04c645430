import { Anthropic } from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { OpenAI } from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { observeFetch } from "../../src/ai.ts";
import { instrument } from "../../src/index.ts";
import { until } from "../bot/world.ts";
import { startObserved } from "./captured-provider.ts";

let world: Awaited<ReturnType<typeof startObserved>>;
beforeAll(async () => {
  world = await startObserved();
});
afterAll(() => world.stop());
afterEach(() => world.clear());

const MESSAGE = { platform: "qq", botId: "1", userId: "42", groupId: "7" };
const ASK = [{ role: "user" as const, content: "Tell me a joke" }];
const globalFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = globalFetch;
});

function openai(more: object = {}): OpenAI {
  const { baseUrl: baseURL, apiKey, id } = world.openai;
  return new OpenAI({ baseURL, apiKey, fetch: observeFetch({ channel: id }), maxRetries: 0, ...more });
}

function claude(): Anthropic {
  const { baseUrl, apiKey, id } = world.claude;
  const baseURL = baseUrl.replace(/\/v1$/, "");
  return new Anthropic({ baseURL, apiKey, authToken: null, fetch: observeFetch({ channel: id }), maxRetries: 0 });
}

/** Requests that were captured, once there are so many. */
async function requests(count: number) {
  await until(() => world.captured.of("request").length >= count);
  return world.captured.of("request");
}

/** Tokens of the provider's newest call. */
function told() {
  const { usage } = world.seen.at(-1)!;
  return { inputTokens: usage!.prompt_tokens, outputTokens: usage!.completion_tokens ?? 0 };
}

describe("openai", () => {
  test("a chat in one piece, in a turn", async () => {
    await instrument.message(MESSAGE, () => openai().chat.completions.create({ model: "gpt-4o", messages: ASK }));
    const about = {
      provider: "openai",
      model: "gpt-4o",
      channel: "openai-main",
      failed: false,
      userId: "42",
      groupId: "7",
    };
    expect(await requests(1)).toMatchObject([{ ...about, ...told(), firstChunkNs: undefined }]);
  });

  test("a stream that is read, and one that is left", async () => {
    const stream = { model: "gpt-4o", messages: ASK, stream: true, stream_options: { include_usage: true } } as const;
    let text = "";
    for await (const chunk of await openai().chat.completions.create(stream))
      text += chunk.choices[0]?.delta.content ?? "";
    expect(text).not.toBe("");
    const [read] = await requests(1);
    expect(read).toMatchObject({ failed: false, ...told() });
    expect(read!.firstChunkNs).toBeGreaterThan(0);
    for await (const _ of await openai().chat.completions.create(stream)) break;
    expect((await requests(2))[1]).toMatchObject({ failed: false });
  });

  test("embeddings", async () => {
    await openai().embeddings.create({ model: "gpt-4o", input: "one text" });
    expect(await requests(1)).toMatchObject([{ operation: "embeddings", model: "gpt-4o", ...told() }]);
  });

  test("each retry of the client counts, and the client fails as it would", async () => {
    world.setFault({ kind: "status", status: 429, retryAfter: 0 });
    const failing = openai({ maxRetries: 2 }).chat.completions.create({ model: "gpt-4o", messages: ASK });
    await expect(failing).rejects.toMatchObject({ status: 429 });
    expect((await requests(3)).map(({ failed, errorType }) => [failed, errorType])).toEqual([
      [true, "429"],
      [true, "429"],
      [true, "429"],
    ]);
  });

  test("a stream that dies, and a provider that is away, are failures", async () => {
    world.setFault({ kind: "dies", chunks: 1, politely: false });
    const dying = async () => {
      const stream = await openai().chat.completions.create({ model: "gpt-4o", messages: ASK, stream: true });
      for await (const _ of stream);
    };
    await expect(dying()).rejects.toThrow();
    const away = openai({ baseURL: "http://127.0.0.1:9/v1" }).chat.completions.create({
      model: "gpt-4o",
      messages: ASK,
    });
    await expect(away).rejects.toThrow();
    expect((await requests(2)).map(({ failed }) => failed)).toEqual([true, true]);
  });

  test("what is no call to a model passes as it is", async () => {
    const { baseUrl } = world.openai;
    const fetch = observeFetch({ channel: "x" });
    expect((await fetch(`${baseUrl}/models`)).status).toBe(404);
    expect((await fetch(new Request(`${baseUrl}/files`, { method: "POST", body: "{}" }))).status).toBe(404);
    await expect(fetch("no url")).rejects.toThrow(TypeError);
    expect(world.captured.of("request")).toEqual([]);
  });
});

describe("@anthropic-ai/sdk", () => {
  const chat = { model: "claude-sonnet-4-5", max_tokens: 1000, messages: ASK };

  test("a message in one piece, and one as a stream: what came from the cache is a part of the input", async () => {
    const system = "Be brief. ".repeat(100);
    await claude().messages.create({ ...chat, system });
    const first = told();
    const { usage } = await claude()
      .messages.stream({ ...chat, system })
      .finalMessage();
    expect(usage.cache_read_input_tokens).toBeGreaterThan(0);
    // The client makes spans of its own: ours are inside of them, and the innermost counts (contract §2).
    const all = await requests(4);
    const found = all.filter(({ channel }) => channel === "claude-main");
    const outer = all.filter(({ channel }) => channel === "anthropic");
    expect(found.map(({ parentId }) => parentId)).toEqual(outer.map(({ spanId }) => spanId));
    expect(found).toMatchObject([
      { provider: "anthropic", model: chat.model, channel: "claude-main", failed: false, ...first },
      { provider: "anthropic", model: chat.model, channel: "claude-main", failed: false, ...told() },
    ]);
    expect(found[1]!.cachedTokens).toBe(usage.cache_read_input_tokens);
    expect(found[1]!.firstChunkNs).toBeGreaterThan(0);
  });
});

describe("@google/genai", () => {
  test("an answer in one piece, and one as a stream: what was thought is a part of the output", async () => {
    const { baseUrl, apiKey, id } = world.gemini;
    globalThis.fetch = observeFetch({ channel: ({ pathname }) => (pathname.startsWith("/google/") ? id : "other") });
    const { models } = new GoogleGenAI({
      apiKey,
      httpOptions: { baseUrl: baseUrl.replace("/v1beta", ""), apiVersion: "v1beta" },
    });
    const ask = { model: "gemini-2.5-flash", contents: "Tell me a joke" };
    expect((await models.generateContent(ask)).text).not.toBe("");
    const first = told();
    for await (const _ of await models.generateContentStream(ask));
    const about = { provider: "gcp.gemini", model: ask.model, channel: "gemini-main", operation: "generate_content" };
    const found = await requests(2);
    expect(found).toMatchObject([
      { ...about, failed: false, ...first },
      { ...about, failed: false, ...told() },
    ]);
    expect(found[0]!.reasoningTokens).toBeGreaterThan(0);
  });
});
