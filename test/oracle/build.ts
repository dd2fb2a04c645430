import type { Attributes, Item, RecordItem, SpanItem } from "./items.ts";
import { FAILING, NAMES } from "./pools.ts";
import type { Call, Turn } from "./turns.ts";

const MS = 1_000_000n;
const DAY_MS = 86_400_000;
/** Raw facts are kept for 90 days; what is generated is younger, or surely refused. */
export const KEPT_MS = 89 * DAY_MS;

/** Ids that no other scenario has, and no two spans of one. */
export interface Ids {
  trace(): string;
  span(): string;
  serial(): number;
}

export function idsOf(salt: bigint): Ids {
  let next = 0;
  const hex = (value: bigint, digits: number): string => value.toString(16).padStart(digits, "0").slice(-digits);
  return {
    trace: () => hex(salt, 16) + hex(BigInt((next += 1)), 16),
    span: () => hex(salt + BigInt((next += 1)), 16),
    serial: () => (next += 1),
  };
}

const compact = (attributes: Record<string, unknown>): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as Attributes;

function requestAttributes({
  operation,
  model,
  responseModel,
  channel,
  provider,
  tokens,
}: Call): Record<string, unknown> {
  return {
    "gen_ai.operation.name": operation,
    "gen_ai.request.model": model,
    "gen_ai.response.model": responseModel,
    "bot.channel.id": channel,
    "gen_ai.provider.name": provider,
    "gen_ai.usage.input_tokens": tokens?.input,
    "gen_ai.usage.output_tokens": tokens?.output,
    "gen_ai.usage.cache_read.input_tokens": tokens?.cached,
    "gen_ai.usage.reasoning.output_tokens": tokens && Math.min(tokens.reasoned, tokens.output),
  };
}

function toolAttributes({ kind, tool, args, result }: Call): Record<string, unknown> {
  return {
    ...(kind === "mcp" ? { "mcp.method.name": "tools/call" } : { "gen_ai.operation.name": "execute_tool" }),
    "gen_ai.tool.name": tool,
    "gen_ai.tool.call.arguments": args,
    "gen_ai.tool.call.result": result,
  };
}

function callSpan(call: Call, traceId: string, parentId: string | undefined, atNs: bigint, ids: Ids): SpanItem {
  const { kind, own } = call;
  const ending = endingOf(call);
  const endNs = atNs + call.offset;
  return {
    type: "span",
    traceId,
    spanId: ids.span(),
    parentId,
    name: kind,
    startNs: endNs - call.duration,
    endNs,
    error: ending === "error" || ending === "exception",
    statusMessage: ending === "error" ? "API rate limit exceeded" : undefined,
    exception:
      ending === "exception"
        ? { type: "Error", message: "it broke", stacktrace: "Error: it broke\n    at x" }
        : undefined,
    attributes: compact({
      ...(kind === "request" ? requestAttributes(call) : toolAttributes(call)),
      "error.type": ending === "errorType" ? "timeout" : undefined,
      "user.id": own?.user,
      "bot.group.id": own?.group,
    }),
  };
}

/** One channel mostly fails, so that five in a row do. */
function endingOf({ kind, channel, ending, duration }: Call): Call["ending"] {
  const bad = kind === "request" && channel === FAILING && ending === "fine" && duration % 8n !== 0n;
  return bad ? "error" : ending;
}

function plainSpan(
  traceId: string,
  parentId: string | undefined,
  ns: bigint,
  ids: Ids,
  attributes: Attributes,
): SpanItem {
  const span = { type: "span" as const, traceId, spanId: ids.span(), parentId, name: "step" };
  return { ...span, startNs: ns - 5n, endNs: ns, error: false, attributes };
}

/** A call with what is around it, in an order of arrival in which every nesting is known when it must be decided. */
function cluster(call: Call, traceId: string, rootId: string | undefined, atNs: bigint, ids: Ids): Item[] {
  const args = call.args ?? '{"from":"outside"}';
  const around = { ...call, args, ending: "fine" as const, offset: call.offset + 7n, duration: call.duration + 9n };
  const chain: SpanItem[] = [];
  const add = (span: SpanItem): string => {
    chain.unshift(span);
    return span.spanId;
  };
  let parent = rootId;
  if (call.outer !== "none") parent = add(callSpan(around, traceId, parent, atNs, ids));
  if (call.outer === "twice") parent = add(callSpan(around, traceId, parent, atNs, ids));
  if (call.outer === "plain") parent = add(plainSpan(traceId, parent, atNs, ids, {}));
  if (call.outer === "agent")
    parent = add(plainSpan(traceId, parent, atNs, ids, { "gen_ai.operation.name": "invoke_agent" }));
  if (call.outer === "other") {
    const between = { ...around, kind: call.kind === "request" ? ("tool" as const) : ("request" as const) };
    parent = add(callSpan(between, traceId, parent, atNs, ids));
  }
  const inner = callSpan(call, traceId, parent, atNs, ids);
  const spans: Item[] = [inner, ...chain];
  if (call.outerFirst) spans.reverse();
  if (call.errorRecord === "no" || endingOf(call) === "fine") return spans;
  const record = errorRecord(inner, ids);
  return call.errorRecord === "before" ? [record, ...spans] : [...spans, record];
}

