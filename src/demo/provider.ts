import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChannelSettings } from "../config/settings.ts";
import type { Clock } from "../lib/clock.ts";
import { chunksOf } from "./chunks.ts";
import { STATUS_TEXT, type Fault, type Faults } from "./faults.ts";
import { simulatedModel, type Model, type ModelRequest } from "./model.ts";
import type { Random } from "./random.ts";
import { LATENCY_MAX, LATENCY_SIGMA, type SimulatedChannel, type SimulatedModel } from "./simulated-channels.ts";

export interface ProviderOptions {
  channels: readonly SimulatedChannel[];
  random: Random;
  clock: Pick<Clock, "now">;
  faults: Faults;
  /** Default: {@link simulatedModel}. */
  model?: Model;
  /** What simulated waits are multiplied with; 0: it answers at once. */
  slowness?: number;
}

/** A simulated provider of OpenAI-compatible chat completions, over HTTP on a loopback port. */
export interface Provider {
  /** As the bot is to be configured. */
  readonly channels: ChannelSettings[];
  /** Calls since the start, refused ones too. */
  readonly calls: number;
  /** Of those, the ones under way. */
  readonly underWay: number;
  stop(): Promise<void>;
}

interface Call {
  channel: SimulatedChannel;
  model: SimulatedModel;
  request: ModelRequest;
  fault?: Fault;
  response: ServerResponse;
}

/** Bytes of a request's body. */
const MAX_BODY = 1024 * 1024;

export async function startProvider(options: ProviderOptions): Promise<Provider> {
  const { channels, clock, faults, model: answerOf = simulatedModel, slowness = 1 } = options;
  const [words, waits] = [options.random.fork("words"), options.random.fork("waits")];
  let [calls, underWay] = [0, 0];

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const channel = channels.find(({ path }) => incoming.url === `${path}/chat/completions`);
    if (channel === undefined || incoming.method !== "POST") return refuse(response, 404);
    calls += 1;
    if (incoming.headers.authorization !== `Bearer ${channel.apiKey}`) return refuse(response, 401);
    const request = await readBody(incoming);
    const model = channel.models.find(({ name }) => name === request?.model);
    if (request === undefined || model === undefined) return refuse(response, request === undefined ? 400 : 404);
    const fault = faults(channel, clock.now());
    await respond({ channel, model, request, fault, response });
  }

  async function respond(call: Call): Promise<void> {
    const { model, request, fault, response } = call;
    const answer = answerOf(request, words);
    const reasoning = model.reasons === true ? waits.whole(60, 600) : undefined;
    const chunks = chunksOf(request, answer, { id: `chatcmpl-${calls}`, at: clock.now(), model, reasoning });
    if (fault?.kind === "hangs") return;
    if (fault?.kind === "status") {
      await pause(model.firstChunk / 4, response);
      return refuse(response, fault.status, fault.retryAfter);
    }
    await pause(model.firstChunk, response);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    for (const [index, chunk] of chunks.entries()) {
      if (fault?.kind === "dies" && index >= fault.chunks) return fault.politely ? void response.end() : die(response);
      if (index > 0) await pause(model.nextChunk, response);
      if (response.closed) return;
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    }
    response.end("data: [DONE]\n\n");
  }

  /** Waits about `median` ms, or until the connection is gone: `stop` ends them all. */
  async function pause(median: number, response: ServerResponse): Promise<void> {
    const ms = Math.min(waits.spread(median, LATENCY_SIGMA), LATENCY_MAX) * slowness;
    if (ms < 1 || response.closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    response.once("close", resolve);
    await promise;
    clearTimeout(timer);
    response.off("close", resolve);
  }

  const server = createServer((incoming, response) => {
    response.on("error", () => {}); // the client went away
    underWay += 1;
    handle(incoming, response)
      .catch(() => die(response))
      .finally(() => (underWay -= 1));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    channels: channels.map((channel, index) => settingsOf(channel, origin, index + 1)),
    get calls() {
      return calls;
    },
    get underWay() {
      return underWay;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function settingsOf(channel: SimulatedChannel, origin: string, priority: number): ChannelSettings {
  const { id, name, provider, path, apiKey } = channel;
  const models = channel.models.map(({ name }) => name);
  return { id, name, provider, adapter: "openai", baseUrl: origin + path, apiKey, models, priority, enabled: true };
}

function refuse(response: ServerResponse, status: number, retryAfter?: number): void {
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  const error = { message: STATUS_TEXT[status] ?? "The request is not understood", type: "simulated", code: null };
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error }));
}

/** Ends the connection in the middle. */
function die(response: ServerResponse): void {
  response.destroy();
}

async function readBody(incoming: IncomingMessage): Promise<ModelRequest | undefined> {
  let body = "";
  for await (const part of incoming.setEncoding("utf8")) {
    body += part as string;
    if (body.length > MAX_BODY) return undefined;
  }
  try {
    const request = JSON.parse(body) as Partial<ModelRequest> | null;
    return typeof request?.model === "string" && Array.isArray(request.messages)
      ? (request as ModelRequest)
      : undefined;
  } catch {
    return undefined;
  }
}
