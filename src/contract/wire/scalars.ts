import { z } from "zod";
import type { Json } from "../fold.ts";

/** A count, or a whole number of milliseconds or bytes. */
export const whole = z.int().min(0);

/** 0…1, at most 4 decimals. */
export const rate = z
  .number()
  .min(0)
  .max(1)
  .refine((value) => Math.round(value * 1e4) / 1e4 === value, "has more than 4 decimals")
  .meta({ description: "0…1, at most 4 decimals" });

/** `2024-12-15T15:30:00Z`: UTC, whole seconds, cut (contract §3). */
export const secondTime = z.iso.datetime({ precision: 0 }).meta({
  description: "UTC, whole seconds",
  examples: ["2024-12-15T15:30:00Z"],
});

/** `2024-12-15T15:30:00.000Z`: UTC with milliseconds (contract §3). */
export const millisecondTime = z.iso.datetime({ precision: 3 }).meta({
  description: "UTC with milliseconds",
  examples: ["2024-12-15T15:30:00.000Z"],
});

/** `YYYY-MM-DD`, a calendar day in the configured time zone. */
export const date = z.iso.date().meta({ description: "calendar day in the configured time zone" });

/** An id of a user, a group or a bot: always a string. */
export const id = z.string().min(1);

/** 32 hex digits. */
export const traceId = z.string().regex(/^[0-9a-f]{32}$/);

/** 16 hex digits. */
export const spanId = z.string().regex(/^[0-9a-f]{16}$/);

export const memory = z
  .strictObject({
    used: whole.meta({ description: "resident set size of the process, bytes" }),
    total: whole.meta({ description: "bytes that the process may use: its cgroup's limit, else the machine's memory" }),
    percentage: z.number().min(0).meta({ description: "used of total in percent, one decimal" }),
  })
  .meta({ id: "Memory" });

export type Memory = z.infer<typeof memory>;

/** Any JSON value. */
export const json: z.ZodType<Json> = z
  .union([
    z.null(),
    z.boolean(),
    z.number(),
    z.string(),
    z.array(z.lazy(() => json)),
    z.record(
      z.string(),
      z.lazy(() => json),
    ),
  ])
  .meta({ id: "Json" });
