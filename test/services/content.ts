import type { Attributes, Item } from "../oracle/items.ts";
import { message, record, request, span, tool } from "../oracle/makers.ts";

/** What no prompt and no reply may leave behind: each place where an instrumentation could put one has its own. */
export const MARK = "XQ7MARKER";
/** What is kept by design, in the same spans and records. */
export const KEPT = "XQ7KEPT";

/** Attributes that hold prompts and replies, in the conventions as they are and were, and in every dialect that is read. */
const CONTENT = [
  // OpenTelemetry GenAI, now and before
  "gen_ai.input.messages",
  "gen_ai.output.messages",
  "gen_ai.system_instructions",
  "gen_ai.tool.definitions",
  "gen_ai.tool.description",
  "gen_ai.prompt",
  "gen_ai.completion",
  "gen_ai.prompt.0.role",
  // OpenLLMetry
  "gen_ai.prompt.0.content",
  "gen_ai.completion.0.content",
  "gen_ai.completion.0.tool_calls.0.arguments",
  "llm.prompts.0.content",
  "llm.completions.0.content",
  "llm.request.functions.0.description",
  "traceloop.prompt.template",
  "traceloop.entity.input",
  "traceloop.entity.output",
  // OpenInference
  "input.value",
  "output.value",
  "llm.input_messages.0.message.content",
  "llm.output_messages.0.message.contents.0.message_content.text",
  "llm.prompt_template.template",
  "llm.prompt_template.variables",
  "llm.invocation_parameters",
  "llm.tools.0.tool.json_schema",
  "message.content",
  "embedding.embeddings.0.embedding.text",
  "embedding.text",
  "retrieval.documents.0.document.content",
  "reranker.query",
  "reranker.input_documents.0.document.content",
  // the AI SDK
  "ai.prompt",
  "ai.prompt.messages",
  "ai.prompt.tools",
  "ai.response.text",
  "ai.response.object",
  "ai.response.reasoning",
  "ai.response.toolCalls",
  "ai.response.files",
  "ai.result.text",
  "ai.result.object",
  "ai.value",
  "ai.values",
  "ai.embedding",
  "ai.documents",
  "ai.schema.description",
  // Langfuse
  "langfuse.observation.input",
  "langfuse.observation.output",
  "langfuse.trace.input",
  "langfuse.trace.output",
  "langfuse.observation.metadata.prompt",
  "langfuse.observation.model.parameters",
] as const;

/** Of them, what a record's attributes lose too: the others are no prompt and no reply there. */
const IN_RECORDS = CONTENT.filter((name) => !/description|functions|parameters|tools\.0|metadata/.test(name));

const EVENTS = [
  "gen_ai.system.message",
  "gen_ai.user.message",
  "gen_ai.assistant.message",
  "gen_ai.tool.message",
  "gen_ai.choice",
  "gen_ai.content.prompt",
  "gen_ai.content.completion",
  "gen_ai.client.inference.operation.details",
];

/** What says that a span is a request, in each dialect. */
const REQUESTS: Attributes[] = [
  { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m" },
  { "gen_ai.operation.name": "embeddings", "gen_ai.request.model": "m" },
  { "llm.request.type": "chat", "gen_ai.request.model": "m" },
  { "openinference.span.kind": "LLM", "llm.model_name": "m" },
  { "ai.operationId": "ai.streamText.doStream", "ai.model.id": "m" },
  { "langfuse.observation.type": "generation", "langfuse.observation.model.name": "m" },
];

/** What says that it is none, and is in the waterfall of its trace all the same. */
const STEPS: Attributes[] = [
  { "gen_ai.operation.name": "invoke_agent" },
  { "ai.operationId": "ai.generateText" },
  { "openinference.span.kind": "CHAIN" },
  { "traceloop.span.kind": "workflow" },
  { "langfuse.observation.type": "span" },
];

function content(place: string, names: readonly string[] = CONTENT): Attributes {
  const nested = { role: "user", parts: [{ type: "text", content: `${MARK} ${place} nested` }] };
  return {
    ...Object.fromEntries(names.map((name) => [name, JSON.stringify([`${MARK} ${place} ${name}`])])),
    "gen_ai.input.messages.structure": nested,
  };
}

/** One turn with a mark in every place that must not keep it, and one in each that may. */
export function marked(): Item[] {
  const at = Date.now() - 2000;
  const root = {
    ...message({ user: "u1", group: "g1", responses: 1, at, took: 900, more: content("message") }),
    name: `message ${MARK} name`,
    // Not failed: what a status says there is nobody's.
    statusMessage: `${MARK} message status`,
  };
  const inside = { parent: root, at };
  const calls = REQUESTS.map((says, n) => ({
    ...span(says, { ...inside, more: content(`request ${n}`) }),
    name: `chat ${MARK} name`,
    statusMessage: `${MARK} request status`,
  }));
  const steps = STEPS.map((says, n) => span(says, { ...inside, more: content(`step ${n}`) }));
  const others = CONTENT.filter(
    (name) => !/^(?:input|output)\.value|^(?:traceloop\.entity|langfuse\.observation)\.(?:in|out)put/.test(name),
  );
  const call = tool({
    ...inside,
    name: "search",
    args: JSON.stringify({ q: `${KEPT} arguments`, password: `${MARK} password` }),
    result: `${KEPT} result`,
    more: content("tool", others),
  });
  const failed = request({
    ...inside,
    model: "m",
    error: true,
    errorType: "500",
    exception: { type: "E", message: `${KEPT} exception`, stacktrace: "at x" },
    more: content("failed request"),
  });
  const events = EVENTS.flatMap((eventName) => [
    record(`${MARK} body of ${eventName}`, { at, eventName, attributes: content(eventName), inside: calls[0] }),
    record(`${MARK} body of ${eventName}`, {
      at,
      attributes: { "event.name": eventName, content: `${MARK} attribute` },
    }),
  ]);
  const line = record(`${KEPT} line`, { at, attributes: { note: `${KEPT} note`, ...content("record", IN_RECORDS) } });
  return [...calls, ...steps, call, failed, ...events, line, root];
}
