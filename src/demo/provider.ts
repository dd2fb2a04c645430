import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChannelSettings } from "../config/settings.ts";
import type { Clock } from "../lib/clock.ts";
import { claude } from "./dialects/claude.ts";
import { type ChatRoute, type Dialect } from "./dialects/dialect.ts";
import { gemini } from "./dialects/gemini.ts";
import { openai } from "./dialects/openai.ts";
import { embeddingsOf, readEmbeddings, type EmbeddingsRequest } from "./embeddings.ts";
import { STATUS_TEXT, type Fault, type Faults } from "./faults.ts";
import { simulatedModel, type Model, type ModelRequest } from "./model.ts";
import type { Random } from "./random.ts";
import { usageOf } from "./usage.ts";
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

/**
 * Simulated providers over HTTP on a loopback port: OpenAI-compatible chat completions and embeddings, Anthropic's
 * messages, Google's Gemini.
 */
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
  dialect: Dialect;
  model: SimulatedModel;
  request: ModelRequest | EmbeddingsRequest;
  fault?: Fault;
  response: ServerResponse;
}

const DIALECTS: Readonly<Record<ChannelSettings["adapter"], Dialect>> = { openai, claude, gemini };

/** Bytes of a request's body. */
const MAX_BODY = 1024 * 1024;

export async function startProvider(options: ProviderOptions): Promise<Provider> {
  const { channels, clock, faults, model: answerOf = simulatedModel, slowness = 1, onCall } = options;
  const [words, waits] = [options.random.fork("words"), options.random.fork("waits")];
  let [calls, underWay] = [0, 0];

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = "", method, headers } = incoming;
    const channel = channels.find(({ path }) => url.startsWith(`${path}/`));
    const dialect = DIALECTS[adapterOf(channel)];
    const route = routeOf(dialect, url.slice(channel?.path.length));
    if (channel === undefined || route === undefined || method !== "POST") return refuse(response, dialect, 404);
    calls += 1;
    if (dialect.keyOf(headers) !== channel.apiKey) return refuse(response, dialect, 401);
    const request = readRequest(await readBody(incoming), dialect, route);
    const model = channel.models.find(({ name }) => name === request?.model);
    if (request === undefined || model === undefined) {
      return refuse(response, dialect, request === undefined ? 400 : 404);
    }
    const fault = faults(channel, clock.now());
    await respond({ channel, dialect, model, request, fault, response });
  }

  async function respond(call: Call): Promise<void> {
    const { model, request, fault, response } = call;
    if (fault?.kind === "hangs") return;
    if (fault?.kind === "status") {
      await pause(model.firstChunk / 4, response);
      tell(call, fault.status);
      return refuse(response, call.dialect, fault.status, fault.retryAfter);
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
    const { dialect, model, fault, response } = call;
    const answer = answerOf(request, words);
    const reasoning = model.reasons === true ? waits.whole(60, 600) : undefined;
    const usage = usageOf(request, answer, reasoning);
    const answered = { id: `chatcmpl-${calls}`, at: clock.now(), model, answer, usage };
    await pause(model.firstChunk, response);
    if (request.stream !== true) {
      tell(call, 200, usage);
      return json(response, 200, dialect.whole(answered));
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    for (const [index, frame] of dialect.frames(answered).entries()) {
      if (fault?.kind === "dies" && index >= fault.chunks) return fault.politely ? void response.end() : die(response);
      if (index > 0) await pause(model.nextChunk, response);
      if (response.closed) return;
      response.write(`${frame}\n`);
    }
    tell(call, 200, usage);
    response.end();
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
  const adapter = adapterOf(channel);
  return { id, name, provider, adapter, baseUrl: origin + path, apiKey, models, priority, enabled: true };
}

function adapterOf(channel: SimulatedChannel | undefined): ChannelSettings["adapter"] {
  return channel?.adapter ?? "openai";
}

function refuse(response: ServerResponse, dialect: Dialect, status: number, retryAfter?: number): void {
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  const message = STATUS_TEXT[status] ?? "The request is not understood";
  json(response, status, dialect.refusal(status, message));
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Ends the connection in the middle. */
function die(response: ServerResponse): void {
  response.destroy();
}

async function readBody(incoming: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  let body = "";
  for await (const part of incoming.setEncoding("utf8")) {
    body += part as string;
    if (body.length > MAX_BODY) return undefined;
  }
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What a request asks for: a chat, as its dialect says, or embeddings, which OpenAI's alone has here. */
function routeOf(dialect: Dialect, path: string): ChatRoute | "embeddings" | undefined {
  return dialect === openai && path === "/embeddings" ? "embeddings" : dialect.route(path);
}

function readRequest(
  body: Record<string, unknown> | undefined,
  dialect: Dialect,
  route: ChatRoute | "embeddings",
): Call["request"] | undefined {
  if (body === undefined) return undefined;
  return route === "embeddings" ? readEmbeddings(body) : dialect.read(body, route);
}
