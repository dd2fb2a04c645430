import { count, text } from "./items.ts";
import type { Item, RecordItem, SpanItem } from "./items.ts";

export type Kind = "message" | "request" | "tool";

/** A message, request or tool call as the oracle understands it. */
export interface Happened {
  kind: Kind;
  /** Order of arrival. */
  order: number;
  span: SpanItem;
  /** The span's end: when it happened. */
  ns: bigint;
  durationNs: bigint;
  failed: boolean;
  /** What it says of its failure. */
  text?: string;
  /** It is in the numbers; of calls, decided when they are nested. */
  counted: boolean;
  user?: string;
  group?: string;
  bot?: string;
  userName?: string;
  groupName?: string;
  responses: number;
  model: string;
  channel: string;
  tokens: number;
  tool: string;
  args: unknown;
  result: unknown;
}

export interface Logged {
  order: number;
  record: RecordItem;
  ns: bigint;
  user?: string;
}

const REQUEST_OPERATIONS = new Set(["chat", "text_completion", "generate_content", "embeddings"]);
const STATE_EVENTS = new Set(["bot.state", "bot.channel.state", "bot.inventory"]);
const CONTENT_EVENT = /^gen_ai\.(?:.*\.message|choice|client\.inference\.operation\.details)$/;
const AHEAD_NS = 600_000_000_000n;
const DAY_NS = 86_400_000_000_000n;

/** What kind of fact a span is (contract §2, the table), or none. */
export function kindOf(span: SpanItem): Kind | undefined {
  if (text(span, "bot.operation.name") === "message") return "message";
  const operation = text(span, "gen_ai.operation.name");
  if (operation !== undefined && REQUEST_OPERATIONS.has(operation)) return "request";
  if (operation === "execute_tool" || text(span, "mcp.method.name") === "tools/call") return "tool";
  return undefined;
}

/** Whether a record is a log line: no state event and no content event. */
export function isLogLine(record: RecordItem): boolean {
  const name = record.eventName ?? "";
  return !STATE_EVENTS.has(name) && !CONTENT_EVENT.test(name);
}

/** Tokens = input + output; caches that cannot be a part of the input are added to it. */
function tokensOf(span: SpanItem): number {
  const input = count(span, "gen_ai.usage.input_tokens");
  const cached =
    count(span, "gen_ai.usage.cache_read.input_tokens") + count(span, "gen_ai.usage.cache_creation.input_tokens");
  return input + (cached > input ? cached : 0) + count(span, "gen_ai.usage.output_tokens");
}

/** A string that holds JSON is parsed; absent is null. */
function jsonValue(value: unknown): unknown {
  if (typeof value !== "string") return value ?? null;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function happened(span: SpanItem, kind: Kind, order: number): Happened {
  const provider = text(span, "gen_ai.provider.name");
  return {
    kind,
    order,
    span,
    ns: span.endNs,
    durationNs: span.endNs - span.startNs,
    failed: span.error || text(span, "error.type") !== undefined,
    text: span.exception?.message ?? span.statusMessage,
    counted: kind === "message",
    user: text(span, "user.id"),
    group: text(span, "bot.group.id"),
    bot: text(span, "bot.id"),
    userName: text(span, "user.name"),
    groupName: text(span, "bot.group.name"),
    responses: count(span, "bot.response.count"),
    model: text(span, "gen_ai.request.model") ?? text(span, "gen_ai.response.model") ?? "unknown",
    channel: text(span, "bot.channel.id") ?? provider ?? "unknown",
    tokens: kind === "request" ? tokensOf(span) : 0,
    tool: text(span, "gen_ai.tool.name") ?? "unknown",
    args: jsonValue(span.attributes["gen_ai.tool.call.arguments"]),
    result: jsonValue(span.attributes["gen_ai.tool.call.result"]),
  };
}

/** Refused: over 10 min ahead, or older than raw facts are kept. */
function refused(ns: bigint, nowNs: bigint, keptDays: number): boolean {
  return ns > nowNs + AHEAD_NS || ns < nowNs - BigInt(keptDays) * DAY_NS;
}

export interface Read {
  spans: SpanItem[];
  facts: Happened[];
  logs: Logged[];
  states: RecordItem[];
}

/**
 * Reads what arrived: what was delivered again is dropped, what is no fact is put aside. Nothing is nested or joined yet.
 */
export function read(items: readonly Item[], nowNs: bigint, keptDays: number): Read {
  const out: Read = { spans: [], facts: [], logs: [], states: [] };
  const seen = new Set<string>();
  for (const [order, item] of items.entries()) {
    if (item.type === "record") {
      if (STATE_EVENTS.has(item.eventName ?? "")) out.states.push(item);
      else if (isLogLine(item) && !refused(item.timeNs, nowNs, keptDays)) {
        out.logs.push({ order, record: item, ns: item.timeNs, user: text(item, "user.id") });
      }
      continue;
    }
    const identity = `${item.traceId}/${item.spanId}/${item.endNs}`;
    if (seen.has(identity)) continue;
    seen.add(identity);
    const kind = kindOf(item);
    if (kind !== undefined && refused(item.endNs, nowNs, keptDays)) continue;
    out.spans.push(item);
    if (kind !== undefined) out.facts.push(happened(item, kind, order));
  }
  return out;
}
