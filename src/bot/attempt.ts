import type { LanguageModelV4, LanguageModelV4FunctionTool, LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Instrument, RequestOptions, RequestRecord } from "../index.ts";
import { createCollector, type Completion } from "./completion.ts";
import { AttemptError, streamEnded, toAttemptError } from "./failure.ts";
import { startLimits, type Limits } from "./limits.ts";
import type { Models } from "./models.ts";
import type { Pace } from "./pace.ts";

/** What a turn asks a model for. */
export interface Ask {
  prompt: LanguageModelV4Prompt;
  tools: LanguageModelV4FunctionTool[];
  /** False: the model has to answer in words now. */
  mayCall: boolean;
}

export interface AttemptOptions {
  models: Models;
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
      return await read(options.models(target.model), ask, record, limits);
    } catch (error) {
      // Why it was aborted is known here only.
      throw toAttemptError(limits.signal.aborted ? limits.signal.reason : error);
    } finally {
      limits.clear();
    }
  });
}

async function read(
  model: LanguageModelV4,
  { prompt, tools, mayCall }: Ask,
  record: RequestRecord,
  limits: Limits,
): Promise<Completion> {
  const { stream } = await model.doStream({
    prompt,
    ...(tools.length > 0 && { tools, toolChoice: { type: mayCall ? "auto" : "none" } }),
    abortSignal: limits.signal,
    includeRawChunks: true,
  });
  const collector = createCollector(record);
  for await (const part of stream) {
    limits.heard();
    collector.add(part);
    if (collector.size > MAX_ANSWER) throw new AttemptError("too_long", `The answer passed ${MAX_ANSWER} characters`);
  }
  if (!collector.finished) throw streamEnded(collector.error);
  return collector.completion();
}
