import { describe, expect, test } from "vitest";
import type { Fact, Link, Step } from "../../src/contract/fact.ts";
import type { ErrorsData, LogsData, ToolLogsData } from "../../src/contract/wire/logs.ts";
import type { TraceData } from "../../src/contract/wire/traces.ts";
import { log, message, request, tool } from "./facts.ts";
import { startApi } from "./started.ts";
import { startWhole } from "./whole.ts";

const NOON = Date.UTC(2026, 10, 24, 12);
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const OTHER = "0af7651916cd43dd8448eb211c80319d";

function ids(n: number, parent?: number) {
  const id = (of: number) => of.toString(16).padStart(16, "0");
  const spanId = id(n);
  return { traceId: TRACE, spanId, key: TRACE + spanId, parentId: parent === undefined ? undefined : id(parent) };
}

function step(n: number, parent: number | undefined, of: Partial<Step>): Link {
  const { traceId, spanId, parentId } = ids(n, parent);
  const bare = { name: "a step", timeMs: NOON, timeNs: 0, durationNs: 0, failed: false };
  return { traceId, spanId, parentId, agent: false, step: { ...bare, ...of } };
}

const MS = 1_000_000;
const turn: Fact[] = [
  message(NOON, { ...ids(1), durationNs: 3000 * MS, userId: "7", groupId: "8", responses: 1 }),
  request(NOON - 1000, {
    ...ids(2, 4),
    timeNs: 250_000,
    durationNs: 1500 * MS,
    previousChannel: "backup",
    firstChunkNs: 300 * MS,
  }),
  tool(NOON - 500, {
    ...ids(3, 1),
    durationNs: 200 * MS,
    failed: true,
    errorType: "timeout",
    errorMessage: "too late",
    callId: "call_1",
    args: '{"city":"secret"}',
  }),
  log(NOON - 100, { ...ids(1), key: "ab".repeat(24), parentId: undefined, level: "warn", message: "x".repeat(300) }),
];
const steps = [
  step(4, 1, {
    name: "invoke_agent helper",
    timeMs: NOON - 900,
    durationNs: 1700 * MS,
    service: "bot",
    attributes: '{"gen_ai.operation.name":"invoke_agent"}',
  }),
  step(5, 2, { name: "POST", timeMs: NOON - 1001, durationNs: 1400 * MS, failed: true }),
];

