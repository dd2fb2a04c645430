import { z } from "zod";
import { date, id, rate, secondTime, whole } from "./scalars.ts";

export const dailyRow = z
  .strictObject({ date, messages: whole, responses: whole, toolCalls: whole, tokens: whole })
  .meta({ id: "DailyRow" });

export type DailyRow = z.infer<typeof dailyRow>;

/** `data` of `GET /api/stats`. */
export const statsData = z
  .strictObject({
    summary: z.strictObject({
      totalMessages: whole,
      aiResponses: whole,
      toolCalls: whole,
      tokensUsed: whole,
      activeUsers: whole.meta({ description: "distinct over the whole period, by messages" }),
      activeGroups: whole.meta({ description: "distinct over the whole period, by messages" }),
    }),
    daily: z.array(dailyRow).meta({ description: "ascending to today, a zero row for a quiet day" }),
  })
  .meta({ id: "StatsData" });

export type StatsData = z.infer<typeof statsData>;

export const modelRow = z
  .strictObject({
    model: z.string(),
    requests: whole,
    tokens: whole,
    avgLatency: whole.meta({ description: "mean ms of the requests that succeeded, 0 where none did" }),
    errors: whole,
  })
  .meta({ id: "ModelRow" });

export type ModelRow = z.infer<typeof modelRow>;

/** `data` of `GET /api/stats/models`. */
export const modelsData = z.strictObject({ models: z.array(modelRow) }).meta({ id: "ModelsData" });

export type ModelsData = z.infer<typeof modelsData>;

export const toolRow = z
  .strictObject({
    name: z.string(),
    calls: whole,
    avgDuration: whole.meta({ description: "mean ms of all calls" }),
    successRate: rate,
  })
  .meta({ id: "ToolRow" });

export type ToolRow = z.infer<typeof toolRow>;

/** `data` of `GET /api/stats/tools`. */
export const toolsData = z.strictObject({ tools: z.array(toolRow) }).meta({ id: "ToolsData" });

export type ToolsData = z.infer<typeof toolsData>;

export const userRow = z
  .strictObject({
    userId: id,
    nickname: z.string().meta({ description: "the newest one known, else the id" }),
    messages: whole,
    tokens: whole,
    lastActive: secondTime.meta({ description: "newest message, request or tool call in the period" }),
  })
  .meta({ id: "UserRow" });

export type UserRow = z.infer<typeof userRow>;

/** `data` of `GET /api/stats/users`. */
export const usersData = z.strictObject({ users: z.array(userRow) }).meta({ id: "UsersData" });

export type UsersData = z.infer<typeof usersData>;

export const groupRow = z
  .strictObject({
    groupId: id,
    name: z.string().meta({ description: "the newest one known, else the id" }),
    messages: whole,
    responses: whole,
    toolCalls: whole,
    tokens: whole,
    activeUsers: whole.meta({ description: "distinct over the whole period, by messages" }),
    lastActive: secondTime.meta({ description: "newest message, request or tool call in the period" }),
  })
  .meta({ id: "GroupRow" });

export type GroupRow = z.infer<typeof groupRow>;

/** `data` of `GET /api/stats/groups`. */
export const groupsData = z.strictObject({ groups: z.array(groupRow) }).meta({ id: "GroupsData" });

export type GroupsData = z.infer<typeof groupsData>;

export const channelRow = z
  .strictObject({
    id: z.string(),
    name: z.string().meta({ description: "falls back to the id" }),
    status: z.enum(["active", "error", "disabled"]),
    requests: whole,
    errors: whole,
    avgLatency: whole.meta({ description: "mean ms of the requests that succeeded, 0 where none did" }),
    lastUsed: secondTime.nullable().meta({ description: "within the selection; null if never" }),
  })
  .meta({ id: "ChannelRow" });

export type ChannelRow = z.infer<typeof channelRow>;

/** `data` of `GET /api/stats/channels`. */
export const channelsData = z.strictObject({ channels: z.array(channelRow) }).meta({ id: "ChannelsData" });

export type ChannelsData = z.infer<typeof channelsData>;
