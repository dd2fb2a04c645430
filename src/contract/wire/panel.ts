import { z } from "zod";
import { whole } from "./scalars.ts";

/*
 * What the web panel of the original plug-in reads, in `data` of `{code: 0, data, message: "ok"}`, under `/chatai/api`. Times
 * are epoch ms, sizes MB, rates per cent; `null`, "" or -1 stands where botel does not know it (docs/panel.md).
 */

const percent = z.int().min(0).max(100);
const hours = z.record(z.string().regex(/^(1?\d|2[0-3])$/), whole);
const counted = z.strictObject({ id: z.string(), count: whole });
const tokens = { input: whole, output: whole };
const calls = { calls: whole, success: whole, failed: whole };

/** `GET /stats`. */
export const panelStats = z.strictObject({
  messages: z.strictObject({
    total: whole,
    conversations: whole,
    dbMessages: whole,
    types: z.record(z.string(), whole),
    topGroups: z.array(counted),
    topUsers: z.array(counted),
    hourlyDistribution: hours,
  }),
  models: z.strictObject({
    totalCalls: whole,
    byModel: z.array(z.strictObject({ name: z.string(), ...calls, inputTokens: whole, outputTokens: whole })),
    byChannel: z.record(z.string(), z.strictObject({ calls: whole, inputTokens: whole, outputTokens: whole })),
  }),
  tokens: z.strictObject({
    total: z.strictObject(tokens),
    totalSum: whole,
    byModel: z.array(z.strictObject({ name: z.string(), ...tokens, total: whole })),
    topUsers: z.array(z.strictObject({ userId: z.string(), ...tokens, total: whole })),
  }),
  tools: z.strictObject({ totalCalls: whole, byTool: z.array(z.strictObject({ name: z.string(), ...calls })) }),
  uptime: z.strictObject({ days: whole, hours: whole, startTime: whole }),
  lastUpdate: whole,
});
export type PanelStats = z.infer<typeof panelStats>;

/** One request, of `GET /stats/usage/recent`. */
export const panelRequest = z.strictObject({
  id: z.uuid(),
  timestamp: whole,
  channelId: z.string(),
  channelName: z.string(),
  model: z.string(),
  keyIndex: z.literal(-1),
  keyName: z.literal(""),
  strategy: z.literal(""),
  inputTokens: whole,
  outputTokens: whole,
  totalTokens: whole,
  duration: whole,
  success: z.boolean(),
  error: z.string().nullable(),
  source: z.string(),
  stream: z.boolean(),
  retryCount: z.literal(0),
  channelSwitched: z.boolean(),
  fallbackUsed: z.literal(false),
  previousChannelId: z.string().nullable(),
  switchChain: z.array(z.string()).nullable(),
  userId: z.string().nullable(),
  groupId: z.string().nullable(),
  isEstimated: z.literal(false),
  request: z.null(),
  response: z.null(),
});
export type PanelRequest = z.infer<typeof panelRequest>;

/** `GET /stats/usage`. */
export const panelUsage = z.strictObject({
  today: z.strictObject({
    date: z.iso.date(),
    totalCalls: whole,
    successCalls: whole,
    failedCalls: whole,
    totalInputTokens: whole,
    totalOutputTokens: whole,
    avgDuration: whole,
    successRate: percent,
  }),
  modelRanking: z.array(z.strictObject({ model: z.string(), calls: whole, tokens: whole, duration: whole })),
  channelRanking: z.array(
    z.strictObject({
      channelId: z.string(),
      channelName: z.string(),
      calls: whole,
      successCalls: whole,
      tokens: whole,
      duration: whole,
    }),
  ),
  recent: z.array(panelRequest),
});
export type PanelUsage = z.infer<typeof panelUsage>;

/** `GET /stats/tool-calls`. */
export const panelTools = z.strictObject({
  total: whole,
  success: whole,
  failed: whole,
  successRate: percent,
  toolRanking: z.array(
    z.strictObject({
      name: z.string(),
      ...calls,
      totalDuration: whole,
      avgDuration: whole,
      successRate: percent,
    }),
  ),
  hourlyDistribution: hours,
  recentErrors: z
    .array(z.strictObject({ id: z.uuid(), timestamp: whole, toolName: z.string(), error: z.string() }))
    .max(20),
  recordCount: whole,
  maxRecords: whole,
});
export type PanelTools = z.infer<typeof panelTools>;

/** One tool call, of `GET /stats/tool-calls/records` and `GET /tools/logs`. */
export const panelToolCall = z.strictObject({
  id: z.uuid(),
  timestamp: whole,
  toolName: z.string(),
  request: z.json(),
  response: z.json(),
  success: z.boolean(),
  error: z.string().nullable(),
  errorStack: z.string().nullable(),
  duration: whole,
  userId: z.string().nullable(),
  groupId: z.string().nullable(),
  source: z.literal(""),
});
export type PanelToolCall = z.infer<typeof panelToolCall>;

/** `GET /system/monitor`. */
export const panelMonitor = z.strictObject({
  memory: z.strictObject({
    heapUsed: whole,
    heapTotal: whole,
    rss: whole,
    external: whole,
    systemTotal: whole,
    systemFree: whole,
    heapUsedPercent: percent,
    systemUsedPercent: percent,
  }),
  api: z.strictObject({
    rpm: whole,
    rpm5: z.number().min(0),
    successRate: percent,
    avgLatency: whole,
    tokensLastMinute: whole,
    tokensPerMinute: whole,
  }),
  system: z.strictObject({
    uptime: whole,
    nodeVersion: z.string(),
    platform: z.string(),
    cpuCount: whole,
    loadAvg: z.array(z.number()).length(3),
  }),
  timestamp: whole,
});
export type PanelMonitor = z.infer<typeof panelMonitor>;

/** `GET /channels/list`. */
export const panelChannels = z.array(
  z.strictObject({
    id: z.string(),
    name: z.string(),
    status: z.enum(["active", "error", "disabled"]),
    enabled: z.boolean(),
    models: z.array(z.string()),
  }),
);
export type PanelChannels = z.infer<typeof panelChannels>;
