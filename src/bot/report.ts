/** botel's own API, as the bot asks it: `data` of a GET. Rejects where it does not answer. */
export type AskBotel = (path: string) => Promise<unknown>;

interface Stats {
  summary: Record<
    "totalMessages" | "aiResponses" | "toolCalls" | "tokensUsed" | "activeUsers" | "activeGroups",
    number
  >;
}

interface Models {
  models: { model: string; requests: number; tokens: number }[];
}

/** Models that are named. */
const SHOWN = 3;

/** @returns what `/stats` says: today and the last 30 days, of the group, or of all in a private chat */
export async function reportStats(ask: AskBotel, groupId: string | undefined): Promise<string> {
  const of = groupId === undefined ? "" : `&groupId=${encodeURIComponent(groupId)}`;
  const [today, month, models] = await Promise.all([
    ask(`/api/stats?period=day${of}`) as Promise<Stats>,
    ask(`/api/stats?period=month${of}`) as Promise<Stats>,
    ask(`/api/stats/models?period=month${of}`) as Promise<Models>,
  ]);
  return [
    groupId === undefined ? "All chats" : "This group",
    `Today: ${line(today)}`,
    `30 days: ${line(month)}`,
    ...models.models
      .slice(0, SHOWN)
      .map(({ model, requests, tokens }) => `${model}: ${requests} requests, ${tokens} tokens`),
  ].join("\n");
}

function line({ summary }: Stats): string {
  const { totalMessages, aiResponses, toolCalls, tokensUsed } = summary;
  return `${totalMessages} messages, ${aiResponses} answers, ${toolCalls} tool calls, ${tokensUsed} tokens`;
}
