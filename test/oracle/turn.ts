import { text } from "./items.ts";
import type { SpanItem } from "./items.ts";
import { kindOf } from "./facts.ts";
import type { Happened, Logged, Read } from "./facts.ts";

/**
 * One call is one request: of spans of the same kind nested in each other the innermost counts, but an outer one that
 * was counted before its inner one came stays the one. Sets `counted`; an outer one that is not counted leaves its
 * arguments, result and error text to the inner one that has none.
 */
export function nest({ spans, facts }: Read): void {
  const factOf = new Map<SpanItem, Happened>(facts.map((fact) => [fact.span, fact]));
  for (const ofTrace of Map.groupBy(spans, ({ traceId }) => traceId).values()) {
    const arrived = new Map<string, SpanItem>();
    for (const span of ofTrace) {
      arrived.set(idOf(span.traceId, span.spanId), span);
      decide(span, arrived, factOf);
    }
  }
}

function decide(span: SpanItem, arrived: ReadonlyMap<string, SpanItem>, factOf: ReadonlyMap<SpanItem, Happened>): void {
  const fact = factOf.get(span);
  if (fact === undefined || fact.kind === "message") return;
  const outer = chainAbove(span, arrived).map((above) => factOf.get(above)!);
  const inner = [...arrived.values()]
    .filter((other) => other !== span && kindOf(other) === fact.kind && chainAbove(other, arrived).includes(span))
    .map((below) => factOf.get(below)!);
  fact.counted = ![...outer, ...inner].some((other) => other.counted);
  if (fact.counted) return;
  for (const below of inner) {
    if (!below.counted) continue;
    below.args ??= fact.args;
    below.result ??= fact.result;
    below.text ??= fact.text;
  }
}

function idOf(traceId: string, spanId: string): string {
  return `${traceId}/${spanId}`;
}

/** The spans of the same kind that a span is nested in, as far as they are known, from the nearest on. */
function chainAbove(span: SpanItem, arrived: ReadonlyMap<string, SpanItem>): SpanItem[] {
  const kind = kindOf(span);
  const chain: SpanItem[] = [];
  let at = span;
  while (at.parentId !== undefined) {
    const parent = arrived.get(idOf(at.traceId, at.parentId));
    if (parent === undefined || text(parent, "gen_ai.operation.name") === "invoke_agent") break;
    const parentKind = kindOf(parent);
    if (parentKind === kind) chain.push(parent);
    else if (parentKind !== undefined) break;
    at = parent;
  }
  return chain;
}

/**
 * User and group missing on a request, a tool call or a log record are taken from the turn's message: the earliest
 * started of the same trace, whenever it arrived.
 */
export function join({ facts, logs }: Read): void {
  const messages = new Map<string, Happened>();
  for (const fact of facts) {
    if (fact.kind !== "message") continue;
    const known = messages.get(fact.span.traceId);
    if (known === undefined || fact.span.startNs < known.span.startNs) messages.set(fact.span.traceId, fact);
  }
  for (const fact of facts) {
    if (fact.kind === "message") continue;
    const message = messages.get(fact.span.traceId);
    fact.user ??= message?.user;
    fact.group ??= message?.group;
  }
  for (const log of logs) {
    if (log.record.traceId !== undefined) log.user ??= messages.get(log.record.traceId)?.user;
  }
}

/** An item of `/api/logs/errors`. */
export interface ErrorItem {
  ns: bigint;
  error: string;
  stack: string | null;
  channel: string | null;
  model: string | null;
  traceId?: string;
}

/**
 * Error log records, failed requests and failed tool calls, in the order of arrival. A record and a failed fact of the
 * same span are one item: the first to arrive makes it and keeps its time and place, later ones fill what it lacks.
 */
export function errorItems({ facts, logs }: Read): ErrorItem[] {
  const failures = facts.filter(({ kind, failed, counted }) => kind !== "message" && failed && counted);
  const failing = new Set(failures.map(({ span }) => idOf(span.traceId, span.spanId)));
  const bySpan = new Map<string, ErrorItem>();
  const items: ErrorItem[] = [];
  const all = [
    ...failures.map((fact) => ({ order: fact.order, key: keyOf(fact.span), item: itemOfFact(fact) })),
    ...logs
      .filter(({ record }) => record.severity >= 17)
      .map((log) => ({ order: log.order, key: keyOf(log.record), item: itemOfLog(log) })),
  ];
  for (const { key, item } of all.sort((a, b) => a.order - b.order)) {
    const known = failing.has(key) ? bySpan.get(key) : undefined;
    if (known === undefined) {
      items.push(item);
      bySpan.set(key, item);
    } else {
      known.stack ??= item.stack;
      known.channel ??= item.channel;
      known.model ??= item.model;
    }
  }
  return items;
}

function keyOf({ traceId, spanId }: { traceId?: string; spanId?: string }): string {
  return idOf(traceId ?? "", spanId ?? "");
}

function itemOfFact({ kind, span, ns, channel, model, text: said }: Happened): ErrorItem {
  const request = kind === "request";
  return {
    ns,
    error: said ?? text(span, "error.type") ?? "",
    stack: span.exception?.stacktrace ?? null,
    channel: request ? channel : null,
    model: request ? model : null,
    traceId: span.traceId,
  };
}

function itemOfLog({ record, ns }: Logged): ErrorItem {
  return {
    ns,
    error: record.body,
    stack: text(record, "exception.stacktrace") ?? null,
    channel: text(record, "bot.channel.id") ?? null,
    model: text(record, "gen_ai.request.model") ?? null,
    traceId: record.traceId,
  };
}
