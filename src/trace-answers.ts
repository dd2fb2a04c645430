import type { Answers } from "./api/deps.ts";
import { ATTRIBUTES, OPERATIONS, OTHER_ERROR, UNKNOWN } from "./contract/attributes.ts";
import type { Link, LogFact, RequestFact, SpanFact, Step, StoredFact } from "./contract/fact.ts";
import type { Json } from "./contract/fold.ts";
import { writeMilliseconds } from "./contract/wire/time.ts";
import type { TraceData, TraceSpan } from "./contract/wire/traces.ts";
import { compareCodePoints } from "./lib/order.ts";
import { cutText } from "./lib/text.ts";
import type { RemoteReader, TraceFound } from "./store/reader.ts";

/** Items of one answer at the most. */
const ITEMS = 2000;
/** Characters of a log record's message that are shown. */
const MESSAGE = 200;

/** What is stored of a trace as the data of `GET /api/traces/{traceId}`. */
export function traceAnswers(reader: RemoteReader): Pick<Answers, "trace"> {
  return { trace: async ({ traceId, at }) => traceData(traceId, await reader.trace(traceId, at)) };
}

/** An item at its place: both in ns, the start after a time that all share. */
interface Placed {
  startNs: number;
  durationNs: number;
  span: Omit<TraceSpan, "start" | "duration">;
}

function traceData(traceId: string, { facts, spans, cut }: TraceFound): TraceData | undefined {
  const originMs = facts[0]?.timeMs ?? spans[0]?.step?.timeMs ?? 0;
  const items = placedAround(originMs, facts, spans).toSorted(byStart);
  const [first] = items;
  if (first === undefined) return undefined;
  const { startNs } = first;
  const shown = items.slice(0, ITEMS);
  const endNs = items.reduce((end, item) => Math.max(end, item.startNs + item.durationNs), startNs);
  return {
    traceId,
    startTime: writeMilliseconds(originMs + Math.floor(startNs / 1e6)),
    duration: (endNs - startNs) / 1e6,
    spans: shown.map((item) => {
      const { spanId, parentId, kind, name, ...rest } = item.span;
      const [start, duration] = [(item.startNs - startNs) / 1e6, item.durationNs / 1e6];
      return { spanId, parentId, kind, name, start, duration, ...rest };
    }),
    ...((cut || shown.length < items.length) && { truncated: true as const }),
  };
}

function placedAround(originMs: number, facts: readonly StoredFact[], links: readonly Link[]): Placed[] {
  function placed({ timeMs, timeNs, durationNs = 0 }: Ended, span: Placed["span"]): Placed {
    return { startNs: (timeMs - originMs) * 1e6 + timeNs - durationNs, durationNs, span };
  }
  const items = facts.map((fact) => placed(fact, fact.kind === "log" ? logItem(fact) : callItem(fact)));
  for (const link of links) if (link.step) items.push(placed(link.step, stepItem(link, link.step)));
  return items;
}

interface Ended {
  timeMs: number;
  timeNs: number;
  durationNs?: number;
}

function byStart(a: Placed, b: Placed): number {
  return a.startNs - b.startNs || compareCodePoints(a.span.spanId, b.span.spanId);
}

const NOTHING = { model: null, channel: null, provider: null, tokens: null, tool: null, error: null };

function callItem(fact: Exclude<StoredFact, LogFact>): Placed["span"] {
  const { spanId, parentId, counted } = fact;
  const base = { ...NOTHING, spanId, parentId: parentId ?? null, counted, ...outcomeOf(fact) };
  if (fact.kind === "request") return { ...base, ...requestFields(fact) };
  if (fact.kind === "message") {
    const { kind, platform, responses } = fact;
    const attributes = attributesOf(fact, { platform, responses });
    return { ...base, kind, name: named(OPERATIONS.message, platform), attributes };
  }
  const { kind, tool, callId } = fact;
  return { ...base, kind, name: named(OPERATIONS.tool, tool), tool, attributes: attributesOf(fact, { callId }) };
}

function requestFields(fact: StoredFact & RequestFact) {
  const { kind, operation, model, channel, inputTokens, outputTokens, usageMissing, firstChunkNs } = fact;
  return {
    kind,
    name: named(operation, model),
    model,
    channel,
    provider: fact.provider ?? null,
    tokens: usageMissing ? null : inputTokens + outputTokens,
    attributes: attributesOf(fact, {
      operation,
      previousChannel: fact.previousChannel,
      inputTokens: usageMissing ? undefined : inputTokens,
      outputTokens: usageMissing ? undefined : outputTokens,
      cachedTokens: fact.cachedTokens || undefined,
      reasoningTokens: fact.reasoningTokens || undefined,
      firstChunkSeconds: firstChunkNs === undefined ? undefined : firstChunkNs / 1e9,
    }),
  };
}

/** A record is no span: it has an id of its own, and the span that it was written in is its parent. */
function logItem(fact: StoredFact & LogFact): Placed["span"] {
  return {
    ...NOTHING,
    spanId: fact.key.slice(0, 16),
    parentId: fact.spanId ?? null,
    kind: "log",
    name: cutText(fact.message, MESSAGE),
    status: fact.level === "error" ? "error" : null,
    counted: fact.counted,
    model: fact.model ?? null,
    channel: fact.channel ?? null,
    attributes: { level: fact.level, ...attributesOf(fact, {}) },
  };
}

function stepItem({ spanId, parentId }: Link, { name, failed, service, attributes }: Step): Placed["span"] {
  const known = (attributes === undefined ? {} : JSON.parse(attributes)) as Record<string, Json>;
  const errorType = known[ATTRIBUTES.errorType[0]];
  return {
    ...NOTHING,
    spanId,
    parentId: parentId ?? null,
    kind: "span",
    name,
    counted: false,
    ...outcomeOf({ failed, errorType: typeof errorType === "string" ? errorType : undefined }),
    attributes: { ...known, ...(service !== undefined && { [ATTRIBUTES.service[0]]: service }) },
  };
}

function outcomeOf(span: Pick<SpanFact, "failed" | "errorMessage" | "errorType">): Pick<TraceSpan, "status" | "error"> {
  if (!span.failed) return { status: "success", error: null };
  return { status: "error", error: span.errorMessage ?? span.errorType ?? OTHER_ERROR };
}

/** As the conventions name spans. */
function named(operation: string, what: string | undefined): string {
  return what === undefined || what === UNKNOWN ? operation : `${operation} ${what}`;
}

type Named = Partial<Record<keyof typeof ATTRIBUTES, string | number>>;

/** What is known of a fact beside the fields that every item has, under the names that botel writes. */
function attributesOf(fact: StoredFact, own: Named): TraceSpan["attributes"] {
  const { userId, groupId, botId, service } = fact;
  const errorType = fact.kind === "log" ? undefined : fact.errorType;
  const known: Named = { ...own, errorType, userId, groupId, botId, service };
  const entries = Object.entries(known) as [keyof typeof ATTRIBUTES, string | number | undefined][];
  return Object.fromEntries(
    entries.flatMap(([field, value]) => (value === undefined ? [] : [[ATTRIBUTES[field][0], value]])),
  );
}
