import { z } from "zod";
import { errorRow } from "./logs.ts";
import { memory, secondTime, whole } from "./scalars.ts";
import { channelRow } from "./stats.ts";
import { statusData } from "./system.ts";

/** Data of a `status` event. */
export const statusEventData = statusData
  .extend({
    gap: z.literal(true).optional().meta({ description: "events before this one were lost to this client" }),
  })
  .meta({ id: "StatusEventData" });

export type StatusEventData = z.infer<typeof statusEventData>;

/** Data of a `metric` event: what was folded since the one before. */
export const metricEventData = z
  .strictObject({
    timestamp: secondTime,
    window: z.number().min(0).meta({ description: "seconds that the counts cover" }),
    messages: whole,
    responses: whole,
    requests: whole,
    toolCalls: whole,
    tokens: whole,
    errors: whole.meta({ description: "items of /api/logs/errors" }),
    inFlight: whole.nullable().meta({ description: "the bot's own count; null where botel only receives OTLP" }),
    memory,
  })
  .meta({ id: "MetricEventData" });

export type MetricEventData = z.infer<typeof metricEventData>;

/** What each event of contract §5 carries. */
export const eventData = {
  status: statusEventData,
  metric: metricEventData,
  error: errorRow,
  channel: channelRow,
} as const;

export type EventType = keyof typeof eventData;

export const EVENT_TYPES = ["status", "metric", "error", "channel"] as const satisfies readonly EventType[];

export type EventData = { [Type in EventType]: z.infer<(typeof eventData)[Type]> };

/** An event as its unnamed twin has it: `data: {"type": "<event>", "data": …}`. */
export const twin = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("status"), data: statusEventData }),
    z.strictObject({ type: z.literal("metric"), data: metricEventData }),
    z.strictObject({ type: z.literal("error"), data: errorRow }),
    z.strictObject({ type: z.literal("channel"), data: channelRow }),
  ])
  .meta({ id: "LiveEvent" });

export type LiveEvent = z.infer<typeof twin>;
