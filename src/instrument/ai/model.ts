import { MODEL_KIND, PROVIDERS } from "../../contract/attributes.ts";
import type { RequestOptions } from "../api.ts";
import { request } from "../instrument.ts";
import { watchStream } from "./stream.ts";
import { describeAnswer } from "./answer.ts";

/** A language model of the AI SDK, as its specification has them (v2 to v4: AI SDK 5 to 7): what is used of it here. */
export interface Model {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  // Method signatures, so that models of every version of the specification fit.
  // oxlint-disable-next-line typescript/method-signature-style
  doGenerate(options: never): PromiseLike<object>;
  // oxlint-disable-next-line typescript/method-signature-style
  doStream(options: never): PromiseLike<{ stream: ReadableStream }>;
}

export interface ObserveOptions {
  /** `bot.channel.id`: the configured way to the provider. */
  channel: string;
  /** `gen_ai.provider.name`; default: what the model says, in the conventions' word. */
  provider?: string;
  /** `bot.channel.previous`: the channel that failed and that this one is asked instead of. */
  previousChannel?: string;
}

/** One call of a model, whatever its version: a request, with its outcome, its usage, and when its first chunk came. */
export function observeGenerate<T extends object>(
  { provider, modelId, specificationVersion }: Pick<Model, "provider" | "modelId" | "specificationVersion">,
  options: ObserveOptions,
  generate: () => PromiseLike<T>,
): Promise<T> {
  const target = targetOf(provider, modelId, options);
  return request(target, async (record) => {
    const answer = await generate();
    describeAnswer(record, answer, { ...target, version: specificationVersion });
    return answer;
  });
}

/** The request ends when the stream was read, failed, or is left; a stream that nobody reads ends as unfinished. */
export function observeStream<T extends { stream: ReadableStream }>(
  { provider, modelId, specificationVersion }: Pick<Model, "provider" | "modelId" | "specificationVersion">,
  options: ObserveOptions,
  open: () => PromiseLike<T>,
): Promise<T> {
  const target = targetOf(provider, modelId, options);
  const opened = Promise.withResolvers<T>();
  request(target, async (record) => {
    const answer = await open();
    const { stream, ended } = watchStream(answer.stream, record, { ...target, version: specificationVersion });
    opened.resolve({ ...answer, stream });
    await ended;
  }).catch(opened.reject); // of an open stream the reader hears by the stream itself
  return opened.promise;
}

function targetOf(provider: string, model: string, options: ObserveOptions): RequestOptions {
  return { ...options, model, provider: options.provider ?? providerOf(provider) };
}

/** `openai.chat` and `anthropic.messages` as the conventions call them. */
function providerOf(named: string): string {
  const bare = named.replace(MODEL_KIND, "");
  return Object.hasOwn(PROVIDERS, bare) ? (PROVIDERS[bare] as string) : bare;
}
