import { CONTENT_EVENT } from "../contract/attributes.ts";
import type { Level, LogFact } from "../contract/fact.ts";
import type { Refusal } from "../contract/mapping.ts";
import type { Inherited, RecordShape } from "../contract/span.ts";
import type { StateEvent } from "../contract/state.ts";
import { STACK_MAX } from "./failure.ts";
import { fieldsOf } from "./fields.ts";
import type { Fields } from "./fields.ts";
import { ownedBy } from "./owner.ts";
import type { Redactor } from "./redact.ts";
import { isStateEvent, toState } from "./state.ts";
import { isInstant, isSpanId, isTraceId, nameOf } from "./values.ts";

const LINE_MAX = 16_384;

/**
 * Makes of a log record its fact, or its state event; of a content event nothing (contract §2, §9).
 *
 * @param key the record's identity, 48 hex digits
 */
export function toRecord(
  record: RecordShape,
  key: string,
  inherited: Inherited | undefined,
  redactor: Redactor,
): LogFact | StateEvent | Refusal | undefined {
  const fields = fieldsOf(record.attributes);
  const event = nameOf(record.eventName) ?? nameOf(fields.eventName);
  if (event !== undefined && CONTENT_EVENT.test(event)) return undefined;
  const time = isInstant(record.time) ? record.time : record.observed;
  if (!isInstant(time)) return { refused: "invalid_time" };
  if (event !== undefined && isStateEvent(event)) return toState(event, fields, time.ms, record.resource);

  return {
    kind: "log",
    key,
    timeMs: time.ms,
    timeNs: time.ns,
    traceId: isTraceId(record.traceId) ? record.traceId : undefined,
    spanId: isTraceId(record.traceId) && isSpanId(record.spanId) ? record.spanId : undefined,
    service: nameOf(record.resource["service.name"]),
    ...ownedBy(fields, inherited),
    level: levelOf(record.severity, record.severityText),
    message: messageOf(record, fields, event, redactor),
    meta: redactor.attributes(record.attributes),
    stack: redactor.errorText(fields.exceptionStack, STACK_MAX),
    channel: nameOf(fields.channel) ?? inherited?.channel,
    model: nameOf(fields.requestModel) ?? nameOf(fields.responseModel) ?? inherited?.model,
  };
}

function messageOf(record: RecordShape, fields: Fields, event: string | undefined, redactor: Redactor): string {
  const { body } = record;
  if (typeof body === "string" && body !== "") return redactor.text(body, LINE_MAX) ?? "";
  if (body === undefined || body === null || body === "")
    return redactor.errorText(fields.exceptionMessage, LINE_MAX) ?? event ?? "";
  return redactor.value(body).json;
}

/** Folds OTel severities into four: trace is debug, fatal is error; unspecified is what its text says, else info. */
function levelOf(severity: number | undefined, text: string | undefined): Level {
  if (severity !== undefined && severity >= 1 && severity <= 24) {
    if (severity >= 17) return "error";
    if (severity >= 13) return "warn";
    return severity >= 9 ? "info" : "debug";
  }
  return LEVELS.get(text?.toLowerCase() ?? "") ?? "info";
}

const LEVELS: ReadonlyMap<string, Level> = new Map([
  ["trace", "debug"],
  ["debug", "debug"],
  ["verbose", "debug"],
  ["warn", "warn"],
  ["warning", "warn"],
  ["error", "error"],
  ["err", "error"],
  ["critical", "error"],
  ["fatal", "error"],
]);
