import { UNKNOWN } from "../contract/attributes.ts";
import type { Fact, Link, MessageFact, RequestFact, SpanFact } from "../contract/fact.ts";
import type { Refusal } from "../contract/mapping.ts";
import type { Inherited, SpanShape } from "../contract/span.ts";
import { failureOf } from "./failure.ts";
import { fieldsOf } from "./fields.ts";
import type { Fields } from "./fields.ts";
import { firstChunkOf } from "./first-chunk.ts";
import { isAgent, kindOf, operationOf } from "./kind.ts";
import { ownedBy } from "./owner.ts";
import { providerOf } from "./provider.ts";
import type { Redactor } from "./redact.ts";
import { stepOf } from "./step.ts";
import { toolOf } from "./tool.ts";
import { usageOf } from "./usage.ts";
import { countOf, isInstant, isSpanId, isTraceId, nameOf, nsOf } from "./values.ts";

/** Makes of an ended span its fact, or its link where it is none (contract §2). */
export function toFact(span: SpanShape, inherited: Inherited | undefined, redactor: Redactor): Fact | Link | Refusal {
  const { traceId, spanId } = span;
  if (!isTraceId(traceId) || !isSpanId(spanId)) return { refused: "invalid_id" };
  const parentId = isSpanId(span.parentId) ? span.parentId : undefined;

  const kind = kindOf(span.attributes);
  const durationNs = durationOf(span);
  if (kind === undefined) {
    return { traceId, spanId, parentId, agent: isAgent(span.attributes), step: stepOf(span, durationNs) };
  }
  if (durationNs === undefined) return { refused: "invalid_time" };
  const fields = fieldsOf(span.attributes);
  const { ms: timeMs, ns: timeNs } = span.end;
  const service = nameOf(span.resource["service.name"]);
  const base = { key: traceId + spanId, timeMs, timeNs, traceId, spanId, parentId, service, durationNs };
  // A message says itself whose it is: what surrounds it (a private chat inside nothing) must not add a group.
  const owner = ownedBy(fields, kind === "message" ? { botId: inherited?.botId } : inherited);
  const common: SpanFact = { ...base, ...owner, ...failureOf(span, fields, redactor) };
  if (kind === "message") return messageOf(common, fields);
  if (kind === "request") return requestOf(common, fields, span, inherited);
  return toolOf(common, fields, span, inherited, redactor);
}

function messageOf(base: SpanFact, fields: Fields): MessageFact {
  return {
    kind: "message",
    ...base,
    platform: nameOf(fields.platform),
    responses: countOf(fields.responses) ?? 0,
    responseWaitNs: nsOf(fields.responseWait),
  };
}

function requestOf(base: SpanFact, fields: Fields, span: SpanShape, inherited: Inherited | undefined): RequestFact {
  const { attributes, resource } = span;
  const provider = providerOf(fields, attributes);
  return {
    kind: "request",
    ...base,
    operation: operationOf(attributes) ?? UNKNOWN,
    provider,
    model: nameOf(fields.requestModel) ?? nameOf(fields.responseModel) ?? inherited?.model ?? UNKNOWN,
    channel: nameOf(fields.channel) ?? inherited?.channel ?? provider ?? UNKNOWN,
    previousChannel: nameOf(fields.previousChannel),
    ...usageOf(fields, { attributes, resource, provider }),
    firstChunkNs: firstChunkOf(fields, span.start),
  };
}

/** @returns whole ns, 0 where the clock went back meanwhile, undefined where a time is not valid. */
function durationOf({ start, end }: SpanShape): number | undefined {
  if (!isInstant(start) || !isInstant(end)) return undefined;
  const ns = (end.ms - start.ms) * 1e6 + (end.ns - start.ns);
  return ns <= Number.MAX_SAFE_INTEGER ? Math.max(0, ns) : undefined;
}
