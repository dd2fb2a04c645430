import { randomBytes } from "node:crypto";
import type { Attributes, RecordItem, SpanItem } from "./items.ts";

/** Items by hand, for tests that know the answer. Times are epoch ms; what is not given is nothing special. */

const salt = randomBytes(8).toString("hex");
let serial = 0;

/** A trace id that no other item has. */
export function newTrace(): string {
  return salt + newSpan();
}

/** A span id that no other item has. */
export function newSpan(): string {
  return (serial += 1).toString(16).padStart(16, "0");
}

export interface SpanOptions {
  trace?: string;
  id?: string;
  parent?: SpanItem | string;
  /** Its end; a minute ago where it is not given. */
  at?: number;
  /** ms, also parts of one. */
  took?: number;
  error?: boolean;
  statusMessage?: string;
  exception?: SpanItem["exception"];
  user?: string;
  group?: string;
  more?: Attributes;
}

const ns = (ms: number): bigint => BigInt(Math.round(ms * 1000)) * 1000n;

function compact(attributes: Record<string, unknown>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as Attributes;
}

/** Any span. */
export function span(attributes: Record<string, unknown>, options: SpanOptions = {}): SpanItem {
  const { parent, at = Date.now() - 60_000, took = 1, error = false, statusMessage, exception } = options;
  const { trace = typeof parent === "object" ? parent.traceId : newTrace(), id = newSpan() } = options;
  return {
    type: "span",
    traceId: trace,
    spanId: id,
    parentId: typeof parent === "object" ? parent.spanId : parent,
    name: "a step",
    startNs: ns(at) - ns(took),
    endNs: ns(at),
    error,
    statusMessage,
    exception,
    attributes: compact({ ...attributes, "user.id": options.user, "bot.group.id": options.group, ...options.more }),
  };
}

export interface MessageOptions extends SpanOptions {
  bot?: string;
  name?: string;
  groupName?: string;
  responses?: number;
}

export function message({ bot = "3001", name, groupName, responses, ...options }: MessageOptions = {}): SpanItem {
  const attributes = {
    "bot.operation.name": "message",
    "bot.platform": "onebot",
    "bot.id": bot,
    "user.name": name,
    "bot.group.name": groupName,
    "bot.response.count": responses,
  };
  return span(attributes, options);
}

export interface RequestOptions extends SpanOptions {
  operation?: string;
  model?: string;
  channel?: string;
  provider?: string;
  input?: number;
  output?: number;
  cached?: number;
  errorType?: string;
}

export function request(options: RequestOptions = {}): SpanItem {
  const { operation = "chat", model, channel, provider, input, output, cached, errorType, ...rest } = options;
  const attributes = {
    "gen_ai.operation.name": operation,
    "gen_ai.request.model": model,
    "bot.channel.id": channel,
    "gen_ai.provider.name": provider,
    "gen_ai.usage.input_tokens": input,
    "gen_ai.usage.output_tokens": output,
    "gen_ai.usage.cache_read.input_tokens": cached,
    "error.type": errorType,
  };
  return span(attributes, rest);
}

export interface ToolOptions extends SpanOptions {
  name?: string;
  args?: unknown;
  result?: unknown;
  errorType?: string;
}

export function tool({ name = "get_time", args, result, errorType, ...options }: ToolOptions = {}): SpanItem {
  const attributes = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": name,
    "gen_ai.tool.call.arguments": args,
    "gen_ai.tool.call.result": result,
    "error.type": errorType,
  };
  return span(attributes, options);
}

export interface RecordOptions {
  at?: number;
  /** OTel severity number. */
  severity?: number;
  eventName?: string;
  attributes?: Record<string, unknown>;
  /** The span that it is logged in. */
  inside?: SpanItem;
}

export function record(body: string, options: RecordOptions = {}): RecordItem {
  const { at = Date.now() - 60_000, severity = 9, eventName, attributes = {}, inside } = options;
  return {
    type: "record",
    timeNs: ns(at),
    severity,
    body,
    eventName,
    attributes: compact(attributes),
    traceId: inside?.traceId,
    spanId: inside?.spanId,
  };
}

/** A state event of this moment. */
export function state(eventName: string, attributes: Record<string, unknown>): RecordItem {
  return record("", { at: Date.now(), eventName, attributes });
}
