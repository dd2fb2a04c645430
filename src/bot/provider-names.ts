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

/** @returns what is known of the host, else `otherwise` */
export function providerOf(baseUrl: string, otherwise: string): string {
  const { hostname } = new URL(baseUrl);
  return NAMES.find(([host]) => hostname === host || hostname.endsWith(`.${host}`))?.[1] ?? otherwise;
}
