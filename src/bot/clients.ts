import type { OpenAI } from "openai";
import type { ChannelSettings } from "../config/settings.ts";

/** One client a channel. The SDK is imported at the first use only: it takes 100 ms and 40 MB. */
export interface Clients {
  of(channel: ChannelSettings): Promise<OpenAI>;
}

export function createClients(): Clients {
  const clients = new Map<string, OpenAI>();
  return {
    async of({ id, baseUrl, apiKey }) {
      const known = clients.get(id);
      if (known !== undefined) return known;
      const { OpenAI } = await import("openai/client");
      const client = new OpenAI({
        baseURL: baseUrl,
        apiKey: apiKey || "none", // some local servers want no key; the SDK insists on one
        adminAPIKey: null, // null: not out of the environment
        organization: null,
        project: null,
        webhookSecret: null,
        maxRetries: 0, // each attempt is ours, and a request of its own
        timeout: 600_000, // ours are shorter
        logLevel: "off",
      });
      clients.set(id, client);
      return client;
    },
  };
}