// contract §4: "traceId, startTime, duration,
// spans[{spanId,parentId,kind,name,start,duration,status,counted,model,channel,provider,tokens,tool,error,attributes}]"
// "beside the documented ones: a turn in the order of start, ties by spanId. `kind`: `message`, `request`, `tool`, `log`,
// or `span` for what is no fact; a log record has a `spanId` of its own, and as `parentId` the span that it was written
// in. `start` (from the start of the first) and `duration` in ms, with fractions; no `attributes` that are content. `at`:
// required, the time of a fact of the trace, as it stands beside each `traceId`; within 15 minutes of it the trace is
// looked for, and 404 where nothing is there. 2000 items at the most, and `truncated: true` where there is more"
describe("GET /api/traces/{traceId}?at", () => {
  // issue 6: "the turn's facts in order, with kind, name, start offset and duration in ms, status, model, channel,
  // tokens, tool, attributes that are no content; `at` is the time of the fact that led there"
  test("the turn's facts in order, with kind, name, start offset and duration in ms, status, model, channel, tokens, tool", async () => {
    const { take, data } = await startWhole();
    take(turn, [], steps);
    const whole = await data<TraceData>(`/api/traces/${TRACE}?at=2026-11-24T11:59:59.500Z`);
    expect(whole).toMatchObject({ traceId: TRACE, startTime: "2026-11-24T11:59:57.000Z", duration: 3000 });
    expect(whole).not.toHaveProperty("truncated");
    const lines = whole.spans.map(({ kind, name, start, duration, status }) => [kind, name, start, duration, status]);
    expect(lines).toEqual([
      ["message", "message onebot", 0, 3000, "success"],
      ["span", "invoke_agent helper", 400, 1700, "success"],
      ["request", "chat gpt-4o", 500.25, 1500, "success"],
      ["span", "POST", 599, 1400, "error"],
      ["tool", "execute_tool get_weather", 2300, 200, "error"],
      ["log", "x".repeat(200), 2900, 0, null],
    ]);
    expect(whole.spans[2]).toEqual({
      spanId: ids(2).spanId,
      parentId: ids(4).spanId,
      kind: "request",
      name: "chat gpt-4o",
      start: 500.25,
      duration: 1500,
      status: "success",
      counted: true,
      model: "gpt-4o",
      channel: "openai-main",
      provider: "openai",
      tokens: 120,
      tool: null,
      error: null,
      attributes: {
        "gen_ai.operation.name": "chat",
        "bot.channel.previous": "backup",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.response.time_to_first_chunk": 0.3,
        "user.id": "7",
        "bot.group.id": "8",
      },
    });
    expect(whole.spans[4]).toMatchObject({ tool: "get_weather", error: "too late", model: null, tokens: null });
  });

  test("attributes that are no content", async () => {
    const { take, data } = await startWhole();
    take(turn, [], steps);
    const whole = await data<TraceData>(`/api/traces/${TRACE}?at=${NOON}`);
    expect(JSON.stringify(whole)).not.toContain("secret");
    expect(whole.spans.map(({ attributes }) => attributes)).toMatchObject([
      { "bot.platform": "onebot", "bot.response.count": 1 },
      { "gen_ai.operation.name": "invoke_agent", "service.name": "bot" },
      {},
      {},
      { "gen_ai.tool.call.id": "call_1", "error.type": "timeout" },
      { level: "warn" },
    ]);
    expect(whole.spans[3]).toMatchObject({ counted: false, error: "_OTHER", attributes: {} });
  });

  test("a log record has an id of its own, and the span that it was written in is its parent", async () => {
    const { take, data } = await startWhole();
    take([...turn, log(NOON, { traceId: TRACE, key: "cd".repeat(24) })]);
    const { spans } = await data<TraceData>(`/api/traces/${TRACE}?at=${NOON}`);
    const logs = spans.filter(({ kind }) => kind === "log").map(({ spanId, parentId }) => [spanId, parentId]);
    expect(logs).toEqual([
      ["ab".repeat(8), ids(1).spanId],
      ["cd".repeat(8), null],
    ]);
  });

  test("a call that an inner span counts for is there, and not counted", async () => {
    const { take, data } = await startWhole();
    take([request(NOON, ids(2, 1)), request(NOON + 1, { ...ids(1), usageMissing: true })]);
    const { spans } = await data<TraceData>(`/api/traces/${TRACE}?at=${NOON}`);
    expect(spans.map(({ counted, tokens }) => [counted, tokens])).toEqual([
      [true, 120],
      [false, null],
    ]);
    expect(spans[1]?.attributes).toEqual({ "gen_ai.operation.name": "chat" });
  });

  test("those of one start are in the order of spanId", async () => {
    const { take, data } = await startWhole();
    take([3, 1, 2].map((n) => request(NOON, ids(n))));
    const { spans } = await data<TraceData>(`/api/traces/${TRACE}?at=${NOON}`);
    expect(spans.map(({ spanId }) => spanId)).toEqual([1, 2, 3].map((n) => ids(n).spanId));
  });

  test("2000 items at the most, `truncated: true` then", async () => {
    const { take, data } = await startWhole();
    take(Array.from({ length: 2000 }, (_, n) => tool(NOON + n, { ...ids(n + 1) })));
    const read = () => data<TraceData>(`/api/traces/${TRACE}?at=${NOON}`);
    expect(await read()).not.toHaveProperty("truncated");
    take([tool(NOON + 5000, ids(9999))]);
    const whole = await read();
    expect(whole.truncated).toBe(true);
    expect(whole.spans).toHaveLength(2000);
    expect(whole.duration).toBe(6000);
    expect(await data<TraceData>(`/api/traces/${TRACE}?at=${NOON + 9000}`)).toEqual(whole);
  });

  test("`at`: ISO 8601 or epoch ms, within 15 minutes; the trace id in any case", async () => {
    const { take, get } = await startWhole();
    take(turn);
    const minute = 60_000;
    const known = [NOON, "2026-11-24T12:00:00Z", "2026-11-24T20:00:00%2B08:00", NOON + 14 * minute, NOON - 15 * minute];
    for (const at of known) expect((await get(`/api/traces/${TRACE}?at=${at}`)).status).toBe(200);
    expect((await get(`/api/traces/${TRACE.toUpperCase()}?at=${NOON}`)).status).toBe(200);
  });

  test("nothing there is 404, with a sentence", async () => {
    const { take, get, failed } = await startWhole();
    take(turn);
    const far = [NOON + 3_600_000, 0, -1, "9999999999999999", "-9999999999999999", "2026-11-24"];
    const paths = [`${OTHER}?at=${NOON}`, ...far.map((at) => `${TRACE}?at=${at}`)];
    for (const path of paths) {
      const answer = await get(`/api/traces/${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(await answer.json()).toEqual({
        success: false,
        code: "NOT_FOUND",
        error: "Nothing is kept of this trace within 15 minutes of `at`; give the trace id and the time of one fact.",
      });
    }
    expect(failed).toEqual([]);
  });

  test("a bad id or time is 400, naming it", async () => {
    const { get } = await startApi();
    const bad: [string, string][] = [
      [`${TRACE}?at=yesterday`, "at"],
      [`${TRACE}?at=p1.2.3`, "at"],
      [`${TRACE}?at=`, "at"],
      [`${TRACE}?at=1&at=2`, "at"],
      [TRACE, "at"],
      [`${TRACE.slice(1)}?at=1`, "traceId"],
      [`${TRACE}0?at=1`, "traceId"],
      [`${"g".repeat(32)}?at=1`, "traceId"],
      ["__proto__?at=1", "traceId"],
      ["%00?at=1", "traceId"],
    ];
    for (const [path, name] of bad) {
      const answer = await get(`/api/traces/${path}`);
      const { error, code } = (await answer.json()) as { error: string; code: string };
      expect([path, answer.status, code]).toEqual([path, 400, "INVALID_PARAMETER"]);
      expect(error).toMatch(new RegExp(`^\`${name}\` accepts `));
    }
    for (const path of ["/api/traces", "/api/traces/", `/api/traces/${TRACE}/spans?at=1`])
      expect((await get(path)).status).toBe(404);
  });
});

