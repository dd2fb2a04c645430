import { afterAll, beforeAll } from "vitest";
import type { Item } from "../oracle/items.ts";
import { data } from "../started/ask.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, temporary } from "../started/started.ts";
import type { StartedBot } from "../started/started.ts";

/*
 * One bot for a file of tests, and what its API says of it. Every test asks for a group, a model, a tool or a channel of
 * its own.
 */

let bot: StartedBot;

export const get = async (path: string) => data<Record<string, never>>(bot.url, path);
export const feed = (...items: Item[]): Promise<void> => fed(bot, items);

beforeAll(async () => {
  bot = await startBot({ dataDir: temporary(), zone: "UTC" });
});
afterAll(cleanUp);

export interface Model {
  model: string;
  requests: number;
  tokens: number;
  avgLatency: number;
  errors: number;
}

export async function model(name: string): Promise<Model | undefined> {
  const { models } = (await get("/api/stats/models")) as unknown as { models: Model[] };
  return models.find((row) => row.model === name);
}

export async function toolRow(name: string): Promise<{ calls: number; avgDuration: number } | undefined> {
  const { tools } = (await get("/api/stats/tools")) as unknown as {
    tools: { name: string; calls: number; avgDuration: number }[];
  };
  return tools.find((row) => row.name === name);
}

export async function toolLog(name: string): Promise<Record<string, unknown>[]> {
  const { logs } = (await get(`/api/logs/tools?toolName=${name}`)) as unknown as { logs: Record<string, unknown>[] };
  return logs;
}

export async function ofGroup(group: string): Promise<Record<string, number>> {
  const { summary } = (await get(`/api/stats?groupId=${group}`)) as unknown as { summary: Record<string, number> };
  return summary;
}

export async function errorsNamed(text: string): Promise<Record<string, unknown>[]> {
  const { errors } = (await get("/api/logs/errors?limit=1000")) as unknown as { errors: Record<string, unknown>[] };
  return errors.filter(({ error }) => String(error).includes(text));
}
