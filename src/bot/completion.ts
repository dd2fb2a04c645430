import type { LanguageModelV4StreamPart, SharedV4ProviderMetadata } from "@ai-sdk/provider";
import type { RequestRecord, Usage } from "../index.ts";

/** A call that the model asks for; `args` is JSON text, as the model wrote it. */
export interface AskedCall {
  id: string;
  name: string;
  args: string;
  /** What the provider wants to see again beside the call, as the signature of a thought. */
  metadata?: SharedV4ProviderMetadata;
}

export interface Completion {
  text: string;
  calls: AskedCall[];
}

/** One streamed answer, put together part by part. */
export interface Collector {
  add(part: LanguageModelV4StreamPart): void;
  /** False while the provider has not said why it stopped: a stream that ends like that has died. */
  readonly finished: boolean;
  /** What went wrong in the stream, in the provider's words. */
  readonly error: unknown;
  /** Characters so far. */
  readonly size: number;
  completion(): Completion;
}

/** @param record is told what the provider says of the call */
export function createCollector(record: RequestRecord): Collector {
  const calls: AskedCall[] = [];
  let [text, size, finished] = ["", 0, false];
  let error: unknown;

  return {
    add(part) {
      if (part.type !== "stream-start") record.firstChunk();
      switch (part.type) {
        case "text-delta":
          text += part.delta;
          size += part.delta.length;
          break;
        case "tool-input-delta":
        case "reasoning-delta":
          size += part.delta.length;
          break;
        case "tool-call":
          calls.push({ id: part.toolCallId, name: part.toolName, args: part.input, metadata: part.providerMetadata });
          break;
        case "response-metadata":
          if (part.modelId) record.responseModel(part.modelId);
          break;
        case "raw":
          tellEarly(part.rawValue, record);
          break;
        case "finish":
          record.usage(usageOf(part.usage));
          finished = part.finishReason.raw !== undefined;
          break;
        case "error":
          error = part.error;
          break;
      }
    },
    get finished() {
      return finished;
    },
    get error() {
      return error;
    },
    get size() {
      return size;
    },
    completion: () => ({ text: text.trim(), calls }),
  };
}

/** The provider's totals, as they are: cached and reasoning tokens are parts of input and output. */
function usageOf({
  inputTokens,
  outputTokens,
  raw,
}: Extract<LanguageModelV4StreamPart, { type: "finish" }>["usage"]): Usage {
  const deepSeek = raw?.["prompt_cache_hit_tokens"];
  return {
    inputTokens: inputTokens.total,
    outputTokens: outputTokens.total,
    cachedTokens: inputTokens.cacheRead || (typeof deepSeek === "number" ? deepSeek : undefined),
    cacheCreationTokens: inputTokens.cacheWrite,
    reasoningTokens: outputTokens.reasoning,
  };
}

/** What a chunk says that the SDK's parts do not. */
interface RawChunk {
  usage?: { prompt_tokens?: unknown; completion_tokens?: unknown } | null;
  modelVersion?: unknown;
}

/**
 * Some OpenAI-compatible providers tell the usage so far in every chunk: all that is known where the stream dies. Gemini
 * names its model here only.
 */
function tellEarly(chunk: unknown, record: RequestRecord): void {
  const { usage, modelVersion: model } = (chunk ?? {}) as RawChunk;
  const { prompt_tokens: input, completion_tokens: output } = usage ?? {};
  if (typeof input === "number" && typeof output === "number") {
    record.usage({ inputTokens: input, outputTokens: output });
  }
  if (typeof model === "string") record.responseModel(model);
}
