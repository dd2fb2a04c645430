import { z } from "zod";
import { id, json, millisecondTime, traceId, whole } from "./scalars.ts";

const nextBefore = z
  .string()
  .nullable()
  .meta({ description: "give it as `before` for the next page; null on the last page" });

/** One line of `GET /api/logs`. */
export const logRow = z
  .strictObject({
    timestamp: millisecondTime,
    level: z.enum(["error", "warn", "info", "debug"]),
    message: z.string(),
    meta: z.record(z.string(), json).meta({ description: "the record's attributes" }),
    traceId: traceId.optional(),
  })
  .meta({ id: "LogRow" });

export type LogRow = z.infer<typeof logRow>;

/** `data` of `GET /api/logs`. */
export const logsData = z.strictObject({ logs: z.array(logRow), nextBefore }).meta({ id: "LogsData" });

export type LogsData = z.infer<typeof logsData>;

/** One line of `GET /api/logs/tools`. */
export const toolLogRow = z
  .strictObject({
    id: z.uuid().meta({ description: "the same at every reading" }),
    toolName: z.string(),
    args: json.meta({ description: "redacted and cut; null where the sender gave none" }),
    result: json.meta({ description: "redacted and cut; null where the sender gave none" }),
    status: z.enum(["success", "error"]),
    duration: whole.meta({ description: "ms" }),
    userId: id.nullable(),
    timestamp: millisecondTime,
    traceId: traceId.optional(),
    truncated: z.literal(true).optional().meta({ description: "args or result were cut" }),
  })
  .meta({ id: "ToolLogRow" });

export type ToolLogRow = z.infer<typeof toolLogRow>;

/** `data` of `GET /api/logs/tools`. */
export const toolLogsData = z.strictObject({ logs: z.array(toolLogRow), nextBefore }).meta({ id: "ToolLogsData" });

export type ToolLogsData = z.infer<typeof toolLogsData>;

/** One item of `GET /api/logs/errors`; also the data of an `error` event. */
export const errorRow = z
  .strictObject({
    timestamp: millisecondTime,
    error: z.string(),
    stack: z.string().nullable().meta({ description: "`exception.stacktrace`" }),
    context: z.strictObject({ channel: z.string().nullable(), model: z.string().nullable() }),
    traceId: traceId.optional(),
  })
  .meta({ id: "ErrorRow" });

export type ErrorRow = z.infer<typeof errorRow>;

/** `data` of `GET /api/logs/errors`. */
export const errorsData = z.strictObject({ errors: z.array(errorRow), nextBefore }).meta({ id: "ErrorsData" });

export type ErrorsData = z.infer<typeof errorsData>;
