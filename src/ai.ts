import { observeCalls, type ObserveFetchOptions } from "./instrument/ai/fetch.ts";
import { observeGenerate, observeStream, type Model, type ObserveOptions } from "./instrument/ai/model.ts";

import { wrapSteps, wrapTool } from "./instrument/wrap.ts";

export type { ObserveFetchOptions, ObserveOptions };

/**
 * A language model of the AI SDK (5, 6 and 7) whose every call is a request of botel's: its channel, outcome, usage, and
 * when the first chunk of a stream came. Each retry and each step of a conversation is a call, and counts.
 *
 * ```ts
 * const model = observeModel(openai("gpt-4o"), { channel: "openai-main" });
 * await generateText({ model, prompt });
 * ```
 *
 * It answers and fails as the model itself does. A stream ends its request when it was read to its end, when it fails, or
 * when its reader leaves it.
 */
export function observeModel<M extends Model>(model: M, options: ObserveOptions): M {
  return new Proxy(model, {
    get(target, key) {
      if (key === "doGenerate") {
        return (call: never) => observeGenerate(target, options, () => target.doGenerate(call));
      }
      if (key === "doStream") return (call: never) => observeStream(target, options, () => target.doStream(call));
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/**
 * The same as a middleware for `wrapLanguageModel` of AI SDK 7, for those who stack several; it sees what those inside of
 * it make of a call. For AI SDK 5 and 6: {@link observeModel}.
 */
export function requestMiddleware(options: ObserveOptions): RequestMiddleware {
  return {
    specificationVersion: "v4",
    wrapGenerate: ({ model, doGenerate }) => observeGenerate(model, options, doGenerate),
    wrapStream: ({ model, doStream }) => observeStream(model, options, doStream),
  };
}

/** Fits the AI SDK's `LanguageModelV4Middleware`. */
export interface RequestMiddleware {
  readonly specificationVersion: "v4";
  wrapGenerate: <T extends object>(call: { model: Named; doGenerate: () => PromiseLike<T> }) => Promise<T>;
  wrapStream: <T extends { stream: ReadableStream }>(call: {
    model: Named;
    doStream: () => PromiseLike<T>;
  }) => Promise<T>;
}

type Named = Pick<Model, "specificationVersion" | "provider" | "modelId">;

/**
 * A `fetch` for the clients of model providers (`openai`, `@anthropic-ai/sdk`, `@google/genai`, …): each call of a model
 * that goes through it is a request, each of a client's own retries too. It knows the protocols of OpenAI (chat
 * completions, responses, completions, embeddings), Anthropic (messages) and Google (Gemini) by their paths; anything else
 * passes as it is.
 *
 * ```ts
 * const openai = new OpenAI({ fetch: observeFetch({ channel: "openai-main" }) });
 * const claude = new Anthropic({ fetch: observeFetch({ channel: "claude-main" }) });
 * globalThis.fetch = observeFetch({ channel: "gemini-main" }); // @google/genai takes the global one
 * ```
 *
 * It answers and fails as `fetch` itself does. A request ends with its answer's body: when that was read, fails, or is left.
 */
export function observeFetch(options: ObserveFetchOptions): typeof globalThis.fetch {
  return observeCalls(options);
}

/**
 * Tools of the AI SDK whose every execution is a tool call of botel's, under the name that the model knows.
 *
 * ```ts
 * await generateText({ model, prompt, tools: observeTools({ dice }) });
 * ```
 */
export function observeTools<Tools extends Record<string, object>>(tools: Tools): Tools {
  const wrapped = Object.entries(tools).map(([name, tool]) => [name, observeTool(name, tool)]);
  return Object.fromEntries(wrapped) as Tools;
}

/** A tool without `execute` runs elsewhere. */
function observeTool(name: string, tool: { execute?: unknown }): object {
  const { execute } = tool;
  if (typeof execute !== "function") return tool;
  const run = (...args: unknown[]): unknown => execute.apply(tool, args);
  const isGenerator = execute.constructor.name === "AsyncGeneratorFunction";
  return { ...tool, execute: isGenerator ? wrapSteps(name, run) : wrapTool(name, run) };
}
