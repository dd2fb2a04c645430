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

/** @returns whether a botel answers there, and whether it shows the demo's data; undefined where nobody does */
export async function findRunning(url: string): Promise<{ demo: boolean } | undefined> {
  try {
    const { demo } = await get<StatusData>(url, "/api/system/status");
    return { demo };
  } catch {
    return undefined;
  }
}

/** @throws {Error} where it does not answer */
export async function askRunning(url: string): Promise<Answered> {
  const [stats, models, tools, channels, metrics] = await Promise.all([
    get<StatsData>(url, "/api/stats?period=all"),
    get<ModelsData>(url, "/api/stats/models?period=all"),
    get<ToolsData>(url, "/api/stats/tools?period=all"),
    get<ChannelsData>(url, "/api/stats/channels?period=all"),
    text(url, "/metrics"),
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

async function get<Data>(url: string, path: string): Promise<Data> {
  const envelope = JSON.parse(await text(url, path)) as { success: boolean; data: Data; error?: string };
  if (!envelope.success) throw new Error(`${path}: ${envelope.error ?? "no answer"}`);
  return envelope.data;
}

async function text(url: string, path: string): Promise<string> {
  const answer = await fetch(url + path, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status}`);
  return answer.text();
}
