import { millisUtc, meanMs } from "./numbers.ts";
import { text } from "./items.ts";
import type { Logged, Happened } from "./facts.ts";
import type { World } from "./oracle.ts";

/** A row with its exact time: rows of equal times may come in any order. */
export interface Row {
  ns: bigint;
  row: object;
}

export type Level = "error" | "warn" | "info" | "debug";
export const LEVELS: readonly Level[] = ["error", "warn", "info", "debug"];

/** OTel severities fold into four levels (trace → debug, fatal → error). */
export function levelOf(severity: number): Level {
  if (severity >= 17) return "error";
  if (severity >= 13) return "warn";
  return severity >= 9 ? "info" : "debug";
}

const newestFirst = (rows: Row[]): Row[] => rows.sort((a, b) => (a.ns < b.ns ? 1 : a.ns > b.ns ? -1 : 0));

/** `GET /api/logs`, all pages: `meta` holds at least these. */
export function logLines(world: World, level?: Level): Row[] {
  const chosen = world.logs.filter(({ record }) => level === undefined || levelOf(record.severity) === level);
  return newestFirst(chosen.map((log) => ({ ns: log.ns, row: lineOf(log) })));
}

function lineOf({ record, ns }: Logged): object {
  const { "user.id": _user, "gen_ai.request.model": _model, ...rest } = record.attributes;
  const user = text(record, "user.id");
  const model = text(record, "gen_ai.request.model");
  return {
    timestamp: millisUtc(ns),
    level: levelOf(record.severity),
    message: record.body,
    meta: { ...rest, ...(user === undefined ? {} : { userId: user }), ...(model === undefined ? {} : { model }) },
    ...(record.traceId === undefined ? {} : { traceId: record.traceId }),
  };
}

export interface ToolFilter {
  toolName?: string;
  userId?: string;
  status?: "success" | "error";
}

/** `GET /api/logs/tools`, all pages. */
export function toolLines(world: World, { toolName, userId, status }: ToolFilter = {}): Row[] {
  const calls = world.facts.filter(
    (fact) =>
      fact.kind === "tool" &&
      (toolName === undefined || fact.tool === toolName) &&
      (userId === undefined || fact.user === userId) &&
      (status === undefined || fact.failed === (status === "error")),
  );
  return newestFirst(calls.map((call) => ({ ns: call.ns, row: toolLineOf(call) })));
}

function toolLineOf({ tool, args, result, failed, durationNs, user, ns, span }: Happened): object {
  return {
    toolName: tool,
    args,
    result,
    status: failed ? "error" : "success",
    duration: meanMs(durationNs, 1),
    userId: user ?? null,
    timestamp: millisUtc(ns),
    traceId: span.traceId,
  };
}

/** `GET /api/logs/errors`, all pages. */
export function errorLines(world: World): Row[] {
  return newestFirst(
    world.errors.map(({ ns, error, stack, channel, model, traceId }) => ({
      ns,
      row: {
        timestamp: millisUtc(ns),
        error,
        stack,
        context: { channel, model },
        ...(traceId === undefined ? {} : { traceId }),
      },
    })),
  );
}
