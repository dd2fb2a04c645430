import { describe, expect, test } from "vitest";
import { converse } from "../../src/bot/converse.ts";
import { BUILT_IN, createToolbox } from "../../src/bot/tools/toolbox.ts";
import type { Fault } from "../../src/demo/faults.ts";
import type { ProviderCall } from "../../src/demo/provider.ts";
import { CHANNELS, OTHER_CHANNELS, type SimulatedChannel } from "../../src/demo/simulated-channels.ts";
import { createRandom } from "../../src/demo/random.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ASK, attempts, script, startChain, status } from "./chain.ts";

const PROTOCOLS = [CHANNELS[0]!, ...OTHER_CHANNELS].map((channel) => [channel.adapter ?? "openai", channel] as const);

/** A chain whose first channel speaks the protocol, with a backup that speaks OpenAI's. */
async function start(channel: SimulatedChannel, faults?: Fault[]) {
  const seen: ProviderCall[] = [];
  const { outage: _, ...first } = channel;
  const chain = await startChain({
    channels: [first, CHANNELS[1]!],
    faults: script({ [channel.id]: faults ?? [] }),
    onCall: (call) => seen.push(call),
  });
  return { ...chain, seen, name: channel.models[0].name };
}

describe.each(PROTOCOLS)("a channel of the protocol %s", (adapter, channel) => {
  test("answers, and its request has what the provider counted", async () => {
    const { channels, recorder, seen, name } = await start(channel);
    const system = { role: "system" as const, content: "Be brief. ".repeat(100) };
    const answer = await channels.complete({ ...ASK, prompt: [system, ...ASK.prompt] });
    expect(answer).toMatchObject({ channel: channel.id, model: name, calls: [] });
    expect(answer.text.length).toBeGreaterThan(3);
    const [request] = recorder.requests;
    expect(request).toMatchObject({
      provider: channel.provider,
      channel: channel.id,
      model: name,
      responseModel: name,
      firstChunk: true,
      failed: false,
    });
    expect(seen).toMatchObject([{ stream: true, status: 200 }]);
    const { inputTokens, outputTokens, cachedTokens = 0, reasoningTokens = 0 } = request!.usage!;
    expect([inputTokens, outputTokens]).toEqual([seen[0]!.usage!.prompt_tokens, seen[0]!.usage!.completion_tokens]);
    expect(cachedTokens).toBeGreaterThan(0);
    expect(cachedTokens).toBeLessThan(inputTokens!);
    expect(reasoningTokens > 0).toBe(channel.models[0].reasons === true);
    expect(recorder.channels[0]).toMatchObject({ id: channel.id, adapter });
  });

  test("its model calls tools, and answers out of their results", async () => {
    const { channels, recorder } = await start(channel);
    const toolbox = createToolbox(() => BUILT_IN, recorder.instrument, {
      clock: systemClock,
      random: createRandom(1).next,
    });
    const prompt = [
      {
        role: "user" as const,
        content: [{ type: "text" as const, text: "What is the weather like in Tokyo / Berlin?" }],
      },
    ];
    const answer = await converse(prompt, undefined, { channels, toolbox, rounds: 3 });
    expect(answer.text).toContain("Tokyo");
    expect(answer.text).toContain("Berlin");
    expect(recorder.tools.map(({ name, args, failed }) => [name, args, failed])).toEqual([
      ["get_weather", { city: "Tokyo" }, false],
      ["get_weather", { city: "Berlin" }, false],
    ]);
    expect(attempts(recorder)).toEqual([channel.id, channel.id]);
  });

  test.each([
    ["429", status(429), "429"],
    ["503", status(503), "503"],
    ["a cut connection", { kind: "dies", chunks: 3, politely: false }, "connection"],
    ["a stream that ends without an end", { kind: "dies", chunks: 3, politely: true }, "stream_ended"],
  ] as [string, Fault, string][])("%s: tried again, then the next channel", async (_, fault, type) => {
    const { channels, recorder } = await start(channel, [fault, fault]);
    expect((await channels.complete(ASK)).channel).toBe(CHANNELS[1]!.id);
    expect(attempts(recorder)).toEqual([`${channel.id} ${type}`, `${channel.id} ${type}`, CHANNELS[1]!.id]);
  });

  test("a wrong key is not tried again", async () => {
    const { channels, recorder } = await start(channel, [status(401)]);
    expect((await channels.complete(ASK)).channel).toBe(CHANNELS[1]!.id);
    expect(attempts(recorder)).toEqual([`${channel.id} 401`, CHANNELS[1]!.id]);
  });
});
