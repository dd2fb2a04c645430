import { describe, expect, it } from "vitest";
import type { Link, LogFact, RequestFact, ToolFact } from "../../src/contract/fact.ts";
import type { Attributes, SpanShape } from "../../src/contract/span.ts";
import { KEY, mapping, record, span } from "./shapes.ts";

// contract §2: "Dialects: what other instrumentations write (older GenAI names, OpenLLMetry, OpenInference, the AI SDK,
// Langfuse) is mapped to the above in one table, tested against spans that their own code made." What their own code makes
// is in test/dialects; here is what it makes too rarely for that.

function request(attributes: Attributes, more: Partial<SpanShape> = {}): RequestFact {
  return mapping.span(span(attributes, more)) as RequestFact;
}

function tool(attributes: Attributes, more: Partial<SpanShape> = {}): ToolFact {
  return mapping.span(span(attributes, more)) as ToolFact;
}

describe("what a span is", () => {
  it.for([
    [{ "mcp.method.name": "tools/call" }, "tool"],
    [{ "mcp.method.name": "tools/list" }, undefined],
    [{ "ai.operationId": "ai.generateText.doGenerate" }, "request"],
    [{ "ai.operationId": "ai.streamObject.doStream" }, "request"],
    [{ "ai.operationId": "ai.embedMany.doEmbed" }, "request"],
    [{ "ai.operationId": "ai.toolCall" }, "tool"],
    // They repeat the sums of the calls inside them.
    [{ "ai.operationId": "ai.generateText", "ai.usage.inputTokens": 5 }, undefined],
    [{ "gen_ai.operation.name": "agent_step" }, undefined],
    [{ "openinference.span.kind": "LLM" }, "request"],
    [{ "openinference.span.kind": "EMBEDDING" }, "request"],
    [{ "openinference.span.kind": "TOOL" }, "tool"],
    [{ "openinference.span.kind": "CHAIN" }, undefined],
    [{ "langfuse.observation.type": "generation" }, "request"],
    [{ "langfuse.observation.type": "tool" }, "tool"],
    [{ "langfuse.observation.type": "span" }, undefined],
    [{ "traceloop.span.kind": "tool" }, "tool"],
    [{ "traceloop.span.kind": "workflow" }, undefined],
    [{ "llm.request.type": "chat" }, "request"],
    [{ "llm.request.type": "completion" }, "request"],
    [{ "llm.request.type": "rerank" }, undefined],
    // The conventions' word goes before a dialect's.
    [{ "gen_ai.operation.name": "execute_tool", "openinference.span.kind": "LLM" }, "tool"],
    // One that knows no fact's word leaves it to the others.
    [{ "gen_ai.operation.name": "agent_step", "mcp.method.name": "tools/call" }, "tool"],
    [{ "gen_ai.operation.name": "constructor" }, undefined],
    [{ "openinference.span.kind": "__proto__", "llm.request.type": 7 }, undefined],
  ] as const)("%o is %s, while it is open too", ([attributes, kind]) => {
    expect(mapping.kindOf(attributes)).toBe(kind);
    const made = mapping.span(span(attributes));
    expect("kind" in made ? made.kind : undefined).toBe(kind);
  });

  it.for([
    { "gen_ai.operation.name": "invoke_agent" },
    { "openinference.span.kind": "AGENT" },
    { "langfuse.observation.type": "agent" },
    { "traceloop.span.kind": "agent" },
  ])("%o is an agent's and ends a nesting", (attributes: Attributes) => {
    expect(mapping.isAgent(attributes)).toBe(true);
    expect(mapping.span(span(attributes)) as Link).toMatchObject({ agent: true });
    expect(mapping.isAgent({ "ai.operationId": "ai.generateText" })).toBe(false);
  });

  it("is told in the conventions' words", () => {
    expect(request({ "llm.request.type": "completion" }).operation).toBe("text_completion");
    expect(request({ "openinference.span.kind": "EMBEDDING" }).operation).toBe("embeddings");
    expect(request({ "ai.operationId": "ai.streamText.doStream" }).operation).toBe("chat");
  });
});

