import { trace } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { instrument as bot } from "../../src/index.ts";
import type { Sdk } from "../../src/instrument/sdk.ts";
import { Captured, startCaptured } from "./captured.ts";

let captured: Captured;
let sdk: Sdk;

beforeEach(() => {
  vi.useFakeTimers();
  captured = new Captured();
  sdk = startCaptured(captured, { service: { name: "a-bot", version: "1.0.0" } });
});
afterEach(async () => {
  vi.useRealTimers();
  await sdk.stop(1000);
});

const CONNECTED = { botId: "10001", platform: "qq", connected: true };

describe("what is announced", () => {
  // contract §9: "It is sent when it changes and every 30 s;"
  it("is sent at once and every 30 s, as it was announced last", () => {
    bot.announceBot(CONNECTED);
    bot.announceBot({ ...CONNECTED, connected: false });
    bot.announceChannel({
      id: "main",
      name: "Main",
      adapter: "openai",
      status: "error",
      models: ["m"],
      errorType: "429",
    });
    bot.announceInventory({ features: ["mcp"], adapters: ["openai"], mcpServers: 1, tools: 5 });
    expect(captured.states).toHaveLength(4);
    captured.states = [];
    vi.advanceTimersByTime(29_999);
    expect(captured.states).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(captured.states).toMatchObject([
      { event: "bot.state", botId: "10001", platform: "qq", connected: false, service: "a-bot" },
      {
        event: "bot.channel.state",
        channelId: "main",
        name: "Main",
        adapter: "openai",
        status: "error",
        models: ["m"],
        errorType: "429",
      },
      { event: "bot.inventory", features: ["mcp"], adapters: ["openai"], mcpServers: 1, tools: 5 },
    ]);
    vi.advanceTimersByTime(60_000);
    expect(captured.states).toHaveLength(9);
  });

  // contract §9: "State events are no log lines."
  it("is no fact", () => {
    bot.announceBot(CONNECTED);
    expect(captured.facts).toEqual([]);
    expect(captured.states).toHaveLength(1);
  });

  it("is of no trace, wherever it was announced first", async () => {
    await sdk.stop(1000);
    vi.stubEnv("OTEL_LOGS_EXPORTER", "console");
    const written = vi.spyOn(console, "dir").mockImplementation(() => undefined);
    sdk = startCaptured(captured, { env: process.env });
    trace.getTracer("test").startActiveSpan("around", (span) => {
      bot.announceBot(CONNECTED);
      span.end();
    });
    vi.advanceTimersByTime(30_000);
    await sdk.flush(1000);
    expect(written.mock.calls.map(([line]) => [line.eventName, line.traceId])).toEqual([
      ["bot.state", undefined],
      ["bot.state", undefined],
    ]);
    written.mockRestore();
    vi.unstubAllEnvs();
  });

  it("says who sent it, so that two processes of one bot are told apart", () => {
    bot.announceBot(CONNECTED);
    expect(captured.states[0]!.instance).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("is bounded: past a thousand the oldest is no longer repeated", () => {
    for (let n = 0; n < 1001; n += 1) bot.announceBot({ ...CONNECTED, botId: `bot-${n}` });
    captured.states = [];
    vi.advanceTimersByTime(30_000);
    expect(captured.states).toHaveLength(1000);
    expect(captured.states[0]).toMatchObject({ botId: "bot-1" });
  });

  it("is announced no more after the stop", async () => {
    bot.announceBot(CONNECTED);
    await sdk.stop(1000);
    captured.states = [];
    sdk = startCaptured(captured);
    vi.advanceTimersByTime(90_000);
    expect(captured.states).toEqual([]);
  });
});
