import { z } from "zod";
import { id, memory, secondTime, whole } from "./scalars.ts";

/** One bot that is or was known; an extra of `GET /api/system/status`. */
export const botRow = z
  .strictObject({
    uin: id.meta({ description: "`bot.id`" }),
    platform: z.string().nullable(),
    connected: z.boolean(),
    version: z.string().nullable().meta({ description: "`service.version`" }),
    lastSeen: secondTime,
  })
  .meta({ id: "BotRow" });

export type BotRow = z.infer<typeof botRow>;

/** `data` of `GET /api/system/status`. */
export const statusData = z
  .strictObject({
    status: z.enum(["starting", "running", "degraded", "stopping"]),
    version: z.string(),
    uptime: whole.meta({ description: "whole seconds" }),
    startTime: secondTime,
    nodejs: z.string(),
    memory,
    bot: z.strictObject({
      connected: z.boolean(),
      platform: z.string().nullable(),
      uin: id.nullable(),
    }),
    bots: z.array(botRow).meta({ description: "all that are known" }),
    demo: z.boolean().meta({ description: "true where people and providers are simulated" }),
  })
  .meta({ id: "StatusData" });

export type StatusData = z.infer<typeof statusData>;

/** `data` of `GET /api/system/info`. */
export const infoData = z
  .strictObject({
    version: z.string(),
    platform: z.string(),
    arch: z.string(),
    nodejs: z.string(),
    features: z
      .object({ mcp: z.boolean(), memory: z.boolean(), galgame: z.boolean() })
      .catchall(z.boolean())
      .meta({ description: "what is on in any bot heard in the last 90 s" }),
    adapters: z.array(z.string()).meta({ description: "adapters that have a channel" }),
    mcpServers: whole.meta({ description: "connected MCP servers" }),
    totalTools: whole.meta({ description: "callable tools" }),
  })
  .meta({ id: "InfoData" });

export type InfoData = z.infer<typeof infoData>;

export const checkStatus = z.enum(["ok", "error", "disabled"]);

export type CheckStatus = z.infer<typeof checkStatus>;

/** What botel counts of its own work, since its start; an extra of `GET /api/system/health`. */
const factCounts = z
  .strictObject({
    taken: whole.meta({ description: "stored" }),
    refused: z.record(z.string(), whole).meta({ description: "by the reason" }),
    duplicates: whole.meta({ description: "came again, and changed nothing" }),
    excluded: whole.meta({ description: "not kept, because their user or group is excluded" }),
    late: whole.meta({ description: "came on a later day than their own" }),
    joined: whole.meta({ description: "took user or group from the message of their trace" }),
    unjoined: whole.meta({ description: "no message of their trace came in time" }),
    unfinished: whole.meta({ description: "requests and tool calls that never ended" }),
    dropped: whole.meta({ description: "fell off the bot's full queue" }),
    queued: whole.meta({ description: "of the bot, waiting for the store now" }),
    otlp: z.strictObject({
      waiting: whole.meta({ description: "OTLP requests that are read or wait for the store now" }),
      waitingBytes: whole,
      answers: z.record(z.string(), whole).meta({ description: "OTLP requests by the status of their answer" }),
    }),
  })
  .meta({ id: "FactCounts" });

/** `data` of `GET /api/system/health`, also of its 503. */
export const healthData = z
  .strictObject({
    healthy: z.boolean().meta({ description: "no check is `error`" }),
    checks: z.strictObject({
      database: z.strictObject({
        status: checkStatus,
        latency: whole.meta({ description: "ms of a real write and read, made at most every 5 s" }),
        why: z.string().optional().meta({ description: "what of a cluster is away; absent where nothing is" }),
      }),
      bot: z.strictObject({ status: checkStatus }),
      channels: z.strictObject({
        status: checkStatus,
        available: whole.meta({ description: "channels that are neither `error` nor `disabled`" }),
      }),
    }),
    facts: factCounts.optional(),
  })
  .meta({ id: "HealthData" });

export type HealthData = z.infer<typeof healthData>;
