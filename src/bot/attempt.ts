import type { OpenAI } from "openai";
import type { ChatCompletionMessageParam, ChatCompletionTool } from "openai/resources/chat/completions";
import type { Instrument, RequestOptions, RequestRecord } from "../index.ts";
import { createCollector, type Completion } from "./completion.ts";
import { AttemptError, toAttemptError } from "./failure.ts";
import { startLimits, type Limits } from "./limits.ts";
import type { Pace } from "./pace.ts";
import { readUsage } from "./usage.ts";

/** What a turn asks a model for. */
export interface Ask {
  messages: ChatCompletionMessageParam[];
  tools: ChatCompletionTool[];
  /** False: the model has to answer in words now. */
  mayCall: boolean;
}

export interface AttemptOptions {
  client: OpenAI;
  instrument: Instrument;
  pace: Pace;
  /** Aborts with the bot. */
  stop: AbortSignal;
}

/** Characters of one answer; a model that goes on is cut off. */
const MAX_ANSWER = 64_000;

/**
 * One streamed call to a model: one request, whatever its outcome.
 *
 * @throws {AttemptError}
 */
export function attempt(target: RequestOptions, ask: Ask, options: AttemptOptions): Promise<Completion> {
  return options.instrument.request(target, async (record) => {
    const limits = startLimits(options.pace, options.stop);
    try {
      return await stream(target.model, ask, options.client, record, limits);
    } catch (error) {
      // The client ends an aborted stream as if it were complete: why it was aborted is known here only.
      throw toAttemptError(limits.signal.aborted ? limits.signal.reason : error);
    } finally {
      limits.clear();
    }
  });
}

async function stream(
  model: string,
  { messages, tools, mayCall }: Ask,
  client: OpenAI,
  record: RequestRecord,
  limits: Limits,
): Promise<Completion> {
  const chunks = await client.chat.completions.create(
    {
      model,
      messages,
      ...(tools.length > 0 && { tools, tool_choice: mayCall ? "auto" : "none" }),
      stream: true,
      stream_options: { include_usage: true },
    },
    { signal: limits.signal },
  );
  const collector = createCollector();
  for await (const chunk of chunks) {
    limits.heard();
    record.firstChunk();
    if (chunk.model) record.responseModel(chunk.model);
    if (chunk.usage) record.usage(readUsage(chunk.usage));
    collector.add(chunk);
    if (collector.size > MAX_ANSWER) throw new AttemptError("too_long", `The answer passed ${MAX_ANSWER} characters`);
  }
  if (collector.finish === undefined) throw new AttemptError("stream_ended", "The answer's stream ended early");
  return collector.completion();
}
