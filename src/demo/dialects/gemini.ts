import type { ModelRequest } from "../model.ts";
import { frame, wordsOf, type Answered, type Dialect } from "./dialect.ts";

type Message = ModelRequest["messages"][number];

interface Part {
  text?: unknown;
  functionResponse?: { response?: { content?: unknown } };
}

interface Content {
  role?: string;
  parts?: Part[];
}

/** Google's Gemini. Its output tokens leave out what was thought. */
export const gemini: Dialect = {
  route(path) {
    const [, model, method] =
      /^\/models\/([^/:]+):(generateContent|streamGenerateContent)(?:\?alt=sse)?$/.exec(path) ?? [];
    return model === undefined ? undefined : { model, stream: method === "streamGenerateContent" };
  },
  keyOf: ({ "x-goog-api-key": key }) => (typeof key === "string" ? key : undefined),
  read({ contents, systemInstruction, tools, toolConfig }, { model = "", stream }) {
    if (!Array.isArray(contents)) return undefined;
    const rules: Message[] =
      systemInstruction === undefined ? [] : [{ role: "system", content: JSON.stringify(systemInstruction) }];
    const mode = (toolConfig as { functionCallingConfig?: { mode?: unknown } } | undefined)?.functionCallingConfig
      ?.mode;
    return {
      model,
      messages: [...rules, ...(contents as Content[]).flatMap(messagesOf)],
      tools: Array.isArray(tools)
        ? (tools as { functionDeclarations?: unknown[] }[]).flatMap((tool) => tool.functionDeclarations ?? [])
        : undefined,
      tool_choice: mode === "NONE" ? "none" : "auto",
      stream: stream === true,
    };
  },
  frames(answered) {
    const { answer } = answered;
    const words = wordsOf(answer.text).map((text) => chunkOf(answered, [{ text }]));
    const calls = answer.calls.map(({ name, args }) => chunkOf(answered, [{ functionCall: { name, args } }]));
    return [...words, ...calls, chunkOf(answered, [{ text: "" }], "STOP")].map((chunk) => frame(chunk));
  },
  whole(answered) {
    const { text, calls } = answered.answer;
    const parts = [
      ...(text === "" ? [] : [{ text }]),
      ...calls.map(({ name, args }) => ({ functionCall: { name, args } })),
    ];
    return chunkOf(answered, parts, "STOP");
  },
  refusal: (status, message) => ({ error: { code: status, message, status: STATUSES[status] ?? "UNKNOWN" } }),
};

const STATUSES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

/** The usage is in each chunk: that of all so far; here of all. */
function chunkOf({ id, model, usage }: Answered, parts: object[], finishReason?: "STOP") {
  const thoughts = usage.completion_tokens_details?.reasoning_tokens;
  return {
    candidates: [{ index: 0, content: { role: "model", parts }, ...(finishReason && { finishReason }) }],
    usageMetadata: {
      promptTokenCount: usage.prompt_tokens,
      cachedContentTokenCount: usage.prompt_tokens_details.cached_tokens,
      candidatesTokenCount: usage.completion_tokens - (thoughts ?? 0),
      ...(thoughts !== undefined && { thoughtsTokenCount: thoughts }),
      totalTokenCount: usage.total_tokens,
    },
    modelVersion: model.name,
    responseId: id,
  };
}

function messagesOf({ role, parts }: Content): Message[] {
  return (parts ?? []).map(({ text, functionResponse, ...more }) => {
    if (functionResponse !== undefined) return { role: "tool", content: String(functionResponse.response?.content) };
    const own = role === "model" ? "assistant" : "user";
    return { role: own, content: typeof text === "string" ? text : JSON.stringify(more) };
  });
}
