import type { ChannelSettings } from "../config/settings.ts";

/** `gen_ai.provider.name` by the end of an endpoint's host, as the conventions name them. */
const NAMES: readonly [host: string, provider: string][] = [
  ["openai.azure.com", "azure.ai.openai"],
  ["openai.com", "openai"],
  ["anthropic.com", "anthropic"],
  ["deepseek.com", "deepseek"],
  ["googleapis.com", "gcp.gemini"],
  ["groq.com", "groq"],
  ["mistral.ai", "mistral_ai"],
  ["moonshot.cn", "moonshot_ai"],
  ["perplexity.ai", "perplexity"],
  ["x.ai", "x_ai"],
];

/** Whose protocol it is: where the host says nothing. */
const OWNERS: Readonly<Record<ChannelSettings["adapter"], string>> = {
  openai: "openai",
  claude: "anthropic",
  gemini: "gcp.gemini",
};

/** @returns the provider as set, else what is known of its host, else whose protocol it speaks */
export function providerOf({ provider, baseUrl, adapter }: ChannelSettings): string {
  const { hostname } = new URL(baseUrl);
  const known = NAMES.find(([host]) => hostname === host || hostname.endsWith(`.${host}`));
  return provider ?? known?.[1] ?? OWNERS[adapter];
}
