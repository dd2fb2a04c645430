import { trace } from "@opentelemetry/api";
import type { Span, Tracer } from "@opentelemetry/api";
import { expect, it } from "vitest";
import { instrument as bot } from "../../src/index.ts";

const MESSAGE = { platform: "qq", botId: "1", userId: "42" };
const REQUEST = { provider: "openai", model: "gpt-4o", channel: "main" };

async function turn(): Promise<unknown> {
  bot.announceBot({ botId: "1", platform: "qq", connected: true });
  return bot.message(MESSAGE, async (handle) => {
    const one = await bot.request(REQUEST, (request) => {
      request.firstChunk();
      request.usage({ inputTokens: 1 });
      request.responseModel("m");
      request.fail(new Error("x"));
      return 1;
    });
    const two = await bot.tool({ name: "t", args: {} }, (call) => {
      call.fail("no");
      return 2;
    });
    bot.log("info", "text");
    handle.responded();
    handle.fail(undefined);
    return [one, two];
  });
}

it("without an SDK only runs the work", async () => {
  expect(await turn()).toEqual([1, 2]);
  const trouble = new Error("the bot's own");
  await expect(bot.message(MESSAGE, () => Promise.reject(trouble))).rejects.toBe(trouble);
});

it("with an SDK that throws at every step only runs the work, once", async () => {
  const boom = (): never => {
    throw new Error("a broken SDK");
  };
  const span = new Proxy({} as Span, { get: () => boom });
  const throwing = { startSpan: boom } as unknown as Tracer;
  const halfway = { startSpan: () => span } as unknown as Tracer;
  for (const tracer of [throwing, halfway]) {
    trace.disable();
    trace.setGlobalTracerProvider({ getTracer: () => tracer });
    expect(await turn()).toEqual([1, 2]);
  }
  trace.disable();
});
