import { tokensOf } from "./usage.ts";

/** A request for embeddings, as far as the simulated provider reads it. */
export interface EmbeddingsRequest {
  model: string;
  input: string | readonly string[];
  encoding_format?: string;
}

/** @returns undefined where it is no such request */
export function readEmbeddings({
  model,
  input,
  encoding_format,
}: Record<string, unknown>): EmbeddingsRequest | undefined {
  const texts = Array.isArray(input) && input.every((text): text is string => typeof text === "string");
  if (typeof model !== "string" || (typeof input !== "string" && !texts)) return undefined;
  return { model, input, encoding_format: encoding_format === "base64" ? encoding_format : undefined };
}

/** @returns one short vector a text, and the usage */
export function embeddingsOf({ model, input, encoding_format: format }: EmbeddingsRequest) {
  const texts = typeof input === "string" ? [input] : input;
  const tokens = texts.reduce((sum, text) => sum + tokensOf(text), 0);
  return {
    object: "list",
    data: texts.map((text, index) => ({ object: "embedding", index, embedding: vectorOf(text, format === "base64") })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function vectorOf(text: string, base64: boolean): number[] | string {
  const vector = Float32Array.from([text.length / 1000, tokensOf(text) / 1000, 0.5]);
  return base64 ? Buffer.from(vector.buffer).toString("base64") : [...vector];
}
