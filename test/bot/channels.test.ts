import { describe, expect, test } from "vitest";
import { createChannels, NoChannelError } from "../../src/bot/channels.ts";
import { DEFAULT_PACE } from "../../src/bot/pace.ts";
import type { Fault } from "../../src/demo/faults.ts";
import type { SimulatedChannel } from "../../src/demo/simulated-channels.ts";
import { ASK, attempts, script, startChain, status } from "./chain.ts";
import { createRecorder } from "./recorder.ts";
import { ending, only, QUICK, startTestProvider, until } from "./world.ts";

test("the first channel in the order of priority answers, and the request carries what the provider said", async () => {
  const { channels, recorder } = await startChain();
  const answer = await channels.complete(ASK);
  expect(answer).toMatchObject({ channel: "openai-main", model: "gpt-4o", calls: [] });
  expect(answer.text.length).toBeGreaterThan(10);
  expect(recorder.requests).toHaveLength(1);
  expect(recorder.requests[0]).toMatchObject({
    provider: "openai",
    model: "gpt-4o",
    channel: "openai-main",
    responseModel: "gpt-4o",
    firstChunk: true,
    failed: false,
  });
  const { inputTokens = 0, outputTokens = 0 } = recorder.requests[0]?.usage ?? {};
  expect([inputTokens > 0, outputTokens > 0]).toEqual([true, true]);
});

test("priority decides, not the order of the settings; a disabled channel is announced and never asked", async () => {
  const provider = ending(await startTestProvider({ faults: () => undefined }));
  const recorder = createRecorder();
  const [openai, deepseek, qwen] = provider.channels;
  const settings = [
    { ...openai!, priority: 9 },
    { ...deepseek!, priority: 1, enabled: false },
    { ...qwen!, priority: 5 },
  ];
  const pace = { ...DEFAULT_PACE, ...QUICK };
  const channels = createChannels(settings, {
    instrument: recorder.instrument,
    pace,
    stop: new AbortController().signal,
  });
  expect((await channels.complete(ASK)).channel).toBe("local-qwen");
  const states = Object.fromEntries(recorder.channels.map(({ id, status }) => [id, status]));
  expect(states).toEqual({ "deepseek-backup": "disabled", "local-qwen": "active", "openai-main": "active" });
  expect(recorder.channels.find(({ id }) => id === "local-qwen")).toEqual({
    id: "local-qwen",
    name: "Qwen on the shelf",
    adapter: "openai",
    models: ["qwen2.5-7b-instruct"],
    status: "active",
    breaker: "closed",
    errorType: undefined,
  });
});

test("a chat's own model goes to the channels that have it first", async () => {
  const { channels, recorder } = await startChain({
    faults: script({ "deepseek-backup": [status(500), status(500)] }),
  });
  const answer = await channels.complete(ASK, "deepseek-reasoner");
  expect(answer).toMatchObject({ channel: "openai-main", model: "gpt-4o" });
  expect(recorder.requests.map(({ model }) => model)).toEqual(["deepseek-reasoner", "deepseek-reasoner", "gpt-4o"]);
});

describe('contract §1: "request: one call to a model through a channel, whatever its outcome; each retry and each failover counts"', () => {
  const cases: [string, Fault, string][] = [
    ["429", status(429), "429"],
    ["500", status(500), "500"],
    ["503", status(503), "503"],
    ["a stream that is cut off", { kind: "dies", chunks: 2, politely: false }, "connection"],
    ["a stream that ends without an end", { kind: "dies", chunks: 2, politely: true }, "stream_ended"],
    ["a provider that never answers", { kind: "hangs" }, "timeout"],
  ];
  test.each(cases)("%s: tried again, then the next channel", async (_name, fault, type) => {
    const { channels, recorder, provider } = await startChain({
      faults: script({ "openai-main": [fault, fault] }),
      pace: { firstChunk: fault.kind === "hangs" ? 1000 : 30_000 },
    });
    expect((await channels.complete(ASK)).channel).toBe("deepseek-backup");
    expect(attempts(recorder)).toEqual([`openai-main ${type}`, `openai-main ${type}`, "deepseek-backup"]);
    expect(recorder.requests.map(({ failed }) => failed)).toEqual([true, true, false]);
    // Only the request that goes elsewhere says so.
    expect(recorder.requests.map(({ previousChannel }) => previousChannel)).toEqual([
      undefined,
      undefined,
      "openai-main",
    ]);
    expect(recorder.requests).toHaveLength(provider.calls);
    const [warning] = recorder.logs;
    expect(warning).toMatchObject({ level: "warn", attributes: { "error.type": type } });
  });

  test("one that passes is tried again at the same channel, with no warning", async () => {
    const { channels, recorder } = await startChain({ faults: script({ "openai-main": [status(500)] }) });
    expect((await channels.complete(ASK)).channel).toBe("openai-main");
    expect(attempts(recorder)).toEqual(["openai-main 500", "openai-main"]);
    expect(recorder.logs).toEqual([]);
  });

  test("what would fail again is not tried again: a wrong key, an unknown model, a request that is refused", async () => {
    for (const code of [400, 401, 404]) {
      const { channels, recorder } = await startChain({ faults: script({ "openai-main": [status(code)] }) });
      expect((await channels.complete(ASK)).channel).toBe("deepseek-backup");
      expect(attempts(recorder)).toEqual([`openai-main ${code}`, "deepseek-backup"]);
    }
  });

  test("where all fail the caller is told, and every attempt is a request", async () => {
    const { channels, recorder } = await startChain({ faults: () => status(500) });
    await expect(channels.complete(ASK)).rejects.toThrow(NoChannelError);
    expect(recorder.requests).toHaveLength(6);
    expect(recorder.requests.every(({ failed }) => failed)).toBe(true);
  });

  test("a provider that cannot be reached is a failed request too", async () => {
    const { channels, provider, recorder } = await startChain({ channels: only("local-qwen") });
    await provider.stop();
    await expect(channels.complete(ASK)).rejects.toThrow(NoChannelError);
    expect(attempts(recorder)).toEqual(["local-qwen connection", "local-qwen connection"]);
  });
});

