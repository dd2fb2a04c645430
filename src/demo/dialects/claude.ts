import type { ModelRequest } from "../model.ts";
import { frame, wordsOf, type Answered, type Dialect } from "./dialect.ts";

type Message = ModelRequest["messages"][number];

interface Block {
  type?: string;
  text?: unknown;
  content?: unknown;
}

/** Anthropic's messages. Its input tokens leave out what came from the cache. */
export const claude: Dialect = {
  route: (path) => (path === "/messages" ? {} : undefined),
  keyOf: ({ "x-api-key": key, authorization }) =>
    typeof key === "string" ? key : authorization?.replace(/^Bearer /, ""),
  read({ model, messages, tools, stream, system }) {
    if (typeof model !== "string" || !Array.isArray(messages)) return undefined;
    const rules: Message[] = system === undefined ? [] : [{ role: "system", content: JSON.stringify(system) }];
    return {
      model,
      messages: [...rules, ...(messages as Message[]).flatMap(messagesOf)],
      tools: Array.isArray(tools) ? tools : undefined,
      stream: stream === true,
    };
  },
  frames(answered) {
    const { id, model, usage } = answered;
    const start = { ...headOf(id, model.name), content: [], usage: usageOf(answered, 1) };
    const blocks = blocksOf(answered).flatMap((block, index) => framesOf(block, index));
    const delta = { stop_reason: stopOf(answered), stop_sequence: null };
    return [
      event("message_start", { message: start }),
      ...blocks,
      event("message_delta", { delta, usage: { output_tokens: usage.completion_tokens } }),
      event("message_stop", {}),
    ];
  },
  whole: (answered) => ({
    ...headOf(answered.id, answered.model.name),
    content: blocksOf(answered),
    stop_reason: stopOf(answered),
    usage: usageOf(answered, answered.usage.completion_tokens),
  }),
  refusal: (status, message) => ({ type: "error", error: { type: TYPES[status] ?? "api_error", message } }),
};

const TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  429: "rate_limit_error",
  503: "overloaded_error",
};

/** One message may hold results of tools and words, which are messages of their own here. */
function messagesOf({ role, content }: Message): Message[] {
  if (!Array.isArray(content)) return [{ role, content }];
  return (content as Block[]).map((block) =>
    block.type === "tool_result"
      ? { role: "tool", content: textOf(block.content) }
      : { role, content: typeof block.text === "string" ? block.text : JSON.stringify(block) },
  );
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return String(content);
  return (content as Block[]).map(({ text }) => (typeof text === "string" ? text : "")).join("");
}

function headOf(id: string, model: string) {
  return { id, type: "message", role: "assistant", model, stop_reason: null, stop_sequence: null };
}

function usageOf({ usage }: Answered, output: number) {
  const cached = usage.prompt_tokens_details.cached_tokens;
  return {
    input_tokens: usage.prompt_tokens - cached,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: 0,
    output_tokens: output,
  };
}

function stopOf({ answer }: Answered): string {
  return answer.calls.length > 0 ? "tool_use" : "end_turn";
}

type AnswerBlock =
  | { type: "text"; text: string }
  | { type: "tool_use"; id: string; name: string; input: Record<string, unknown> };

function blocksOf({ id, answer }: Answered): AnswerBlock[] {
  const words: AnswerBlock[] = answer.text === "" ? [] : [{ type: "text", text: answer.text }];
  const calls = answer.calls.map(({ name, args }, index): AnswerBlock => {
    return { type: "tool_use", id: `toolu_${id}_${index}`, name, input: args };
  });
  return [...words, ...calls];
}

function framesOf(block: AnswerBlock, index: number): string[] {
  const empty = block.type === "text" ? { ...block, text: "" } : { ...block, input: {} };
  const deltas =
    block.type === "text"
      ? wordsOf(block.text).map((text) => ({ type: "text_delta", text }))
      : halves(JSON.stringify(block.input)).map((partial) => ({ type: "input_json_delta", partial_json: partial }));
  return [
    event("content_block_start", { index, content_block: empty }),
    ...deltas.map((delta) => event("content_block_delta", { index, delta })),
    event("content_block_stop", { index }),
  ];
}

function halves(text: string): string[] {
  const half = Math.ceil(text.length / 2);
  return [text.slice(0, half), text.slice(half)];
}

function event(type: string, data: object): string {
  return frame({ type, ...data }, type);
}
