import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { instrument as bot } from "../../src/index.ts";
import type { Sdk } from "../../src/instrument/sdk.ts";
import { Captured, startCaptured } from "./captured.ts";
import { startSinkServer } from "./sink-server.ts";
import type { SinkServer } from "./sink-server.ts";

let sink: SinkServer;
let captured: Captured;
let sdk: Sdk | undefined;

beforeEach(async () => {
  sink = await startSinkServer();
  captured = new Captured();
});
afterEach(async () => {
  await sdk?.stop(2000);
  sdk = undefined;
  vi.unstubAllEnvs();
  await sink.close();
});

/** Starts the SDK under these variables, which the exporters read out of the process's own environment. */
function start(env: Record<string, string>, more: Partial<Parameters<typeof startCaptured>[1]> = {}): Sdk {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  sdk = startCaptured(captured, { env: process.env, ...more });
  return sdk;
}

const MESSAGE = { platform: "qq", botId: "10001", userId: "42" };
const turn = () =>
  bot.message(MESSAGE, async () => {
    await bot.request({ provider: "openai", model: "gpt-4o", channel: "main" }, () => undefined);
    bot.log("info", "a line");
  });

describe("the place", () => {
  it("is left to OTEL_SDK_DISABLED: nothing is seen, and that is told", async () => {
    start({ OTEL_SDK_DISABLED: "true" });
    await turn();
    expect(sdk!.active).toBe(false);
    expect(captured.facts).toEqual([]);
    expect(captured.lines).toEqual([expect.stringContaining("OTEL_SDK_DISABLED")]);
    await sdk!.flush(10);
  });

  it("is free again after a stop", async () => {
    start({});
    await turn();
    await sdk!.stop(1000);
    await turn();
    expect(captured.facts).toHaveLength(3);
    start({});
    await turn();
    expect(captured.facts).toHaveLength(6);
  });

  it("is not taken from the next one by a second stop", async () => {
    const first = start({});
    await first.stop(1000);
    start({});
    await first.stop(1000);
    await turn();
    expect(captured.facts).toHaveLength(3);
  });

  it("tells a late SDK what was announced before it", async () => {
    bot.announceBot({ botId: "10001", platform: "qq", connected: true });
    start({});
    expect(captured.states).toMatchObject([{ event: "bot.state", botId: "10001", connected: true }]);
  });
});