describe("the provider", () => {
  it.for([
    // A conventional name is left as it is, whatever it is.
    [{ "gen_ai.provider.name": "google" }, "google"],
    [{ "gen_ai.provider.name": "Azure-West.chat", "ai.model.provider": "openai.chat" }, "Azure-West.chat"],
    [{ "gen_ai.system": "vertex_ai" }, "gcp.vertex_ai"],
    [{ "gen_ai.system": "az.ai.inference" }, "azure.ai.inference"],
    [{ "gen_ai.system": "OpenAI", "llm.request.type": "chat" }, "openai"],
    [{ "gen_ai.system": "my.own.chat" }, "my.own.chat"],
    [{ "gen_ai.system": "my.own.chat", "ai.model.provider": "my.own.chat" }, "my.own"],
    [{ "gen_ai.system": "google.generative-ai", "ai.model.provider": "google.generative-ai" }, "gcp.gemini"],
    [{ "ai.model.provider": "mistral.embedding" }, "mistral_ai"],
    [{ "llm.provider": "aws", "llm.system": "anthropic" }, "aws.bedrock"],
    [{ "llm.system": "mistralai" }, "mistral_ai"],
    [{ "llm.vendor": "Anthropic" }, "anthropic"],
  ] as const)("of %o is %s, and the channel where none is named", ([attributes, provider]) => {
    const fact = request({ "gen_ai.operation.name": "chat", ...attributes });
    expect(fact).toMatchObject({ provider, channel: provider });
  });
});

describe("the model", () => {
  it.for([
    [{ "llm.model_name": "gpt-4o-2024" }, "gpt-4o-2024"],
    [{ "llm.model_name": "gpt-4o-2024", "gen_ai.request.model": "gpt-4o" }, "gpt-4o"],
    [{ "ai.model.id": "gpt-4o", "ai.response.model": "gpt-4o-2024" }, "gpt-4o"],
    [{ "embedding.model_name": "small" }, "small"],
    [{ "langfuse.observation.model.name": "gpt-4o" }, "gpt-4o"],
    [{ "llm.request.model": "gpt-3", "llm.response.model": "gpt-3-1" }, "gpt-3"],
  ] as const)("of %o is %s", ([attributes, model]) => {
    expect(request({ "gen_ai.operation.name": "chat", ...attributes }).model).toBe(model);
  });
});

describe("a failure", () => {
  it("is Langfuse's level ERROR", () => {
    const failed = { "langfuse.observation.type": "generation", "langfuse.observation.level": "ERROR" };
    expect(request({ ...failed, "langfuse.observation.status_message": "429 slow down" })).toMatchObject({
      failed: true,
      errorType: "_OTHER",
      errorMessage: "429 slow down",
    });
    expect(request({ ...failed, "langfuse.observation.level": "WARNING" }).failed).toBe(false);
  });
});

describe("the first chunk", () => {
  const CHAT = { "gen_ai.operation.name": "chat" };
  const start = { ms: Date.UTC(2024, 11, 15), ns: 500_000 };

  it.for([
    [{ "gen_ai.response.time_to_first_chunk": 0.25 }, 250_000_000],
    [{ "gen_ai.client.operation.time_to_first_chunk": 0.25 }, 250_000_000],
    [{ "ai.response.msToFirstChunk": 12.5 }, 12_500_000],
    [{ "langfuse.observation.completion_start_time": '"2024-12-15T00:00:00.250Z"' }, 249_500_000],
    [{ "langfuse.observation.completion_start_time": '"2024-12-14T00:00:00.250Z"' }, undefined],
    [{ "langfuse.observation.completion_start_time": '"soon"' }, undefined],
    [{ "ai.response.msToFirstChunk": -1 }, undefined],
  ] as const)("of %o came after %s ns", ([attributes, ns]) => {
    expect(request({ ...CHAT, ...attributes }, { start }).firstChunkNs).toBe(ns);
  });
});

