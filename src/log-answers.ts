import { hash } from "node:crypto";
import type { Answers } from "./api/deps.ts";
import type { Json } from "./contract/fold.ts";
import type { ErrorRow, LogRow, ToolLogRow } from "./contract/wire/logs.ts";
import { writePlace } from "./contract/wire/page.ts";
import { writeMilliseconds } from "./contract/wire/time.ts";
import type { ErrorItem, LogLine, Page, RemoteReader, ToolLine } from "./store/reader.ts";

/** Stored lines as rows of `/api/logs`, `/api/logs/tools` and `/api/logs/errors` (contract §4). */
export function logAnswers(reader: RemoteReader): Pick<Answers, "logs" | "toolLogs" | "errors"> {
  return {
    async logs(query) {
      const page = await reader.logs(query);
      return { logs: page.lines.map(logRow), nextBefore: nextBefore(page) };
    },
    async toolLogs({ toolName, userId, status, limit, before }) {
      const failed = status === undefined ? undefined : status === "error";
      const page = await reader.toolLogs({ tool: toolName, userId, failed, limit, before });
      return { logs: page.lines.map(toolLogRow), nextBefore: nextBefore(page) };
    },
    async errors(query) {
      const page = await reader.errors(query);
      return { errors: page.lines.map(errorRow), nextBefore: nextBefore(page) };
    },
  };
}

function nextBefore({ next }: Page<unknown>): string | null {
  return next ? writePlace(next) : null;
}

function logRow(line: LogLine): LogRow {
  return {
    timestamp: writeMilliseconds(line.timeMs),
    level: line.level,
    message: line.message,
    meta: metaOf(line),
    traceId: line.traceId,
  };
}

/**
 * The record's attributes, with user and model under the names that the page shows; the user may also be known from the
 * record's turn only.
 */
function metaOf({ meta, userId, model }: LogLine): LogRow["meta"] {
  const attributes = Object.entries((parsed(meta) ?? {}) as LogRow["meta"]);
  const others = attributes.filter(
    ([name, value]) =>
      !(name === "user.id" && idText(value) === userId) && !(name === "gen_ai.request.model" && value === model),
  );
  return { ...(userId && { userId }), ...(model && { model }), ...Object.fromEntries(others.map(idAsText)) };
}

function idAsText([name, value]: [string, Json]): [string, Json] {
  return [name, name === "userId" ? idText(value) : value];
}

/** Ids are strings, always (contract §3). */
function idText(value: Json): Json {
  return typeof value === "number" ? String(value) : value;
}

function toolLogRow(line: ToolLine): ToolLogRow {
  return {
    id: uuidOf(line),
    toolName: line.tool,
    args: parsed(line.args),
    result: parsed(line.result),
    status: line.failed ? "error" : "success",
    duration: wholeMs(line.durationNs),
    userId: line.userId ?? null,
    timestamp: writeMilliseconds(line.timeMs),
    traceId: line.traceId,
    ...(line.truncated && { truncated: true }),
  };
}

function errorRow({ timeMs, error, stack, channel, model, traceId }: ErrorItem): ErrorRow {
  return {
    timestamp: writeMilliseconds(timeMs),
    error,
    stack: stack ?? null,
    context: { channel: channel ?? null, model: model ?? null },
    traceId,
  };
}

/** @returns null where there is no text; the text itself where it is no JSON. */
export function parsed(text: string | undefined): Json {
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** Rounded half up. */
export function wholeMs(ns: number): number {
  const rest = ns % 1_000_000;
  return (ns - rest) / 1_000_000 + (rest >= 500_000 ? 1 : 0);
}

/** Botel's own, made once by chance; it makes the ids of tool calls unlike any other name-based UUID. */
const NAMESPACE = Buffer.from("6f1d1c2e7c0b4f0a9d53c3a4a1f7b802", "hex");

/** A name-based UUID (version 5) of what identifies the fact: the same at every reading, also after a restart. */
export function uuidOf({ key, timeMs, timeNs }: Pick<ToolLine, "key" | "timeMs" | "timeNs">): string {
  const digest = hash("sha1", Buffer.concat([NAMESPACE, Buffer.from(`${key}.${timeMs}.${timeNs}`)]), "hex");
  const variant = "89ab".charAt(Number.parseInt(digest.charAt(16), 16) & 3);
  const parts = [digest.slice(0, 8), digest.slice(8, 12), `5${digest.slice(13, 16)}`];
  return [...parts, `${variant}${digest.slice(17, 20)}`, digest.slice(20, 32)].join("-");
}
