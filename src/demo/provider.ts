import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChannelSettings } from "../config/settings.ts";
import type { Clock } from "../lib/clock.ts";
import { chunksOf, wholeOf } from "./chunks.ts";
import { embeddingsOf, type EmbeddingsRequest } from "./embeddings.ts";
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
  /** Told of every call whose model it knows, as it is answered. */
  onCall?(call: ProviderCall): void;
}

/** What the provider saw of a call, and what it answered. */
export interface ProviderCall {
  channel: string;
  kind: "chat" | "embeddings";
  model: string;
  stream: boolean;
  status: number;
  /** Absent where the call was refused, or its stream was left. */
  usage?: { prompt_tokens: number; completion_tokens?: number };
}

/** A simulated provider of OpenAI-compatible chat completions and embeddings, over HTTP on a loopback port. */
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
  request: ModelRequest | EmbeddingsRequest;
  fault?: Fault;
  response: ServerResponse;
}

const KINDS: ReadonlyMap<string, ProviderCall["kind"]> = new Map([
  ["/chat/completions", "chat"],
  ["/embeddings", "embeddings"],
]);

/** Bytes of a request's body. */
const MAX_BODY = 1024 * 1024;

export async function startProvider(options: ProviderOptions): Promise<Provider> {
  const { channels, clock, faults, model: answerOf = simulatedModel, slowness = 1, onCall } = options;
  const [words, waits] = [options.random.fork("words"), options.random.fork("waits")];
  let [calls, underWay] = [0, 0];

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const channel = channels.find(({ path }) => incoming.url?.startsWith(`${path}/`));
    const kind = KINDS.get(incoming.url?.slice(channel?.path.length) ?? "");
    if (channel === undefined || kind === undefined || incoming.method !== "POST") return refuse(response, 404);
    calls += 1;
    if (incoming.headers.authorization !== `Bearer ${channel.apiKey}`) return refuse(response, 401);
    const request = await readBody(incoming, kind);
    const model = channel.models.find(({ name }) => name === request?.model);
    if (request === undefined || model === undefined) return refuse(response, request === undefined ? 400 : 404);
    const fault = faults(channel, clock.now());
    await respond({ channel, model, request, fault, response });
  }

  async function respond(call: Call): Promise<void> {
    const { model, request, fault, response } = call;
    if (fault?.kind === "hangs") return;
    if (fault?.kind === "status") {
      await pause(model.firstChunk / 4, response);
      tell(call, fault.status);
      return refuse(response, fault.status, fault.retryAfter);
    }
    if (!("messages" in request)) {
      const answer = embeddingsOf(request);
      await pause(model.firstChunk / 4, response);
      tell(call, 200, answer.usage);
      return json(response, 200, answer);
    }
    await talk(call, request);
  }

  async function talk(call: Call, request: ModelRequest): Promise<void> {
    const { model, fault, response } = call;
    const answer = answerOf(request, words);
    const reasoning = model.reasons === true ? waits.whole(60, 600) : undefined;
    const answered = { id: `chatcmpl-${calls}`, at: clock.now(), model, reasoning };
    const whole = wholeOf(request, answer, answered);
    await pause(model.firstChunk, response);
    if (request.stream !== true) {
      tell(call, 200, whole.usage);
      return json(response, 200, whole);
    }
    const chunks = chunksOf(request, answer, answered);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    for (const [index, chunk] of chunks.entries()) {
      if (fault?.kind === "dies" && index >= fault.chunks) return fault.politely ? void response.end() : die(response);
      if (index > 0) await pause(model.nextChunk, response);
      if (response.closed) return;
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    }
    tell(call, 200, whole.usage);
    response.end("data: [DONE]\n\n");
  }

  function tell({ channel, model, request }: Call, status: number, usage?: ProviderCall["usage"]): void {
    const chat = "messages" in request;
    const stream = chat && request.stream === true;
    onCall?.({ channel: channel.id, kind: chat ? "chat" : "embeddings", model: model.name, stream, status, usage });
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
  json(response, status, { error });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Ends the connection in the middle. */
function die(response: ServerResponse): void {
  response.destroy();
}

async function readBody(incoming: IncomingMessage, kind: ProviderCall["kind"]): Promise<Call["request"] | undefined> {
  let body = "";
  for await (const part of incoming.setEncoding("utf8")) {
    body += part as string;
    if (body.length > MAX_BODY) return undefined;
  }
  try {
    const request = JSON.parse(body) as (Partial<ModelRequest> & Partial<EmbeddingsRequest>) | null;
    if (typeof request?.model !== "string") return undefined;
    if (kind === "embeddings") return isInput(request.input) ? (request as EmbeddingsRequest) : undefined;
    return Array.isArray(request.messages) ? (request as ModelRequest) : undefined;
  } catch {
    return undefined;
  }
}

function isInput(input: unknown): boolean {
  return typeof input === "string" || (Array.isArray(input) && input.every((text) => typeof text === "string"));
}