test("a short Retry-After is waited for, a long one is left for the next channel", async () => {
  const short = await startChain({
    faults: script({ "openai-main": [status(429, 0.06)] }),
    pace: { retryDelay: 60_000 },
  });
  expect((await short.channels.complete(ASK)).channel).toBe("openai-main");
  expect(attempts(short.recorder)).toEqual(["openai-main 429", "openai-main"]);
  const long = await startChain({ faults: script({ "openai-main": [status(429, 30)] }) });
  expect((await long.channels.complete(ASK)).channel).toBe("deepseek-backup");
  expect(attempts(long.recorder)).toEqual(["openai-main 429", "deepseek-backup"]);
});

test("a stream that stops in the middle is given up after a while without a chunk", async () => {
  const slow = only("local-qwen").map((channel): SimulatedChannel => {
    return { ...channel, models: [{ name: "qwen2.5-7b-instruct", firstChunk: 1, nextChunk: 10_000 }] };
  });
  const provider = ending(await startTestProvider({ faults: () => undefined, channels: slow, slowness: 1 }));
  const recorder = createRecorder();
  const pace = { ...DEFAULT_PACE, ...QUICK, nextChunk: 30, attempts: 1 };
  const channels = createChannels(provider.channels, {
    instrument: recorder.instrument,
    pace,
    stop: new AbortController().signal,
  });
  await expect(channels.complete(ASK)).rejects.toThrow("The answer did not go on in 30 ms");
  expect(recorder.requests[0]).toMatchObject({ failed: true, why: "timeout", firstChunk: true });
});

describe('contract §2: "Tokens = input + output, the provider\'s total. Cached and reasoning tokens are parts of those"', () => {
  test("the last usage wins where a provider tells it in every chunk", async () => {
    const { channels, recorder } = await startChain({ channels: only("local-qwen") });
    const said = await channels.complete(ASK);
    const other = await startChain({ channels: only("local-qwen").map((channel) => plain(channel)) });
    expect(await other.channels.complete(ASK)).toEqual(said);
    expect(recorder.requests[0]?.usage).toEqual(other.recorder.requests[0]?.usage);
  });

  test("a model that thinks tells it as a part of its output", async () => {
    const { channels, recorder } = await startChain();
    await channels.complete(ASK, "deepseek-reasoner");
    const { outputTokens = 0, reasoningTokens = 0 } = recorder.requests[0]?.usage ?? {};
    expect(reasoningTokens).toBeGreaterThanOrEqual(60);
    expect(outputTokens).toBeGreaterThan(reasoningTokens);
  });

  test("a long prompt is partly read from the provider's cache", async () => {
    const { channels, recorder } = await startChain();
    const system = { role: "system" as const, content: "Be brief. ".repeat(100) };
    await channels.complete({ ...ASK, prompt: [system, ...ASK.prompt] });
    const { inputTokens = 0, cachedTokens = 0 } = recorder.requests[0]?.usage ?? {};
    expect(cachedTokens).toBeGreaterThan(0);
    expect(cachedTokens).toBeLessThan(inputTokens);
  });
});

test("a stop ends the attempt under way, and asks no other channel", async () => {
  const { channels, recorder, provider, stop } = await startChain({ faults: () => ({ kind: "hangs" }) });
  const answer = channels.complete(ASK);
  await until(() => provider.calls === 1);
  stop.abort();
  await expect(answer).rejects.toThrow("The bot is stopping");
  expect(attempts(recorder)).toEqual(["openai-main aborted"]);
});

function plain(channel: SimulatedChannel): SimulatedChannel {
  const [model] = channel.models;
  return { ...channel, models: [{ ...model, cumulativeUsage: false }] };
}
