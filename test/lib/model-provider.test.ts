import { expect, test } from "vitest";
import { providerOf } from "../../src/lib/model-provider.ts";

test.each([
  ["api.openai.com", "openai", "openai"],
  ["api.deepseek.com", "openai", "deepseek"],
  ["generativelanguage.googleapis.com", "openai", "gcp.gemini"],
  ["us-central1-aiplatform.googleapis.com", "gemini", "gcp.vertex_ai"],
  ["notdeepseek.com", "openai", "openai"],
  ["127.0.0.1", "claude", "anthropic"],
  ["127.0.0.1", "gemini", "gcp.gemini"],
] as const)("the provider behind %s, by the protocol of %s, is %s", (host, protocol, provider) => {
  expect(providerOf(host, protocol)).toBe(provider);
});
