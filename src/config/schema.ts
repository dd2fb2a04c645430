import { z } from "zod";
import { createCalendar } from "../lib/calendar.ts";
import type { Settings } from "./settings.ts";

const port = z.int().min(0).max(65_535);
const count = z.int().min(0);
const positive = z.int().min(1);
const id = z.string().min(1).max(200);

const channel = z.strictObject({
  id,
  name: z.string().min(1).optional(),
  adapter: z.literal("openai"),
  provider: id.optional(),
  baseUrl: z.url({ protocol: /^https?$/ }),
  apiKey: z.string().default(""),
  models: z.array(id).min(1),
  priority: z.int().default(100),
  enabled: z.boolean().default(true),
});

/** The shape of `config/default.yaml`, of a user's file on top of it, and of what the environment adds. */
export const settingsSchema = z.strictObject({
  server: z.strictObject({ host: z.string().min(1), port, otlpPort: port }),
  dataDir: z.string().min(1),
  timeZone: z.string().refine(isZone, "is no time zone of the IANA list, as Asia/Shanghai is").optional(),
  demo: z.strictObject({ enabled: z.boolean().optional(), seed: z.int(), historyDays: z.int().min(0).max(90) }),
  store: z.strictObject({
    retention: z.strictObject({ facts: positive, debugLogs: positive, toolBodies: positive, spans: positive }),
    maxBytes: count,
  }),
  instrument: z.strictObject({
    unfinishedAfter: positive,
    queueLimit: z.int().min(1000),
    content: z.strictObject({ maxChars: count, redactKeys: z.array(z.string().min(1)) }),
  }),
  ingest: z.strictObject({
    maxBodyBytes: positive,
    maxInflatedBytes: positive,
    maxItems: positive,
    maxAttributes: positive,
    maxDepth: z.int().min(1).max(64),
    queueBytes: positive,
  }),
  live: z.strictObject({ ringBytes: positive, clientBytes: positive, maxClients: positive }),
  metrics: z.strictObject({ labelValues: positive }),
  bot: z.strictObject({
    onebot: z.strictObject({ url: z.url({ protocol: /^wss?$/ }).optional(), accessToken: z.string().optional() }),
    channels: z.array(channel),
  }),
}) satisfies z.ZodType<Settings>;

function isZone(name: string): boolean {
  try {
    createCalendar(name);
    return true;
  } catch {
    return false;
  }
}
