import type { ChatCompletionChunk } from "openai/resources/chat/completions";

/** A call that the model asks for; `args` is JSON text, as the model wrote it. */
export interface AskedCall {
  id: string;
  name: string;
  args: string;
}

export interface Completion {
  text: string;
  calls: AskedCall[];
}

/** One streamed answer, put together chunk by chunk. */
export interface Collector {
  add(chunk: ChatCompletionChunk): void;
  /** Undefined while the provider has not said why it stopped: a stream that ends like that has died. */
  readonly finish: string | undefined;
  /** Characters so far. */
  readonly size: number;
  completion(): Completion;
}

export function createCollector(): Collector {
  const calls = new Map<number, AskedCall>();
  let [text, size] = ["", 0];
  let finish: string | undefined;

  return {
    add(chunk) {
      const choice = chunk.choices[0]; // the chunk with the usage has none
      if (choice === undefined) return;
      text += choice.delta.content ?? "";
      size += choice.delta.content?.length ?? 0;
      for (const part of choice.delta.tool_calls ?? []) {
        const call = calls.get(part.index) ?? { id: "", name: "", args: "" };
        calls.set(part.index, call);
        call.id ||= part.id ?? "";
        call.name ||= part.function?.name ?? "";
        call.args += part.function?.arguments ?? "";
        size += part.function?.arguments?.length ?? 0;
      }
      finish = choice.finish_reason ?? finish;
    },
    get finish() {
      return finish;
    },
    get size() {
      return size;
    },
    completion: () => ({ text: text.trim(), calls: [...calls.values()] }),
  };
}
