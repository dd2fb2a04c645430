import { TracerProvider } from "@opentelemetry/sdk-trace";
import { expect, test } from "vitest";
import { createCapture } from "../../src/instrument/capture.ts";
import { createFactProcessor } from "../../src/instrument/processor.ts";
import { Captured, mapping } from "../instrument/captured.ts";

const MINUTE = 60_000;

// contract §2: "Unfinished: in the bot's process a request or tool call open for longer than `unfinishedAfter` (10 min)
// becomes a failed fact with `error.type = "unfinished"`": what another instrumentation in the same process never ends, too.
test.for([
  ["OpenInference", { "openinference.span.kind": "LLM", "llm.model_name": "gpt-4o" }],
  ["the AI SDK", { "ai.operationId": "ai.streamText.doStream", "ai.model.id": "gpt-4o" }],
  ["Langfuse", { "langfuse.observation.type": "generation", "langfuse.observation.model.name": "gpt-4o" }],
  ["older OpenLLMetry", { "llm.request.type": "chat", "gen_ai.request.model": "gpt-4o" }],
] as const)("a call of %s that never ends is an unfinished request", ([, attributes]) => {
  const captured = new Captured();
  let now = Date.now();
  const processor = createFactProcessor({
    mapping,
    sink: captured,
    clock: { now: () => now, mono: () => now },
    capture: createCapture((line) => captured.lines.push(line)),
    unfinishedAfter: 10 * MINUTE,
  });
  new TracerProvider({ spanProcessors: [processor] }).getTracer("other").startSpan("a call", { attributes });
  expect(processor.inFlight()).toBe(1);
  now += 11 * MINUTE;
  processor.sweep();
  expect(captured.facts).toMatchObject([{ kind: "request", model: "gpt-4o", failed: true, errorType: "unfinished" }]);
});
