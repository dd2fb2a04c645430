import type { RequestOptions, RequestRecord } from "../api.ts";
import type { Protocol } from "../../lib/model-provider.ts";

/** What a URL says that a model is asked for. */
export interface Asked {
  protocol: Protocol;
  operation: NonNullable<RequestOptions["operation"]>;
  /** Where the URL names it. */
  model?: string;
}

const GEMINI = /\/models\/([^/:]+):(?:generateContent|streamGenerateContent|embedContent|batchEmbedContents)$/;

/** @returns undefined where it is no call to a model */
export function askedBy({ pathname }: URL): Asked | undefined {
  const [, model] = GEMINI.exec(pathname) ?? [];
  if (model !== undefined) {
    return { protocol: "gemini", operation: /mbed/.test(pathname) ? "embeddings" : "generate_content", model };
  }
  if (/\/(?:chat\/completions|responses)$/.test(pathname)) return { protocol: "openai", operation: "chat" };
  if (pathname.endsWith("/completions")) return { protocol: "openai", operation: "text_completion" };
  if (pathname.endsWith("/embeddings")) return { protocol: "openai", operation: "embeddings" };
  if (pathname.endsWith("/messages")) return { protocol: "claude", operation: "chat" };
  return undefined;
}

type Json = Record<string, unknown>;

/** Reads what an answer, or a chunk of one, says of its model and its usage; a later chunk's usage completes an earlier's. */
export interface AnswerReader {
  read(json: unknown): void;
}

export function createAnswerReader(protocol: Protocol, record: RequestRecord): AnswerReader {
  const reader = READERS[protocol];
  const said: Json = {};
  return {
    read(json) {
      const { model, usage } = reader(objectOf(json));
      if (typeof model === "string") record.responseModel(model);
      if (usage === undefined) return;
      Object.assign(said, usage);
      record.usage(USAGES[protocol](said));
    },
  };
}

interface Told {
  model?: unknown;
  usage?: Json;
}

const READERS: Readonly<Record<Protocol, (json: Json) => Told>> = {
  /** The Responses API's events hold the response. */
  openai: (json) => toldBy(json["response"] === undefined ? json : objectOf(json["response"])),
  /** A stream's first event holds the message. */
  claude: (json) => toldBy(json["message"] === undefined ? json : objectOf(json["message"])),
  gemini: ({ modelVersion: model, usageMetadata }) => ({
    model,
    usage: isObject(usageMetadata) ? usageMetadata : undefined,
  }),
};

function toldBy({ model, usage }: Json): Told {
  return { model, usage: isObject(usage) ? usage : undefined };
}

/** The provider's totals; cached and reasoning tokens are made parts of them where the provider leaves them out. */
const USAGES: Readonly<Record<Protocol, (usage: Json) => Parameters<RequestRecord["usage"]>[0]>> = {
  openai(usage) {
    const input = objectOf(usage["prompt_tokens_details"] ?? usage["input_tokens_details"]);
    const output = objectOf(usage["completion_tokens_details"] ?? usage["output_tokens_details"]);
    return {
      inputTokens: count(usage["prompt_tokens"] ?? usage["input_tokens"]),
      outputTokens: count(usage["completion_tokens"] ?? usage["output_tokens"]),
      cachedTokens: count(input["cached_tokens"] ?? usage["prompt_cache_hit_tokens"]),
      reasoningTokens: count(output["reasoning_tokens"]),
    };
  },
  claude(usage) {
    const cachedTokens = count(usage["cache_read_input_tokens"]);
    const cacheCreationTokens = count(usage["cache_creation_input_tokens"]);
    const input = count(usage["input_tokens"]);
    return {
      inputTokens: input === undefined ? undefined : input + (cachedTokens ?? 0) + (cacheCreationTokens ?? 0),
      outputTokens: count(usage["output_tokens"]),
      cachedTokens,
      cacheCreationTokens,
    };
  },
  gemini(usage) {
    const output = count(usage["candidatesTokenCount"]);
    const reasoningTokens = count(usage["thoughtsTokenCount"]);
    const known = output !== undefined || reasoningTokens !== undefined;
    return {
      inputTokens: count(usage["promptTokenCount"]),
      outputTokens: known ? (output ?? 0) + (reasoningTokens ?? 0) : undefined,
      cachedTokens: count(usage["cachedContentTokenCount"]),
      reasoningTokens,
    };
  },
};

function count(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}

function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}
