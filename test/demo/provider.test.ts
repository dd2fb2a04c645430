import { once } from "node:events";
import { request } from "node:http";
import { createParser } from "eventsource-parser";
import { describe, expect, test } from "vitest";
import { createFaults, isOut, type Fault } from "../../src/demo/faults.ts";
import { createRandom } from "../../src/demo/random.ts";
import { CHANNELS } from "../../src/demo/simulated-channels.ts";
import { ending, startTestProvider, until } from "../bot/world.ts";

const [OPENAI, DEEPSEEK, QWEN] = CHANNELS as [
  (typeof CHANNELS)[number],
  (typeof CHANNELS)[number],
  (typeof CHANNELS)[number],
];

interface Chunk {
  choices: { delta: { content?: string; tool_calls?: object[] }; finish_reason: string | null }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number } | null;
}

function ask(
  url: string,
  key: string,
  model: string,
  content = "Tell me a joke",
  rest: object = {},
): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content }], stream: true, ...rest }),
  });
}

async function read(response: Response): Promise<{ chunks: Chunk[]; done: boolean }> {
  const events: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => events.push(data) });
  parser.feed(await response.text());
  const done = events.at(-1) === "[DONE]";
  return { chunks: events.filter((data) => data !== "[DONE]").map((data) => JSON.parse(data) as Chunk), done };
}

describe("the simulated provider", () => {
  test("streams chunks, a reason to stop, and the usage at the end", async () => {
    const provider = ending(await startTestProvider({ faults: () => undefined }));
    const response = await ask(provider.channels[0]!.baseUrl, OPENAI.apiKey, "gpt-4o");
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const { chunks, done } = await read(response);
    expect(done).toBe(true);
    const last = chunks.at(-1);
    expect(last?.choices).toEqual([]);
    expect(last?.usage?.total_tokens).toBe((last?.usage?.prompt_tokens ?? 0) + (last?.usage?.completion_tokens ?? 0));
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });

  test("one model tells the usage so far in every chunk, ever more of it", async () => {
    const provider = ending(await startTestProvider({ faults: () => undefined }));
    const { chunks } = await read(await ask(provider.channels[2]!.baseUrl, QWEN.apiKey, "qwen2.5-7b-instruct"));
    const tokens = chunks.map(({ usage }) => usage?.completion_tokens ?? -1);
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(Math.min(...tokens)).toBeGreaterThanOrEqual(0);
    expect(tokens[0]).toBeLessThan(tokens.at(-1) ?? 0);
  });

  test("calls a tool where it has one and the question asks for it", async () => {
    const provider = ending(await startTestProvider({ faults: () => undefined }));
    const url = provider.channels[0]!.baseUrl;
    const finish = async (rest: object) => {
      const { chunks } = await read(await ask(url, OPENAI.apiKey, "gpt-4o", "Roll 2d6 for me", rest));
      return chunks.map(({ choices }) => choices[0]?.finish_reason).findLast(Boolean);
    };
    expect(await finish({ tools: [{}] })).toBe("tool_calls");
    expect(await finish({ tools: [{}], tool_choice: "none" })).toBe("stop");
    expect(await finish({})).toBe("stop");
  });

  test("turns away a wrong key, an unknown model, an unknown path and what is no JSON", async () => {
    const provider = ending(await startTestProvider({ faults: () => undefined }));
    const url = provider.channels[0]!.baseUrl;
    expect((await ask(url, "guess", "gpt-4o")).status).toBe(401);
    expect((await ask(url, OPENAI.apiKey, "gpt-99")).status).toBe(404);
    expect((await ask(`${url}/nowhere`, OPENAI.apiKey, "gpt-4o")).status).toBe(404);
    const headers = { authorization: `Bearer ${OPENAI.apiKey}` };
    expect((await fetch(`${url}/chat/completions`, { method: "POST", headers, body: "{" })).status).toBe(400);
  });

  test("refuses as asked, with Retry-After", async () => {
    const faults = (): Fault => ({ kind: "status", status: 429, retryAfter: 3 });
    const provider = ending(await startTestProvider({ faults }));
    const response = await ask(provider.channels[0]!.baseUrl, OPENAI.apiKey, "gpt-4o");
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "3"]);
    expect(await response.json()).toMatchObject({ error: { message: "API rate limit exceeded" } });
  });

  test("a client that goes away in the middle does not keep it busy", async () => {
    const provider = ending(await startTestProvider({ faults: () => undefined, slowness: 1000 }));
    const url = new URL(`${provider.channels[0]!.baseUrl}/chat/completions`);
    const call = request(url, { method: "POST", headers: { authorization: `Bearer ${OPENAI.apiKey}` } });
    call.on("error", () => {});
    call.end(JSON.stringify({ model: "gpt-4o", messages: [] }));
    await once(call, "finish");
    await until(() => provider.underWay === 1);
    call.destroy();
    await until(() => provider.underWay === 0);
  });
});

describe("faults", () => {
  const count = 20_000;
  const draw = (seed: number, at = 0) => {
    const faults = createFaults(0, createRandom(seed));
    return Array.from({ length: count }, () => faults(DEEPSEEK, at));
  };

  test("are rare, of every kind, and the same for the same seed", () => {
    const drawn = draw(1);
    const part = (holds: (fault: Fault) => boolean) => drawn.filter((fault) => fault && holds(fault)).length / count;
    expect(part((fault) => fault.kind === "status" && fault.status === 429)).toBeCloseTo(0.02, 2);
    expect(part((fault) => fault.kind === "status" && fault.status === 500)).toBeCloseTo(0.01, 2);
    expect(part((fault) => fault.kind === "dies" && fault.politely)).toBeGreaterThan(0.001);
    expect(part((fault) => fault.kind === "dies" && !fault.politely)).toBeGreaterThan(0.001);
    expect(drawn).toEqual(draw(1));
    expect(drawn).not.toEqual(draw(2));
  });

  test("one channel fails for a minute every four minutes, the others never do", () => {
    const minutes = Array.from({ length: 12 }, (_, minute) => isOut(OPENAI, minute * 60_000 + 45_000));
    expect(minutes.flatMap((out, minute) => (out ? [minute] : []))).toEqual([1, 5, 9]);
    const faults = createFaults(0, createRandom(1));
    for (let n = 0; n < 50; n += 1) expect(faults(OPENAI, 100_000)).toEqual({ kind: "status", status: 503 });
    expect([isOut(DEEPSEEK, 100_000), isOut(QWEN, 100_000)]).toEqual([false, false]);
  });
});
