/** `gen_ai.provider.name` by the end of an endpoint's host, as the conventions name them. */
const NAMES: readonly [host: string, provider: string][] = [
  ["openai.azure.com", "azure.ai.openai"],
  ["openai.com", "openai"],
  ["anthropic.com", "anthropic"],
  ["deepseek.com", "deepseek"],
  ["aiplatform.googleapis.com", "gcp.vertex_ai"],
  ["googleapis.com", "gcp.gemini"],
  ["groq.com", "groq"],
  ["mistral.ai", "mistral_ai"],
  ["moonshot.cn", "moonshot_ai"],
  ["perplexity.ai", "perplexity"],
  ["x.ai", "x_ai"],
];

/** Whose protocol it is: where the host says nothing. */
const OWNERS = { openai: "openai", claude: "anthropic", gemini: "gcp.gemini" } as const;

/** A protocol that models are asked by. */
export type Protocol = keyof typeof OWNERS;

/** @returns `gen_ai.provider.name`: what is known of the host, else whose protocol it is */
export function providerOf(hostname: string, protocol: Protocol): string {
  const known = NAMES.find(
    ([host]) => hostname === host || hostname.endsWith(`.${host}`) || hostname.endsWith(`-${host}`),
  );
  return known?.[1] ?? OWNERS[protocol];
}