describe("a tool call", () => {
  it("is named by its attribute, by its entity, by a conventional span name, or by its dialect's span name", () => {
    const named = { "ai.operationId": "ai.toolCall", "ai.toolCall.name": "dice", "ai.toolCall.id": "call_1" };
    expect(tool(named, { name: "ai.toolCall" })).toMatchObject({ tool: "dice", callId: "call_1" });
    const entity = { "traceloop.span.kind": "tool", "traceloop.entity.name": "dice" };
    expect(tool(entity, { name: "dice.tool" }).tool).toBe("dice");
    expect(tool({ "mcp.method.name": "tools/call" }, { name: "tools/call dice" }).tool).toBe("dice");
    expect(tool({ "langfuse.observation.type": "tool" }, { name: "dice" }).tool).toBe("dice");
    expect(tool({ "openinference.span.kind": "TOOL", "tool.name": "dice" }, { name: "run" }).tool).toBe("dice");
    expect(tool({ "gen_ai.operation.name": "execute_tool" }, { name: "dice" }).tool).toBe("unknown");
  });

  it.for([
    ["gen_ai.tool.call.arguments", "gen_ai.tool.call.result"],
    ["ai.toolCall.args", "ai.toolCall.result"],
    ["input.value", "output.value"],
    ["traceloop.entity.input", "traceloop.entity.output"],
    ["langfuse.observation.input", "langfuse.observation.output"],
  ] as const)("has %s and %s, as text or as a structure, redacted", ([input, output]) => {
    const expected = { args: '{"n":1,"password":"[redacted]"}', result: "[1,2]" };
    const operation = { "gen_ai.operation.name": "execute_tool" };
    expect(tool({ ...operation, [input]: '{"n":1,"password":"p"}', [output]: "[1,2]" })).toMatchObject(expected);
    expect(tool({ ...operation, [input]: { n: 1, password: "p" }, [output]: [1, 2] })).toMatchObject(expected);
  });

  it("of OpenLLMetry over MCP has the arguments alone; of another dialect what it says", () => {
    const call = { "traceloop.span.kind": "tool" };
    const input = '{"tool_name":"dice","arguments":{"sides":6}}';
    expect(tool({ ...call, "traceloop.entity.input": input }).args).toBe('{"sides":6}');
    expect(tool({ ...call, "traceloop.entity.input": '{"tool_name":"dice"}' }).args).toBe("{}");
    expect(tool({ ...call, "traceloop.entity.input": '{"args":[1]}' }).args).toBe('{"args":[1]}');
    expect(tool({ ...call, "traceloop.entity.input": "{no json" }).args).toBe('"{no json"');
    expect(tool({ ...call, "gen_ai.tool.call.arguments": input }).args).toBe(input);
  });
});

describe("a user", () => {
  it.for(["user.id", "langfuse.user.id", "ai.telemetry.metadata.userId", "traceloop.association.properties.user_id"])(
    "is read from %s",
    (name) => expect(request({ "gen_ai.operation.name": "chat", [name]: "42" }).userId).toBe("42"),
  );
});

// contract §2: "prompt and reply attributes are never read."; §6: "Prompts and replies are never stored."
describe("prompts and replies of any dialect", () => {
  const CONTENT = [
    "input.value",
    "output.value",
    "llm.prompts.0.content",
    "llm.completions.0.content",
    "llm.input_messages.0.message.content",
    "llm.output_messages.0.message.content",
    "llm.prompt_template.variables",
    "embedding.embeddings.0.embedding.text",
    "retrieval.documents.0.document.content",
    "traceloop.entity.input",
    "traceloop.entity.output",
    "ai.prompt",
    "ai.prompt.messages",
    "ai.response.text",
    "ai.response.object",
    "ai.response.reasoning",
    "ai.response.toolCalls",
    "ai.value",
    "ai.values",
    "ai.embedding",
    "ai.embeddings",
    "langfuse.observation.input",
    "langfuse.observation.output",
    "langfuse.trace.input",
    "gen_ai.input.messages",
    "gen_ai.system_instructions",
  ];
  const secrets = Object.fromEntries(CONTENT.map((name) => [name, "SECRET"]));

  it("are in no request", () => {
    expect(JSON.stringify(request({ "openinference.span.kind": "LLM", ...secrets }))).not.toContain("SECRET");
  });

  it.for(CONTENT)("are in no log line: %s", (name) => {
    const line = mapping.record(record({ [name]: "SECRET", "ai.response.id": "kept" }), KEY) as LogFact;
    expect(line.meta).toBe('{"ai.response.id":"kept"}');
  });

  it.for(["gen_ai.content.prompt", "gen_ai.content.completion"])("are no log line as the older event %s", (name) => {
    expect(mapping.record(record({}, { eventName: name }), KEY)).toBeUndefined();
  });
});
