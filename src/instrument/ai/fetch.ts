import { providerOf } from "../../lib/model-provider.ts";
import { request } from "../instrument.ts";
import { quiet } from "../quiet.ts";
import { watchBody } from "./body.ts";
import { askedBy, createAnswerReader, type Asked } from "./protocols.ts";

type Fetch = typeof globalThis.fetch;

export interface ObserveFetchOptions {
  /** `bot.channel.id`: the configured way to the provider, or how to tell it from the URL that is asked. */
  channel: string | ((url: URL) => string);
  /** `gen_ai.provider.name`; default: what the host is known as, else whose protocol it is. */
  provider?: string;
  /** Default: the global one. */
  fetch?: Fetch;
}

export function observeCalls({ channel, provider, fetch }: ObserveFetchOptions): Fetch {
  const own = fetch ?? globalThis.fetch;
  return (input, init) => {
    const url = quiet(() => new URL(input instanceof Request ? input.url : String(input)));
    const asked = url && quiet(() => askedBy(url));
    if (url === undefined || asked === undefined || (init?.method ?? methodOf(input)) !== "POST")
      return own(input, init);
    const target = {
      operation: asked.operation,
      provider: provider ?? providerOf(url.hostname, asked.protocol),
      model: asked.model ?? modelIn(init?.body) ?? "unknown",
      channel: quiet(() => (typeof channel === "string" ? channel : channel(url))) ?? "unknown",
    };
    return call(target, asked, () => own(input, init));
  };
}

/** The request ends with the body of its answer. */
function call(target: Parameters<typeof request>[0], asked: Asked, send: () => Promise<Response>): Promise<Response> {
  const answered = Promise.withResolvers<Response>();
  request(target, async (record) => {
    const response = await send();
    if (!response.ok) record.fail({ status: response.status, message: `HTTP ${response.status}` });
    if (!response.ok || response.body === null) return answered.resolve(response);
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
    const answer = createAnswerReader(asked.protocol, record);
    const { body, ended } = watchBody(response.body, isStream, record, answer);
    answered.resolve(withBody(response, body));
    await ended;
  }).catch(answered.reject); // of an open answer the reader hears by its body
  return answered.promise;
}

/** A `Response` that is made has no URL: the clients' own messages name it. */
function withBody(response: Response, body: ReadableStream<Uint8Array>): Response {
  const { status, statusText, headers, url, redirected } = response;
  const made = new Response(body, { status, statusText, headers });
  return Object.defineProperties(made, { url: { value: url }, redirected: { value: redirected } });
}

function methodOf(input: Parameters<Fetch>[0]): string {
  return input instanceof Request ? input.method : "GET";
}

/** The model of a JSON body, which all clients send as a text. */
function modelIn(body: unknown): string | undefined {
  if (typeof body !== "string") return undefined;
  const { model } = quiet(() => JSON.parse(body) as { model?: unknown }) ?? {};
  return typeof model === "string" ? model : undefined;
}
