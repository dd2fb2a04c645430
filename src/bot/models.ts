import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { ChannelSettings } from "../config/settings.ts";

/** Gives a channel's model by its name. */
export type Models = (model: string) => LanguageModelV4;

/**
 * @param channel says which protocol its provider speaks; the AI SDK's package for that is imported at the first use only:
 *   it takes time and memory
 */
export async function openModels({ adapter, id, baseUrl: baseURL, apiKey }: ChannelSettings): Promise<Models> {
  const key = apiKey || "none"; // some local servers want no key; the SDKs insist on one
  switch (adapter) {
    case "openai": {
      const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
      const provider = createOpenAICompatible({ name: id, baseURL, apiKey: key, includeUsage: true });
      return (model) => provider.chatModel(model);
    }
    case "claude": {
      const { createAnthropic } = await import("@ai-sdk/anthropic");
      const provider = createAnthropic({ baseURL, apiKey: key });
      return (model) => provider.languageModel(model);
    }
    case "gemini": {
      const { createGoogle } = await import("@ai-sdk/google");
      const provider = createGoogle({ baseURL, apiKey: key });
      return (model) => provider.languageModel(model);
    }
  }
}
