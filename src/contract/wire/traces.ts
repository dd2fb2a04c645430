import { z } from "zod";
import { json, millisecondTime, spanId, traceId } from "./scalars.ts";

const ms = z.number().min(0);

/** One item of `GET /api/traces/{traceId}`: a fact, or a span that is none. */
export const traceSpan = z
  .strictObject({
    spanId: spanId.meta({ description: "of a log record: an id of its own" }),
    parentId: spanId
      .nullable()
      .meta({ description: "the span that caused it; of a log record, that it was written in" }),
    kind: z.enum(["message", "request", "tool", "log", "span"]).meta({ description: "`span`: no fact" }),
    name: z.string(),
    start: ms.meta({ description: "ms after the start of the trace, with fractions" }),
    duration: ms.meta({ description: "ms, with fractions" }),
    status: z.enum(["success", "error"]).nullable().meta({ description: "null of a log record that is no error" }),
    counted: z.boolean().meta({ description: "false of a call that an inner span counts for, and of what is no fact" }),
    model: z.string().nullable(),
    channel: z.string().nullable(),
    provider: z.string().nullable(),
    tokens: z.int().min(0).nullable().meta({ description: "input + output; null where the sender said none" }),
    tool: z.string().nullable(),
    error: z.string().nullable(),
    attributes: z.record(z.string(), json).meta({ description: "those that are no content" }),
  })
  .meta({ id: "TraceSpan" });

export type TraceSpan = z.infer<typeof traceSpan>;

/** `data` of `GET /api/traces/{traceId}`. */
export const traceData = z
  .strictObject({
    traceId,
    startTime: millisecondTime,
    duration: ms.meta({ description: "ms, with fractions: from the first start to the last end" }),
    spans: z.array(traceSpan).meta({ description: "by their start, ties by spanId" }),
    truncated: z.literal(true).optional().meta({ description: "there is more of it than is shown" }),
  })
  .meta({ id: "TraceData" });

export type TraceData = z.infer<typeof traceData>;