function errorRecord({ traceId, spanId, endNs }: SpanItem, ids: Ids): RecordItem {
  return {
    type: "record",
    timeNs: endNs - 3n * MS,
    severity: 17,
    body: `call failed ${ids.serial()}`,
    attributes: { "exception.stacktrace": "Error: as logged\n    at y" },
    traceId,
    spanId,
  };
}

/** Which name somebody has at an instant: the same for all that happens at that instant. */
function nameAt(id: string | undefined, ns: bigint, named: boolean): string | undefined {
  if (id === undefined || (!named && ns % 2n === 0n)) return undefined;
  return NAMES[(Number(ns % 7919n) + id.length) % NAMES.length];
}

function messageSpan(
  m: Turn["messages"][number],
  index: number,
  traceId: string,
  spanId: string,
  atNs: bigint,
): SpanItem {
  const endNs = atNs + m.offset;
  return {
    type: "span",
    traceId,
    spanId,
    name: "message onebot",
    // No two of a trace start at once: then the earliest would be open.
    startNs: endNs - ((m.duration / 8n) * 8n + BigInt(index)),
    endNs,
    error: m.failed,
    attributes: compact({
      "bot.operation.name": "message",
      "bot.platform": "onebot",
      "bot.id": m.bot,
      "user.id": m.user,
      "user.name": nameAt(m.user, endNs, m.named && m.user !== "10002"),
      "bot.group.id": m.group,
      "bot.group.name": nameAt(m.group, endNs, m.named),
      "bot.response.count": m.responses,
    }),
  };
}

function logRecord(l: Turn["lines"][number], traceId: string, spanId: string, atNs: bigint, ids: Ids): RecordItem {
  return {
    type: "record",
    timeNs: atNs + l.offset,
    severity: l.severity,
    body: `${l.body} ${ids.serial()}`,
    eventName: l.content ? "gen_ai.client.inference.operation.details" : undefined,
    attributes: compact({
      "user.id": l.own,
      "gen_ai.request.model": l.model,
      "bot.channel.id": l.channel,
      "exception.stacktrace": l.stack,
      "app.n": 1.5,
      "app.ok": true,
    }),
    ...(l.inTrace ? { traceId, spanId } : {}),
  };
}

export interface Clock {
  nowMs: number;
  edges: readonly number[];
}

function instantOf({ at, pick }: Turn["when"], { nowMs, edges: all }: Clock): bigint {
  const last = nowMs - 1000;
  if (at === "any") return BigInt(Math.floor(last - pick * KEPT_MS)) * MS + BigInt(Math.floor(pick * 999_983));
  if (at === "edge" && all.length > 0)
    return BigInt(all[Math.min(all.length - 1, Math.floor(pick * all.length))]!) * MS;
  if (at === "ahead") return BigInt(nowMs + 3_600_000) * MS;
  if (at === "gone") return BigInt(nowMs - 93 * DAY_MS) * MS;
  return BigInt(Math.floor(last - pick * 240_000)) * MS;
}

/** Items with the place in the order of arrival that they want; those of a cluster arrive in one life of the bot. */
export type Placed = { key: number; item: Item; cluster: object }[];

export function place(turn: Turn, index: number, clock: Clock, ids: Ids): Placed {
  const traceId = ids.trace();
  const rootId = ids.span();
  const atNs = instantOf(turn.when, clock);
  const random = (): number => turn.order.next().value!;
  const placed: Placed = [];
  const put = (items: readonly Item[], last: boolean): void => {
    const keys = items.map(() => (last ? 1 + random() / 100 : random())).sort((a, b) => a - b);
    for (const [i, item] of items.entries()) placed.push({ key: index + keys[i]! * turn.spread, item, cluster: items });
  };
  for (const one of turn.calls) put(cluster(one, traceId, rootId, atNs, ids), false);
  for (const one of turn.lines) put([logRecord(one, traceId, rootId, atNs, ids)], false);
  for (const [i, one] of turn.messages.entries()) {
    put([messageSpan(one, i, traceId, i === 0 ? rootId : ids.span(), atNs)], turn.natural);
  }
  return [...placed, ...repeats(turn, placed)];
}

/** Some spans are delivered again, later. */
function repeats({ again }: Turn, placed: Placed): Placed {
  const chosen = again.flatMap((n) => placed.slice(n, n + 1)).filter(({ item }) => item.type === "span");
  return chosen.map(({ key, item }, i) => ({ key: key + 0.5 + i * 3, item, cluster: {} }));
}
