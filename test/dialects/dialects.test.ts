import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, data } from "../started/ask.ts";
import { cleanUp, startServe, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";
import { DIALECTS, type Dialect } from "./dialect.ts";
import { expectedOf } from "./expected.ts";
import { installPackages } from "./install.ts";
import { sums } from "./metrics.ts";
import { runScript, SECRET, startSeenProvider, type SeenProvider } from "./world.ts";

beforeAll(installPackages, 180_000);
afterAll(cleanUp);

interface Ran {
  url: string;
  dataDir: string;
  provider: SeenProvider;
  stop(): Promise<unknown>;
}

/** Runs a script against a botel and a provider of its own. */
async function ran(script: string): Promise<Ran> {
  const dataDir = temporary();
  const [botel, provider] = await Promise.all([startServe({ dataDir }), startSeenProvider()]);
  await runScript(script, botel.url, provider);
  return { url: botel.url, dataDir, provider, stop: () => Promise.all([botel.stop(), provider.stop()]) };
}

interface Answers {
  models: { models: { model: string; requests: number; tokens: number; errors: number }[] };
  channels: { channels: { id: string; requests: number; errors: number; status: string }[] };
  tools: { tools: { name: string; calls: number; successRate: number }[] };
  toolLog: { logs: { toolName: string; args: unknown; result: unknown; status: string; userId: string | null }[] };
  errors: { errors: { error: string; context: { model: string | null; channel: string | null } }[] };
  users: { users: { userId: string; tokens: number }[] };
  metrics: string;
}

async function answersOf(url: string): Promise<Answers> {
  const [models, channels, tools, toolLog, errors, users, metrics] = await Promise.all([
    data<Answers["models"]>(url, "/api/stats/models"),
    data<Answers["channels"]>(url, "/api/stats/channels"),
    data<Answers["tools"]>(url, "/api/stats/tools"),
    data<Answers["toolLog"]>(url, "/api/logs/tools"),
    data<Answers["errors"]>(url, "/api/logs/errors"),
    data<Answers["users"]>(url, "/api/stats/users"),
    ask(url, "/metrics"),
  ]);
  return { models, channels, tools, toolLog, errors, users, metrics: metrics.body as string };
}

const count = (rows: readonly { requests: number }[]): number => rows.reduce((sum, { requests }) => sum + requests, 0);

// contract §2: "Dialects: what other instrumentations write (older GenAI names, OpenLLMetry, OpenInference, the AI SDK,
// Langfuse) is mapped to the above in one table, tested against spans that their own code made."
describe("what other instrumentations write is counted as the provider saw it", () => {
  test.for(DIALECTS)("$name", { timeout: 90_000 }, async (dialect) => {
    const { url, dataDir, provider, stop } = await ran(dialect.script);
    const expected = expectedOf(provider.seen, dialect);
    const answers = await until(
      () => answersOf(url),
      ({ models }) => (count(models.models) < count(expected.models) ? "requests are missing" : undefined),
      20_000,
    );

    expect(
      answers.models.models.map(({ model, requests, tokens, errors }) => ({ model, requests, tokens, errors })),
    ).toEqual(expected.models);
    expect(answers.channels.channels.map(({ id, requests, errors }) => ({ id, requests, errors }))).toEqual([
      expected.channel,
    ]);
    checkErrors(answers, expected.channel.errors, dialect);
    checkTools(answers, dialect);
    checkMetrics(answers.metrics, expected, dialect);
    expect(answers.users.users.map(({ userId }) => userId)).toEqual(dialect.user === undefined ? [] : [dialect.user]);

    await stop();
    expect(filesWith(SECRET, dataDir), "contract §6: Prompts and replies are never stored.").toEqual([]);
  });
});

function checkErrors({ errors, metrics }: Answers, failed: number, { errorType, error }: Dialect): void {
  expect(errors.errors).toHaveLength(failed);
  for (const item of errors.errors) {
    expect(item.error).toMatch(error!);
    expect(item.context.model).toBe("gpt-4o");
  }
  const byType = sums(metrics, "bot_requests_total", "error_type");
  byType.delete("");
  expect([...byType]).toEqual(failed === 0 ? [] : [[errorType, failed]]);
}

function checkTools({ tools, toolLog }: Answers, { tool, user }: Dialect): void {
  const calls = tools.tools.map(({ name, calls, successRate }) => ({ name, calls, successRate }));
  expect(calls).toEqual(tool === undefined ? [] : [{ name: "roll_dice", calls: 1, successRate: 1 }]);
  const [line] = toolLog.logs;
  if (tool === undefined) expect(line).toBeUndefined();
  else expect(line).toMatchObject({ toolName: "roll_dice", ...tool, userId: user ?? null });
}

function checkMetrics(metrics: string, expected: ReturnType<typeof expectedOf>, { firstChunk }: Dialect): void {
  const sorted = (map: ReadonlyMap<string, number>) => Object.fromEntries([...map].filter(([, n]) => n > 0));
  expect(sorted(sums(metrics, "bot_tokens_total", "gen_ai_token_type"))).toEqual(expected.tokens);
  expect(sorted(sums(metrics, "bot_token_parts_total", "bot_token_part"))).toEqual(expected.parts);
  expect(sorted(sums(metrics, "bot_requests_total", "gen_ai_operation_name"))).toEqual(expected.operations);
  const firstChunks = sums(
    metrics,
    "gen_ai_client_operation_time_to_first_chunk_seconds_count",
    "gen_ai_request_model",
  );
  expect(firstChunks.get("gpt-4o") ?? 0).toBe(firstChunk ? 1 : 0);
}

function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

// contract §2: "tool call | `gen_ai.operation.name = "execute_tool"`, or an MCP `tools/call` client span"; "of spans of the
// same kind of fact nested in each other, the innermost counts."
test("@traceloop/instrumentation-mcp 0.27: a call of an MCP tool is one tool call, inside an execute_tool too", async () => {
  const { url, stop } = await ran("sdk-2/mcp.mjs");
  const answers = await until(
    () => answersOf(url),
    ({ toolLog }) => (toolLog.logs.length < 3 ? "tool calls are missing" : undefined),
    20_000,
  );
  expect(answers.models.models).toEqual([]);
  expect(answers.tools.tools).toMatchObject([
    { name: "roll_dice", calls: 2, successRate: 1 },
    { name: "lose_dice", calls: 1, successRate: 0 },
  ]);
  const args = { count: 2, sides: 6 };
  const result = { result: '{"dice":"2d6","total":7}' };
  expect(answers.toolLog.logs.toReversed()).toMatchObject([
    { toolName: "roll_dice", status: "success", args, result },
    { toolName: "lose_dice", status: "error", args },
    { toolName: "roll_dice", status: "success", args, result },
  ]);
  expect(answers.errors.errors.map(({ error }) => error)).toEqual(['"they are gone"']);
  await stop();
});
