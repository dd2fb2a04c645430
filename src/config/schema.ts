import { z } from "zod";
import { createAddressList } from "../lib/address.ts";
import { createCalendar } from "../lib/calendar.ts";
import { PATTERN_NAMES } from "../lib/mask.ts";

const port = z.int().min(0).max(65_535);
const count = z.int().min(0);
const positive = z.int().min(1);
const id = z.string().min(1).max(200);

/** YAML reads an id of digits as a number. */
const ownerIds = z.array(z.union([z.string().min(1), z.int().transform(String)]));

const server = z.url({ protocol: /^https?$/ });

const channel = z.strictObject({
  id,
  name: z.string().min(1).optional(),
  adapter: z.enum(["openai", "claude", "gemini"]),
  provider: id.optional(),
  baseUrl: z.url({ protocol: /^https?$/ }),
  apiKey: z.string().default(""),
  models: z.array(id).min(1),
  priority: z.int().default(100),
  enabled: z.boolean().default(true),
});

const mcpServer = z
  .strictObject({
    name: z.string().regex(/^[\w-]{1,40}$/, "has letters, digits, - and _ only, 40 at the most"),
    command: z.string().min(1).optional(),
    args: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).default({}),
    url: z.url({ protocol: /^https?$/ }).optional(),
    headers: z.record(z.string(), z.string()).default({}),
  })
  .refine(({ command, url }) => (command === undefined) !== (url === undefined), "has either a command or a url");

/** The shape of `config/default.yaml`, of a user's file on top of it, and of what the environment adds. */
export const settingsSchema = z
  .strictObject({
    server: z.strictObject({ host: z.string().min(1), port, otlpPort: port, maxConnections: positive }),
    rateLimit: count,
    access: z.strictObject({
      tokenFile: z.string().min(1).optional(),
      hosts: z.array(z.string().regex(/^[^\s:/]+$/, "is no name of a host: leave out port and scheme")),
      origins: z.array(z.string().refine(isOrigin, "is no origin, as https://dash.example is")),
      trustedProxies: z.array(z.string().refine(isAddress, "is no address and no network, as 10.0.0.0/8 is")),
      maxStreams: positive,
      rateLimits: z.strictObject({ session: positive, ingest: positive, metrics: positive }),
    }),
    dataDir: z.string().min(1),
    timeZone: z.string().refine(isZone, "is no time zone of the IANA list, as Asia/Shanghai is").optional(),
    demo: z.strictObject({ enabled: z.boolean().optional(), seed: z.int(), historyDays: z.int().min(0).max(90) }),
    store: z
      .strictObject({
        kind: z.enum(["sqlite", "clickhouse"]),
        retention: z.strictObject({ facts: positive, debugLogs: positive, toolBodies: positive, spans: positive }),
        maxBytes: count,
        clickhouse: z.strictObject({
          urls: z.array(z.union([server, z.array(server).min(1)])),
          database: z.string().regex(/^[A-Za-z_]\w{0,63}$/, "is no name of a database: letters, digits and _"),
          user: z.string().min(1),
          password: z.string(),
          replicated: z.boolean(),
          cluster: z.string().min(1).optional(),
          spool: z.boolean(),
          spoolBytes: positive,
        }),
      })
      .refine(({ kind, clickhouse }) => kind !== "clickhouse" || clickhouse.urls.length > 0, {
        path: ["clickhouse", "urls"],
        message: "names no server, and store.kind is clickhouse",
      }),
    privacy: z.strictObject({
      excludeUsers: ownerIds,
      excludeGroups: ownerIds,
      pseudonymise: z.boolean(),
      pseudonymKey: z.string().min(16).optional(),
    }),
    instrument: z.strictObject({
      unfinishedAfter: positive,
      queueLimit: z.int().min(1000),
      content: z.strictObject({
        maxChars: count,
        redactKeys: z.array(z.string().min(1)),
        redactPatterns: z.array(z.enum(PATTERN_NAMES)),
        errorTexts: z.boolean(),
      }),
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
    panel: z.strictObject({ enabled: z.boolean() }),
    bot: z.strictObject({
      onebot: z.strictObject({ url: z.url({ protocol: /^wss?$/ }).optional(), accessToken: z.string().optional() }),
      channels: z.array(channel),
      mcp: z.array(mcpServer).max(20),
      limits: z.strictObject({ groupAnswersPerDay: count, userAnswersPerDay: count }),
      groups: z.record(
        z.string(),
        z.strictObject({
          enabled: z.boolean().default(true),
          model: id.optional(),
          prompt: z.string().min(1).max(10_000).optional(),
          answersPerDay: count.optional(),
        }),
      ),
    }),
  })
  .refine(({ store, privacy }) => store.kind !== "clickhouse" || !privacy.pseudonymise || privacy.pseudonymKey, {
    path: ["privacy", "pseudonymKey"],
    message: "is not set, and all instances of a cluster need the same one",
  });

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function isAddress(text: string): boolean {
  try {
    createAddressList([text]);
    return true;
  } catch {
    return false;
  }
}

function isZone(name: string): boolean {
  try {
    createCalendar(name);
    return true;
  } catch {
    return false;
  }
}
