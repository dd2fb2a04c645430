import { describe, expect, test } from "vitest";
import { message, record, request, span, tool } from "../oracle/makers.ts";
import { errorsNamed, feed, get, model, ofGroup, toolLog, toolRow } from "./one-bot.ts";
import type { Model } from "./one-bot.ts";

/**
 * Contract §2, seen from outside: what is fed is real spans and records, what is looked at is the API. Every test asks for
 * a group, a model, a tool or a channel of its own, so that all share one bot.
 */

describe("contract §2: which span is which fact", () => {
  test('`bot.operation.name = "message"`: `bot.platform`, `bot.id`, `user.id`, `user.name`, `bot.group.id` (absent: a private chat), `bot.group.name`, `bot.response.count` (responses sent; absent: 0)', async () => {
    const of = { group: "kinds", groupName: "The group" };
    await feed(
      message({ ...of, user: "k1", name: "Kay", responses: 2 }),
      message({ ...of, user: "k2" }),
      message({ user: "k1" }),
    );
    expect(await ofGroup("kinds")).toMatchObject({ totalMessages: 2, aiResponses: 2, activeUsers: 2 });
    expect(await get("/api/stats/groups?groupId=kinds")).toMatchObject({ groups: [{ name: "The group" }] });
    const { users } = (await get("/api/stats/users?limit=1000")) as unknown as { users: { userId: string }[] };
    expect(users.find(({ userId }) => userId === "k1")).toMatchObject({ nickname: "Kay", messages: 2 });
    expect(await get("/api/system/status")).toMatchObject({ bot: { platform: "onebot", uin: "3001" } });
  });

  test("`gen_ai.operation.name` is `chat`, `text_completion`, `generate_content` or `embeddings`; `gen_ai.provider.name`, `gen_ai.request.model`, `gen_ai.response.model`, `gen_ai.usage.*` (input, output, cache read, cache creation, reasoning), time to first chunk, `bot.channel.id`, `bot.channel.previous` (the channel that failed and that this one is asked instead of), `error.type`, `user.id`, `bot.group.id`", async () => {
    const operations = ["chat", "text_completion", "generate_content", "embeddings", "create_agent", "invoke_agent"];
    await feed(...operations.map((operation) => request({ operation, model: "ops", group: "ops", input: 1 })));
    expect(await model("ops")).toMatchObject({ requests: 4, tokens: 4 });
    expect(await ofGroup("ops")).toMatchObject({ tokensUsed: 4 });
    const instead = { "bot.channel.previous": "broken" };
    await feed(request({ channel: "spare", group: "instead", more: instead }));
    expect(await get("/api/stats/channels?groupId=instead&period=week")).toMatchObject({
      channels: expect.arrayContaining([expect.objectContaining({ id: "spare", requests: 1 })]),
    });
  });

  test('`gen_ai.operation.name = "execute_tool"`, or an MCP `tools/call` client span; `gen_ai.tool.name`, `gen_ai.tool.call.id`, `gen_ai.tool.call.arguments`, `gen_ai.tool.call.result`, `error.type`, `user.id`, `bot.group.id`', async () => {
    const mcp = { "mcp.method.name": "tools/call", "gen_ai.tool.name": "both" };
    await feed(
      tool({ name: "both", args: '{"n":1}', result: "[2]", user: "tu", at: Date.now() - 1000 }),
      span(mcp),
      span({ ...mcp, "mcp.method.name": "tools/list" }),
    );
    expect(await toolRow("both")).toMatchObject({ calls: 2 });
    expect((await toolLog("both"))[0]).toMatchObject({ args: { n: 1 }, result: [2], userId: "tu", status: "success" });
  });

  test("an OTel log record that is no state event (§9) and no content event: time, severity, body, attributes, trace id, span id", async () => {
    const inside = span({});
    const time = Math.floor(Date.now() / 1000) * 1000 - 86_400_000 + 123;
    await feed(record("a line", { severity: 13, inside, at: time, attributes: { n: 1 } }));
    const { logs } = (await get(`/api/logs?level=warn&before=${time + 1}`)) as unknown as { logs: object[] };
    expect(logs[0]).toMatchObject({
      timestamp: new Date(time).toISOString(),
      level: "warn",
      message: "a line",
      meta: { n: 1 },
      traceId: inside.traceId,
    });
  });

  test("Spans that match no row are no facts. The span kinds below are what botel writes; when reading they are never a condition.", async () => {
    // All that is fed here are spans of kind INTERNAL.
    const before = await get("/api/stats");
    await feed(span({ "http.request.method": "GET" }, { user: "nobody", group: "none", error: true }));
    expect(await get("/api/stats")).toEqual(before);
    expect(await ofGroup("none")).toMatchObject({ totalMessages: 0 });
  });
});

