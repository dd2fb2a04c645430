import { expect } from "vitest";
import type { z } from "zod";
import { message, request, tool } from "./facts.ts";
import { startWhole, type Whole } from "./whole.ts";

export const NOW = Date.UTC(2026, 10, 24, 12);
export const MINUTE = 60_000;
export const DAY = 86_400_000;
export const BASE = "/chatai/api";

/** `data` in the panel's envelope, as strict as its schema is. */
export async function panel<T extends z.ZodType>(of: Pick<Whole, "get">, path: string, schema: T): Promise<z.infer<T>> {
  const answer = await of.get(BASE + path);
  const body = (await answer.json()) as { code: number; data: unknown; message: string };
  expect([path, answer.status, body.code, body.message]).toEqual([path, 200, 0, "ok"]);
  expect(Object.keys(body)).toEqual(["code", "data", "message"]);
  return schema.parse(body.data);
}

const announced = {
  event: "bot.channel.state" as const,
  timeMs: NOW - 1000,
  channelId: "openai-main",
  name: "OpenAI 主渠道",
  status: "active" as const,
  models: ["gpt-4o", "gpt-4o-mini"],
};

const ms = (n: number): number => n * 1_000_000;
const [ada, bob] = [{ userId: "u1", groupId: "g1" }, { userId: "u2" }];

/** Two days: two messages at 11 h, one at 3 h, one yesterday; requests on two channels, one failed; tool calls, one failed. */
export async function fed(): Promise<Whole> {
  const whole = await startWhole({ nowMs: NOW });
  const failed = { failed: true, errorType: "timeout", errorMessage: "the model did not answer" };
  const facts = [
    message(NOW - 50 * MINUTE, { ...ada, responses: 1 }),
    message(NOW - 40 * MINUTE, ada),
    message(NOW - 9 * 3_600_000, bob),
    message(NOW - DAY, bob),
    request(NOW - MINUTE / 2, { ...ada, durationNs: ms(300), firstChunkNs: ms(20) }),
    request(NOW - 2 * MINUTE, {
      ...ada,
      durationNs: ms(100.5),
      inputTokens: 7,
      outputTokens: 3,
      model: "glm",
      channel: "spare",
      previousChannel: "openai-main",
    }),
    request(NOW - 3 * MINUTE, { ...bob, durationNs: ms(2000), outputTokens: 0, ...failed }),
    request(NOW - DAY, { durationNs: ms(1000), inputTokens: 1000, operation: "embeddings" }),
    tool(NOW - 5 * MINUTE, { ...ada, durationNs: ms(30), args: '{"city":"Ulm"}', result: '{"t":3}' }),
    tool(NOW - 6 * MINUTE, { ...bob, durationNs: ms(11.5), ...failed, stack: "Error: x\n    at y" }),
    tool(NOW - DAY, { tool: "roll", durationNs: 0 }),
  ];
  whole.take(facts, [announced]);
  return whole;
}
