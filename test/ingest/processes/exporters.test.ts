import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { data } from "../../started/ask.ts";
import { cleanUp, startServe, temporary } from "../../started/started.ts";

const SDK_2 = join(import.meta.dirname, "../sdk2");

beforeAll(() => {
  if (existsSync(join(SDK_2, "node_modules"))) return;
  const { status, stderr } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: SDK_2, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}, 120_000);
afterAll(cleanUp);

const SENDERS = { "2.x": join(SDK_2, "sender.js"), "3.x": join(import.meta.dirname, "../sdk3-sender.ts") };
const PROTOCOLS = ["http/protobuf", "http/json"] as const;
const CASES = Object.entries(SENDERS).flatMap(([version, file]) =>
  PROTOCOLS.flatMap((protocol) => ["none", "gzip"].map((compression) => ({ version, file, protocol, compression }))),
);

function run(file: string, env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, [file], { env: { PATH: process.env["PATH"], ...env } });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (output += part));
  child.on("close", (code) => (code === 0 ? resolve(output) : reject(new Error(output))));
  return promise;
}

// contract §2: "A fact comes from one ended span or one log record, of the bot in the same process or of any program over
// OTLP."
describe("what the official exporters send is counted", () => {
  test.for(CASES)("SDK $version, $protocol, compression $compression", async ({ file, protocol, compression }) => {
    const { url, stop } = await startServe({ dataDir: temporary() });
    const output = await run(file, {
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
      OTEL_SERVICE_NAME: "telegram-bot",
      OTEL_RESOURCE_ATTRIBUTES: "service.version=1.2.3,service.instance.id=i-1",
    });
    expect(output).toBe("");

    const { summary } = await data<{ summary: object }>(url, "/api/stats");
    expect(summary).toEqual({
      totalMessages: 1,
      aiResponses: 1,
      toolCalls: 1,
      tokensUsed: 150,
      activeUsers: 1,
      activeGroups: 1,
    });
    const { users } = await data<{ users: object[] }>(url, "/api/stats/users");
    expect(users).toMatchObject([{ userId: "u-1", nickname: "Łukasz 🧑‍🚀", tokens: 150 }]);
    const { models } = await data<{ models: object[] }>(url, "/api/stats/models");
    expect(models).toMatchObject([{ model: "gpt-4o", requests: 2, errors: 1, tokens: 150 }]);
    const tools = await data<{ logs: object[] }>(url, "/api/logs/tools");
    expect(tools.logs).toMatchObject([{ toolName: "weather", args: { city: "Kraków", days: 3 }, userId: "u-1" }]);
    const { errors } = await data<{ errors: { error: string }[] }>(url, "/api/logs/errors");
    const byText = errors.toSorted((a, b) => (a.error < b.error ? 1 : -1));
    expect(byText).toMatchObject([
      { error: "it broke" },
      { error: "429 too many", stack: expect.stringContaining("Error: 429"), context: { channel: "openai" } },
    ]);
    const { logs } = await data<{ logs: object[] }>(url, "/api/logs?level=info");
    expect(logs).toMatchObject([{ message: "started", meta: { n: 1, ratio: 0.5, ok: true, list: ["a", "b"] } }]);
    const { bot, bots } = await data<{ bot: object; bots: object[] }>(url, "/api/system/status");
    expect(bot).toEqual({ connected: true, platform: "telegram", uin: "7001" });
    expect(bots).toMatchObject([{ uin: "7001", version: "1.2.3" }]);
    await stop();
  });
});
