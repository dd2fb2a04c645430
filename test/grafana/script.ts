import type { Item } from "../oracle/items.ts";
import * as make from "../oracle/makers.ts";

const CHANNELS = ["openai-main", "deepseek-backup"] as const;

/** What a bot is and has, as it announces it. */
export function announcements(at: number): Item[] {
  const state = (eventName: string, attributes: Record<string, unknown>) =>
    make.record("", { at, eventName, attributes });
  const channel = (id: string, status: string, breaker?: string) =>
    state("bot.channel.state", {
      "bot.channel.id": id,
      "bot.channel.status": status,
      ...(breaker === undefined ? {} : { "bot.channel.breaker": breaker }),
    });
  return [
    state("bot.state", { "bot.id": "3001", "bot.platform": "onebot", "bot.connected": true }),
    channel(CHANNELS[0], "error", "open"),
    channel(CHANNELS[1], "active", "closed"),
    // One that announces no breaker, and is down: its alert is soon pending.
    channel("local-qwen", "error"),
  ];
}

/**
 * One turn of a scripted bot: a message, a request that fails, one to another channel instead, a tool call, an answer;
 * and whatever else a metric counts. Each kind of series is in every turn.
 */
export function turn(n: number, at: number): Item[] {
  const said = make.message({
    at,
    took: 900,
    user: `user${n % 7}`,
    group: n % 3 === 0 ? undefined : `group${n % 2}`,
    responses: 1,
    more: { "bot.response.wait": 0.2 + (n % 5) / 10 },
  });
  const inside = { parent: said, at: at - 5 };
  const streamed = { "gen_ai.response.time_to_first_chunk": 0.05 + (n % 4) / 50 };
  const parts = {
    "gen_ai.usage.cache_creation.input_tokens": 5,
    "gen_ai.usage.reasoning.output_tokens": 4,
    ...streamed,
    "bot.channel.previous": CHANNELS[0],
  };
  const failed = { error: true, errorType: n % 2 === 0 ? "429" : "503", provider: "openai", model: "gpt-4o" };
  return [
    said,
    make.request({ ...inside, ...failed, channel: CHANNELS[0], took: 30 + (n % 9) }),
    make.request({
      ...inside,
      provider: "deepseek",
      model: "deepseek-chat",
      channel: CHANNELS[1],
      took: 200 + 10 * (n % 30),
      input: 100 + n,
      output: 20,
      cached: 60,
      more: parts,
    }),
    make.request({
      ...inside,
      operation: "embeddings",
      provider: "openai",
      model: "embed",
      channel: CHANNELS[1],
      took: 9,
    }),
    make.tool({ ...inside, name: "get_weather", took: 40 + n, args: '{"city":"Oslo"}', result: '{"sky":"clear"}' }),
    make.tool({ ...inside, name: "calculate", took: 3, error: true, errorType: "bad_expression" }),
    make.record("the answer was late", {
      at,
      severity: 17,
      inside: said,
      attributes: { "bot.channel.id": CHANNELS[1] },
    }),
  ];
}