// contract §4: "Log lines, tool logs and errors carry `traceId` as an extra where they have one."
test("what shows a trace id has the time that leads there beside it; what is in no trace has none", async () => {
  const { take, data } = await startWhole();
  const inTrace = [
    log(NOON - 3000, { traceId: TRACE, key: "01".repeat(24), level: "error" }),
    tool(NOON - 2000, { ...ids(3), failed: true, errorType: "timeout" }),
    request(NOON - 1000, { ...ids(2), failed: true, errorType: "500" }),
  ];
  take([...inTrace, log(NOON, { level: "error" })]);
  const { logs } = await data<LogsData>("/api/logs");
  const { logs: tools } = await data<ToolLogsData>("/api/logs/tools");
  const { errors } = await data<ErrorsData>("/api/logs/errors");
  expect(logs.map((row) => Object.hasOwn(row, "traceId"))).toEqual([false, true]);
  expect(errors.map((row) => Object.hasOwn(row, "traceId"))).toEqual([false, true, true, true]);
  for (const { traceId, timestamp } of [...logs, ...tools, ...errors]) {
    if (traceId === undefined) continue;
    const { spans } = await data<TraceData>(`/api/traces/${traceId}?at=${timestamp}`);
    expect(spans.map(({ kind }) => kind)).toEqual(["tool", "log", "request"]);
  }
  expect([...logs, ...tools, ...errors].filter(({ traceId }) => traceId === TRACE)).toHaveLength(5);
});
