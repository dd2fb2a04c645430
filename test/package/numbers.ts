import { data } from "../started/ask.ts";
import { until } from "../started/until.ts";
import type { Bot } from "./installed.ts";

export interface Numbers {
  models: Record<string, { requests: number; tokens: number; errors: number }>;
  tools: Record<string, number>;
  messages: number;
  lines: string[];
}

export async function numbers(url: string): Promise<Numbers> {
  const { models } = await data<{ models: { model: string; requests: number; tokens: number; errors: number }[] }>(
    url,
    "/api/stats/models",
  );
  const { tools } = await data<{ tools: { name: string; calls: number }[] }>(url, "/api/stats/tools");
  const { summary } = await data<{ summary: { totalMessages: number } }>(url, "/api/stats");
  const { logs } = await data<{ logs: { message: string }[] }>(url, "/api/logs");
  return {
    models: Object.fromEntries(
      models.map(({ model, requests, tokens, errors }) => [model, { requests, tokens, errors }]),
    ),
    tools: Object.fromEntries(tools.map(({ name, calls }) => [name, calls])),
    messages: summary.totalMessages,
    lines: logs.map(({ message }) => message).toSorted(),
  };
}

/** What botel answers, as soon as it is that. */
export async function expectNumbers({ url, output }: Bot, expected: Partial<Numbers>): Promise<void> {
  const wanted = JSON.stringify(expected);
  await until(
    async () => {
      const all = await numbers(url);
      return JSON.stringify(Object.fromEntries(Object.keys(expected).map((key) => [key, all[key as keyof Numbers]])));
    },
    (got) => (got === wanted ? undefined : `it answers ${got}\n${output()}`),
    20_000,
  );
}
