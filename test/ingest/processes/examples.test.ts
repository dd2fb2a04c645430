import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { SPAN_ATTRIBUTES, STATE_EVENTS } from "../../../src/contract/attributes.ts";
import { data } from "../../started/ask.ts";
import { cleanUp, startServe, temporary } from "../../started/started.ts";

const ROOT = join(import.meta.dirname, "../../..");
const EXAMPLES = join(ROOT, "examples/otlp");
const SDK_2 = join(import.meta.dirname, "../sdk2");
const copies: string[] = [];

beforeAll(() => {
  if (existsSync(join(SDK_2, "node_modules"))) return;
  const { status, stderr } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: SDK_2, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}, 120_000);
afterAll(async () => {
  for (const folder of copies) rmSync(folder, { recursive: true, force: true });
  await cleanUp();
});

function run(command: string, args: string[], url: string): Promise<string> {
  const env = {
    PATH: process.env["PATH"],
    OTEL_SERVICE_NAME: "my-bot",
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_LOGS_EXPORTER: "otlp",
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
  };
  const child = spawn(command, args, { env });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (output += part));
  child.on("close", (code) => (code === 0 ? resolve(output) : reject(new Error(output))));
  return promise;
}

/** A copy beside the packages of SDK 2.x, which cannot lie beside 3.x. */
function besideSdk2(file: string): string {
  const folder = mkdtempSync(join(SDK_2, "example-"));
  copies.push(folder);
  copyFileSync(join(EXAMPLES, file), join(folder, file));
  return join(folder, file);
}

function hasPython(): boolean {
  const needed = "import opentelemetry.sdk.trace, opentelemetry.exporter.otlp.proto.http.trace_exporter";
  return spawnSync("python3", ["-c", needed]).status === 0;
}

async function expectOneTurn(url: string): Promise<void> {
  const { summary } = await data<{ summary: object }>(url, "/api/stats");
  const counts = { totalMessages: 1, aiResponses: 1, toolCalls: 1, activeUsers: 1, activeGroups: 1 };
  expect(summary).toMatchObject(counts);
  const { users } = await data<{ users: object[] }>(url, "/api/stats/users");
  expect(users).toMatchObject([{ userId: "u-1", nickname: "Ada" }]);
  const { models } = await data<{ models: { tokens: number }[] }>(url, "/api/stats/models");
  expect(models).toMatchObject([{ model: "gpt-4o", requests: 1, errors: 0 }]);
  expect(models[0]!.tokens).toBeGreaterThan(12);
  const { channels } = await data<{ channels: object[] }>(url, "/api/stats/channels");
  expect(channels).toMatchObject([{ id: "openai-main", requests: 1 }]);
  const tools = await data<{ logs: object[] }>(url, "/api/logs/tools");
  expect(tools.logs).toMatchObject([{ toolName: "weather", args: { city: "Kraków" }, result: { degrees: 21 } }]);
}

// issue 5: "docs: `docs/otlp.md` — for a bot in Python, Go, Node (2.x, 3.x), …; examples that a test runs."
describe("the examples show up in every answer", () => {
  test.for([
    ["node.mjs", () => join(EXAMPLES, "node.mjs")],
    ["node-2.mjs", () => besideSdk2("node-2.mjs")],
  ] as const)("%s", async ([, file]) => {
    const { url } = await startServe({ dataDir: temporary() });
    expect(await run(process.execPath, [file()], url)).toBe("");
    await expectOneTurn(url);
    const { logs } = await data<{ logs: object[] }>(url, "/api/logs");
    expect(logs).toMatchObject([{ message: "started", level: "info" }]);
    expect(await data(url, "/api/system/status")).toMatchObject({ bot: { connected: true, uin: "7001" } });
  });

  test("bot.py, where Python has the SDK; else that it is Python", async () => {
    const file = join(EXAMPLES, "bot.py");
    const check = `compile(open(${JSON.stringify(file)}, encoding="utf-8").read(), "bot.py", "exec")`;
    expect(spawnSync("python3", ["-c", check], { encoding: "utf8" }).stderr ?? "").toBe("");
    if (!hasPython()) return;
    const { url } = await startServe({ dataDir: temporary() });
    await run("python3", [file], url);
    await expectOneTurn(url);
  });

  test("the Collector forwards all three signals to botel's main port", () => {
    const config = parse(readFileSync(join(EXAMPLES, "collector.yaml"), "utf8")) as {
      exporters: Record<string, { endpoint: string }>;
      service: { pipelines: Record<string, { exporters: string[] }> };
    };
    const { server } = parse(readFileSync(join(ROOT, "config/default.yaml"), "utf8")) as { server: { port: number } };
    expect(config.exporters["otlphttp/botel"]!.endpoint).toBe(`http://127.0.0.1:${server.port}`);
    expect(Object.keys(config.service.pipelines)).toEqual(["traces", "logs", "metrics"]);
    for (const { exporters } of Object.values(config.service.pipelines)) expect(exporters).toContain("otlphttp/botel");
  });
});

describe("docs/otlp.md", () => {
  const page = readFileSync(join(ROOT, "docs/otlp.md"), "utf8");
  const known = new Set([...SPAN_ATTRIBUTES, ...Object.values(STATE_EVENTS)]);

  test("names only attributes that are read", () => {
    const cells = page.split("\n").filter((line) => line.startsWith("| `"));
    const named = cells.flatMap((line) =>
      [...line.matchAll(/`((?:bot|gen_ai|user|error|mcp)\.[a-z_.]+)`/g)].map(([, name]) => name!),
    );
    expect(named.length).toBeGreaterThan(25);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test("has the limits as they are set", () => {
    const { ingest } = parse(readFileSync(join(ROOT, "config/default.yaml"), "utf8")) as {
      ingest: Record<string, number>;
    };
    for (const [name, value] of Object.entries(ingest))
      expect(page).toMatch(new RegExp(`\\| \`${name}\` \\| ${value} \\|`));
  });

  test("links to files that are there", () => {
    for (const [, target] of page.matchAll(/\]\((\.\.?\/[^)#]+)/g))
      expect(existsSync(join(ROOT, "docs", target!))).toBe(true);
  });
});
