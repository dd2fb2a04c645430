import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { ChannelSettings } from "../config/settings.ts";

/** Gives a channel's model by its name. */
export type Models = (model: string) => LanguageModelV4;

/**
 * @param channel says which protocol its provider speaks; the AI SDK's package for that is imported at the first use only:
 *   it takes time and memory
 */
export function openModels({ adapter, id, baseUrl, apiKey }: ChannelSettings): Promise<Models> {
  // Some local servers want no key; the SDKs insist on one.
  return OPENERS[adapter]({ name: id, baseURL: baseUrl, apiKey: apiKey || "none" });
}

interface Endpoint {
  name: string;
  baseURL: string;
  apiKey: string;
}

const OPENERS: Readonly<Record<ChannelSettings["adapter"], (endpoint: Endpoint) => Promise<Models>>> = {
  async openai(endpoint) {
    const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
    const provider = createOpenAICompatible({ ...endpoint, includeUsage: true });
    return (model) => provider.chatModel(model);
  },
  async claude({ baseURL, apiKey }) {
    const { createAnthropic } = await import("@ai-sdk/anthropic");
    const provider = createAnthropic({ baseURL, apiKey });
    return (model) => provider.languageModel(model);
  },
  async gemini({ baseURL, apiKey }) {
    const { createGoogle } = await import("@ai-sdk/google");
    const provider = createGoogle({ baseURL, apiKey });
    return (model) => provider.languageModel(model);
  },
};
