import { z } from "zod";
import { EVENT_TYPES, type EventType } from "./events.ts";
import { readPageStart, type PageStart } from "./page.ts";

/**
 * Query parameters (contract §4). Each schema takes the text as it came, once, and gives the value; `accepts` completes
 * the sentence "… accepts …" of a 400. Unknown parameters are ignored.
 */
export interface Parameter<Value> {
  schema: z.ZodType<Value, string>;
  accepts: string;
  /** Taken where the parameter is absent. */
  fallback?: Value;
  /** Absent is refused. */
  required?: true;
  /** Absent: in the query. */
  in?: "path";
  description: string;
}

/** How the parameters of one endpoint become its query: `{limit: Parameter<number>}` → `{limit: number}`. */
export type Parameters = Record<string, Parameter<unknown>>;
export type Query<P extends Parameters> = { [Name in keyof P]: P[Name] extends Parameter<infer Value> ? Value : never };

const MAX_ID = 1024;

export const PERIODS = ["day", "week", "month", "all"] as const;
export type Period = (typeof PERIODS)[number];

export const SORTS = ["messages", "tokens"] as const;
export type Sort = (typeof SORTS)[number];

const LEVELS = ["error", "warn", "info", "debug"] as const;
const OUTCOMES = ["success", "error"] as const;

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return { schema: z.enum(values), accepts: `one of ${values.join(", ")}` };
}

const someId = {
  schema: z
    .string()
    .min(1)
    .max(MAX_ID)
    .refine((text) => !text.includes("\0")),
  accepts: `1 to ${MAX_ID} characters`,
};

const pageStart = z.string().transform((text, context): PageStart => {
  const start = readPageStart(text);
  if (start) return start;
  context.addIssue({ code: "custom", message: "is no time" });
  return z.NEVER;
});

const eventTypes = z
  .string()
  .transform((text) => text.split(","))
  .pipe(z.array(z.enum(EVENT_TYPES)));

const count = z
  .string()
  .refine((text) => /^\d{1,4}$/.test(text))
  .transform(Number)
  .pipe(z.int().min(1).max(1000))
  .meta({ type: "integer", minimum: 1, maximum: 1000 });

function limit(fallback: number): Parameter<number> {
  return {
    schema: count,
    accepts: "a whole number from 1 to 1000",
    fallback,
    description: "how many rows at the most",
  };
}

const period: Parameter<Period> = {
  ...oneOf(PERIODS),
  fallback: "all",
  description: "today, the last 7 or 30 calendar days with today, or all",
};
const groupId: Parameter<string | undefined> = { ...someId, fallback: undefined, description: "only this group" };
const sort: Parameter<Sort> = { ...oneOf(SORTS), fallback: "messages", description: "by what, descending" };
const before: Parameter<PageStart | undefined> = {
  schema: pageStart.meta({ type: "string" }),
  accepts: "an ISO 8601 time, epoch milliseconds, or the nextBefore of an answer",
  fallback: undefined,
  description: "only what is older: an ISO 8601 time (without an offset: UTC), epoch ms, or `nextBefore`",
};

const selection = { period, groupId };

export const statsParameters = selection;
export type StatsQuery = Query<typeof statsParameters>;

export const rankingParameters = { ...selection, limit: limit(20), sort };
export type RankingQuery = Query<typeof rankingParameters>;

export const errorLogParameters = { limit: limit(100), before };
export type ErrorLogQuery = Query<typeof errorLogParameters>;

const level: Parameter<(typeof LEVELS)[number] | undefined> = {
  ...oneOf(LEVELS),
  fallback: undefined,
  description: "exactly this level",
};

export const logParameters = { level, ...errorLogParameters };
export type LogsQuery = Query<typeof logParameters>;

const toolName: Parameter<string | undefined> = { ...someId, fallback: undefined, description: "only this tool" };
const userId: Parameter<string | undefined> = { ...someId, fallback: undefined, description: "only this user" };
const status: Parameter<(typeof OUTCOMES)[number] | undefined> = {
  ...oneOf(OUTCOMES),
  fallback: undefined,
  description: "only this outcome",
};

export const toolLogParameters = { toolName, userId, status, ...errorLogParameters };
export type ToolLogsQuery = Query<typeof toolLogParameters>;

const traceId: Parameter<string> = {
  schema: z
    .string()
    .regex(/^[0-9a-fA-F]{32}$/)
    .transform((text) => text.toLowerCase()),
  accepts: "32 hex digits",
  required: true,
  in: "path",
  description: "32 hex digits",
};
const at: Parameter<number> = {
  schema: pageStart
    .refine(({ row }) => row === undefined)
    .transform(({ timeMs }) => timeMs)
    .meta({ type: "string" }),
  accepts: "an ISO 8601 time or epoch milliseconds, of the fact that led to the trace",
  required: true,
  description: "time of the fact that led there, within 15 minutes: ISO 8601 (without an offset: UTC) or epoch ms",
};

export const traceParameters = { traceId, at };
export type TraceQuery = Query<typeof traceParameters>;

const forgottenId: Parameter<string> = {
  ...someId,
  required: true,
  in: "path",
  description: "of the user or the group, percent-encoded",
};

export const forgetParameters = { id: forgottenId };

const types: Parameter<EventType[] | undefined> = {
  schema: eventTypes.meta({ type: "string" }),
  accepts: `one or more of ${EVENT_TYPES.join(", ")}, with commas between`,
  fallback: undefined,
  description: "only these events, with commas between; absent: all",
};

export const eventParameters = { types };

/** More is no view of anything. */
const MAX_BATCH = 20;

export const batchParameters = {
  paths: {
    schema: z
      .string()
      .transform((text) => text.split(","))
      .pipe(z.array(z.string().min(1)).max(MAX_BATCH)),
    accepts: `up to ${MAX_BATCH} paths with their queries and commas between them, percent-encoded`,
    required: true,
    description:
      "`/api/stats…`, `/api/system/…` and `/api/logs…`, each with its query, whose own commas are percent-encoded",
  },
} satisfies { paths: Parameter<string[]> };
