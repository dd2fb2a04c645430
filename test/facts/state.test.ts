import { describe, expect, it } from "vitest";
import type { Attributes } from "../../src/contract/span.ts";
import { END_MS, KEY, mapping, record } from "./shapes.ts";

const RESOURCE = { "service.name": "a-bot", "service.instance.id": "i-1", "service.version": "1.2.3" };
const BASE = { timeMs: END_MS, service: "a-bot", instance: "i-1", version: "1.2.3" };

function state(eventName: string, attributes: Attributes) {
  return mapping.record(record(attributes, { eventName, body: undefined, resource: RESOURCE }), KEY);
}

describe("a state event", () => {
  // contract §9: `bot.id`, `bot.platform`, `bot.connected` (bool)
  it("says of a bot whether it is connected", () => {
    expect(state("bot.state", { "bot.id": 10_001, "bot.platform": "qq", "bot.connected": true })).toEqual({
      ...BASE,
      event: "bot.state",
      botId: "10001",
      platform: "qq",
      connected: true,
    });
  });

  // contract §9: `bot.channel.id`, `bot.channel.name`, `bot.channel.adapter`, `bot.channel.status` (`active`, `error`,
  // `disabled`), `bot.channel.breaker` (`closed`, `half_open`, `open`; absent: it has none), `bot.channel.models`
  // (strings), `error.type` (why)
  it.for(["active", "error", "disabled"])("says of a channel that it is %s", (status) => {
    const attributes = {
      "bot.channel.id": "openai-main",
      "bot.channel.name": "OpenAI",
      "bot.channel.adapter": "openai",
      "bot.channel.status": status,
      "bot.channel.breaker": "half_open",
      "bot.channel.models": ["gpt-4o", "gpt-4o-mini"],
      "error.type": "429",
    };
    expect(state("bot.channel.state", attributes)).toEqual({
      ...BASE,
      event: "bot.channel.state",
      channelId: "openai-main",
      name: "OpenAI",
      adapter: "openai",
      status,
      breaker: "half_open",
      models: ["gpt-4o", "gpt-4o-mini"],
      errorType: "429",
    });
  });

  // contract §9: `bot.features` (the names of those on), `bot.adapters` (strings), `bot.mcp.servers` (int), `bot.tools` (int)
  it("says what a bot has", () => {
    const attributes = {
      "bot.features": ["mcp", "memory"],
      "bot.adapters": ["openai"],
      "bot.mcp.servers": 2,
      "bot.tools": 17,
    };
    expect(state("bot.inventory", attributes)).toEqual({
      ...BASE,
      event: "bot.inventory",
      features: ["mcp", "memory"],
      adapters: ["openai"],
      mcpServers: 2,
      tools: 17,
    });
    expect(state("bot.inventory", {})).toMatchObject({ features: [], adapters: [], mcpServers: 0, tools: 0 });
  });

  // contract §9: "What is no fact but a state reaches botel as an OTel event: a log record with an event name, in process or
  // over OTLP. … State events are no log lines."
  it("is no log line, and is known by either way of naming an event", () => {
    const attributes = { "bot.id": "1", "bot.connected": false };
    expect(state("bot.state", attributes)).not.toHaveProperty("kind");
    expect(mapping.record(record({ ...attributes, "event.name": "bot.state" }), KEY)).toMatchObject({
      event: "bot.state",
      connected: false,
    });
  });

  it("is refused where it lacks its id or its state", () => {
    expect(state("bot.state", { "bot.connected": true })).toEqual({ refused: "invalid_id" });
    expect(state("bot.state", { "bot.id": "1", "bot.connected": "yes" })).toEqual({ refused: "invalid_state" });
    expect(state("bot.channel.state", { "bot.channel.status": "active" })).toEqual({ refused: "invalid_id" });
    expect(state("bot.channel.state", { "bot.channel.id": "1" })).toEqual({ refused: "invalid_state" });
  });
});