describe("contract §2: times and durations", () => {
  test("Time of a fact: the span's end; Late facts count on the day of their own time, not of their arrival.", async () => {
    const midnight = Math.floor(Date.now() / 86_400_000 - 4) * 86_400_000;
    await feed(
      message({ group: "ends", at: midnight, took: 5000 }),
      message({ group: "ends", at: midnight + 86_400_000 - 1, took: 5000 }),
      message({ group: "ends", at: midnight - 1 }),
    );
    const { daily } = (await get("/api/stats?groupId=ends")) as unknown as {
      daily: { date: string; messages: number }[];
    };
    expect(daily.slice(0, 2)).toMatchObject([
      { date: new Date(midnight - 1).toISOString().slice(0, 10), messages: 1 },
      { date: new Date(midnight).toISOString().slice(0, 10), messages: 2 },
    ]);
  });

  test("Kept in nanoseconds; durations are summed in nanoseconds and rounded once, at the end, half up, to whole ms.", async () => {
    const took = (ms: number) => tool({ name: "exact", took: ms });
    await feed(...[0.4, 0.4, 0.7].map(took));
    expect(await toolRow("exact")).toMatchObject({ avgDuration: 1 });
    await feed(took(0.499));
    expect(await toolRow("exact")).toMatchObject({ avgDuration: 0 });
    await feed(tool({ name: "half", took: 0.5 }));
    expect(await toolRow("half")).toMatchObject({ avgDuration: 1 });
    expect(await toolLog("half")).toMatchObject([{ duration: 1 }]);
  });

  test("Facts dated over 10 min ahead, older than raw facts are kept (90 days by default), or without a valid id or time, are refused", async () => {
    const day = 86_400_000;
    await feed(
      request({ model: "ahead", at: Date.now() + 11 * 60_000 }),
      request({ model: "soon", at: Date.now() + 9 * 60_000 }),
      request({ model: "gone", at: Date.now() - 91.1 * day }),
      request({ model: "kept", at: Date.now() - 88.9 * day }),
      request({ model: "no time", at: 0, took: 0 }),
      record("from the future", { at: Date.now() + 20 * 60_000 }),
    );
    const names = ["ahead", "soon", "gone", "kept", "no time"];
    const rows = await Promise.all(names.map(model));
    expect(rows.map((row) => row?.requests ?? 0)).toEqual([0, 1, 0, 1, 0]);
    const { logs } = (await get("/api/logs?limit=1000")) as unknown as { logs: { message: string }[] };
    expect(logs.filter(({ message: text }) => text === "from the future")).toEqual([]);
  });
});

describe("contract §2: names and tokens", () => {
  test("Model: `gen_ai.request.model`, else `gen_ai.response.model`, else `unknown`. Channel: `bot.channel.id`, else `gen_ai.provider.name`, else `unknown`.", async () => {
    const answered = { "gen_ai.response.model": "answered" };
    const of = { group: "named" };
    await feed(
      request({ ...of, model: "asked", channel: "way", provider: "prov", more: answered }),
      request({ ...of, provider: "prov", more: answered }),
      request(of),
    );
    const { models } = (await get("/api/stats/models?groupId=named")) as unknown as { models: Model[] };
    expect(models.map((row) => row.model)).toEqual(["answered", "asked", "unknown"]);
    const { channels } = (await get("/api/stats/channels?groupId=named")) as unknown as {
      channels: { id: string; requests: number }[];
    };
    expect(channels.filter(({ requests }) => requests > 0).map(({ id }) => id)).toEqual(["prov", "unknown", "way"]);
  });

  test("Tokens = input + output, the provider's total. Cached and reasoning tokens are parts of those and never added again.", async () => {
    const reasoned = { "gen_ai.usage.reasoning.output_tokens": 3 };
    await feed(request({ model: "sum", input: 100, output: 10, cached: 60, more: reasoned }));
    expect(await model("sum")).toMatchObject({ tokens: 110 });
  });

  test("so has any other where cache read + cache creation > input.", async () => {
    const written = { "gen_ai.usage.cache_creation.input_tokens": 30 };
    await feed(request({ model: "apart", input: 10, output: 1, cached: 5, more: written }));
    await feed(request({ model: "within", input: 35, output: 1, cached: 5, more: written }));
    expect(await model("apart")).toMatchObject({ tokens: 46 });
    expect(await model("within")).toMatchObject({ tokens: 36 });
  });

  test("A failed request's tokens count. Absent usage is 0 tokens and marked as missing.", async () => {
    await feed(request({ model: "lost", input: 5, output: 2, error: true }), request({ model: "lost" }));
    expect(await model("lost")).toEqual({ model: "lost", requests: 2, tokens: 7, avgLatency: 1, errors: 1 });
  });

  test("Failed: span status ERROR, or `error.type` set. An ERROR span counts once, whatever events it holds.", async () => {
    const exception = { type: "E", message: "boom once", stacktrace: "E: boom once\n at x" };
    await feed(
      request({ model: "fails", error: true, errorType: "E", exception }),
      request({ model: "fails", errorType: "timeout" }),
      request({ model: "fails" }),
    );
    expect(await model("fails")).toMatchObject({ requests: 3, errors: 2 });
    expect(await errorsNamed("boom once")).toHaveLength(1);
  });
});

describe("contract §2: content", () => {
  test("Content is no fact: GenAI content events (`gen_ai.*.message`, `gen_ai.choice`, `gen_ai.client.inference.operation.details`) are no log lines, and prompt and reply attributes are never read.", async () => {
    const names = ["gen_ai.user.message", "gen_ai.choice", "gen_ai.client.inference.operation.details"];
    const secret = "what the user wrote";
    await feed(
      ...names.map((eventName) => record(secret, { eventName, severity: 17 })),
      request({ model: "talk", more: { "gen_ai.input.messages": secret, "gen_ai.output.messages": secret } }),
    );
    const lists = [
      "/api/logs?limit=1000",
      "/api/logs/errors?limit=1000",
      "/api/logs/tools?limit=1000",
      "/api/stats/models",
    ];
    for (const path of lists) expect(JSON.stringify(await get(path))).not.toContain(secret);
  });
});
