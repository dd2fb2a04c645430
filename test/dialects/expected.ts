import type { ProviderCall } from "../../src/demo/provider.ts";
import type { CallName, Dialect } from "./dialect.ts";
import { EMBEDDING_MODEL, MODEL } from "./world.ts";

/** What a provider answers of a call's tokens, with their parts. */
interface Usage {
  prompt_tokens: number;
  completion_tokens?: number;
  prompt_tokens_details?: { cached_tokens: number };
  completion_tokens_details?: { reasoning_tokens: number };
}

interface Row {
  model: string;
  requests: number;
  tokens: number;
  errors: number;
}

/** What botel must answer of calls that the provider saw, where the package says what it can. */
export function expectedOf(seen: readonly ProviderCall[], dialect: Dialect) {
  const { neverEnds = [], withoutUsage = [], asChat = [], parts } = dialect;
  const rows = new Map<string, Row>();
  const [tokens, told, operations] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  for (const call of seen) {
    const name = nameOf(call);
    if (neverEnds.includes(name)) continue;
    const row = rows.get(call.model) ?? { model: call.model, requests: 0, tokens: 0, errors: 0 };
    rows.set(call.model, row);
    row.requests += 1;
    if (call.status !== 200) row.errors += 1;
    add(operations, name === "embeddings" && !asChat.includes(name) ? "embeddings" : "chat", 1);
    const usage: Usage | undefined = call.usage;
    if (usage === undefined || withoutUsage.includes(name)) continue;
    row.tokens += usage.prompt_tokens + (usage.completion_tokens ?? 0);
    add(tokens, "input", usage.prompt_tokens);
    add(tokens, "output", usage.completion_tokens ?? 0);
    if (parts.includes("cache_read")) add(told, "cache_read", usage.prompt_tokens_details?.cached_tokens ?? 0);
    if (parts.includes("reasoning")) add(told, "reasoning", usage.completion_tokens_details?.reasoning_tokens ?? 0);
  }
  const models = [MODEL, EMBEDDING_MODEL].map((model) => rows.get(model)).filter((row) => row !== undefined);
  const sum = (of: (row: Row) => number) => models.reduce((total, row) => total + of(row), 0);
  return {
    /** By requests, descending, as botel gives them. */
    models,
    channel: {
      id: dialect.channel ?? "openai",
      requests: sum((row) => row.requests),
      errors: sum((row) => row.errors),
    },
    tokens: Object.fromEntries(tokens),
    parts: Object.fromEntries(told),
    operations: Object.fromEntries(operations),
  };
}

function nameOf({ kind, stream, status }: ProviderCall): CallName {
  if (kind === "embeddings") return "embeddings";
  if (status !== 200) return "failure";
  return stream ? "stream" : "chat";
}

function add(into: Map<string, number>, key: string, n: number): void {
  if (n > 0) into.set(key, (into.get(key) ?? 0) + n);
}
