import type { ChannelsData, ModelsData, StatsData, ToolsData } from "../contract/wire/stats.ts";
import type { StatusData } from "../contract/wire/system.ts";
import type { Totals, Truth } from "./totals.ts";

/** What a running botel answers. */
export interface Answered {
  json: Totals;
  metrics: Totals;
  answers: ReturnType<Truth["answers"]>;
}

const PATIENCE_MS = 10_000;

/** Where a botel runs, and the token by which it answers. */
export interface Running {
  url: string;
  token?: string;
}

/**
 * @returns whether a botel answers there, and whether it shows the demo's data; undefined where nobody does
 * @throws {Error} where it answers, but not to us
 */
export async function findRunning(at: Running): Promise<{ demo: boolean } | undefined> {
  try {
    const { demo } = await get<StatusData>(at, "/api/system/status");
    return { demo };
  } catch (error) {
    if (error instanceof Refused) throw error;
    return undefined;
  }
}

/** @throws {Error} where it does not answer */
export async function askRunning(at: Running): Promise<Answered> {
  const [stats, models, tools, channels, metrics] = await Promise.all([
    get<StatsData>(at, "/api/stats?period=all"),
    get<ModelsData>(at, "/api/stats/models?period=all"),
    get<ToolsData>(at, "/api/stats/tools?period=all"),
    get<ChannelsData>(at, "/api/stats/channels?period=all"),
    text(at, "/metrics"),
  ]);
  const { totalMessages, aiResponses, toolCalls, tokensUsed } = stats.summary;
  const sum = (of: readonly number[]) => of.reduce((total, number) => total + number, 0);
  return {
    json: {
      messages: totalMessages,
      responses: aiResponses,
      requests: sum(models.models.map(({ requests }) => requests)),
      "failed requests": sum(models.models.map(({ errors }) => errors)),
      "tool calls": toolCalls,
      tokens: tokensUsed,
    },
    metrics: {
      messages: sumOf(metrics, "bot_messages_total"),
      responses: sumOf(metrics, "bot_responses_total"),
      requests: sumOf(metrics, "bot_requests_total"),
      "failed requests": sumOf(metrics, "bot_requests_total", 'error_type="'),
      "tool calls": sumOf(metrics, "bot_tool_calls_total"),
      tokens: sumOf(metrics, "bot_tokens_total"),
    },
    answers: {
      daily: JSON.stringify(stats.daily.map((day) => [day.messages, day.responses, day.toolCalls, day.tokens])),
      models: JSON.stringify(models.models),
      tools: JSON.stringify(tools.tools),
      channels: JSON.stringify(
        channels.channels
          .filter(({ requests }) => requests > 0)
          .map(({ id, requests, errors }) => [id, requests, errors]),
      ),
    },
  };
}

/** Sum of a metric's samples in the text format. @param label what the series has to have among its labels */
function sumOf(scrape: string, name: string, label = ""): number {
  let total = 0;
  for (const line of scrape.split("\n")) {
    if (!line.startsWith(`${name}{`) || !line.includes(label)) continue;
    total += Number(line.slice(line.lastIndexOf(" ") + 1));
  }
  return total;
}

async function get<Data>(at: Running, path: string): Promise<Data> {
  const envelope = JSON.parse(await text(at, path)) as { success: boolean; data: Data; error?: string };
  if (!envelope.success) throw new Error(`${path}: ${envelope.error ?? "no answer"}`);
  return envelope.data;
}

class Refused extends Error {}

async function text({ url, token }: Running, path: string): Promise<string> {
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const answer = await fetch(url + path, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.status === 429) throw new Refused(`the botel at ${url} was asked too often: try again in a minute`);
  if (answer.status === 401 || answer.status === 403) {
    throw new Refused(`the botel at ${url} does not let us in: set BOTEL_TOKEN to a token with the scope read`);
  }
  if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status}`);
  return answer.text();
}
