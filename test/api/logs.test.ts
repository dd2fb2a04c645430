import { describe, expect, test } from "vitest";
import type { Fact } from "../../src/contract/fact.ts";
import type { ErrorsData, LogsData, ToolLogsData } from "../../src/contract/wire/logs.ts";
import { log, request, tool } from "./facts.ts";
import { startWhole } from "./whole.ts";

const NOON = Date.UTC(2026, 10, 24, 12);
const TRACE = "0af7651916cd43dd8448eb211c80319c";

describe("GET /api/logs", () => {
  // contract §4: "`level`: `error`, `warn`, `info`, `debug`", and "logs[{timestamp,level,message,meta}], nextBefore"
  test("contract §4: newest first; `level` exactly that level", async () => {
    const { take, data } = await startWhole();
    const levels = ["debug", "info", "warn", "error"] as const;
    take(levels.map((level, i) => log(NOON + i, { level, message: level })));
    const messages = async (query: string) =>
      (await data<LogsData>(`/api/logs${query}`)).logs.map(({ message }) => message);
    expect(await messages("")).toEqual(["error", "warn", "info", "debug"]);
    for (const level of levels) expect(await messages(`?level=${level}`)).toEqual([level]);
  });

  test("contract §3: Times under `/api/logs`: UTC with milliseconds.", async () => {
    const { take, data } = await startWhole();
    take([log(NOON + 7, { timeNs: 999_999, traceId: TRACE })]);
    expect(await data("/api/logs")).toEqual({
      logs: [
        {
          timestamp: "2026-11-24T12:00:00.007Z",
          level: "info",
          message: "Chat request processed",
          meta: {},
          traceId: TRACE,
        },
      ],
      nextBefore: null,
    });
  });

  test("contract §4: `meta`: the record's attributes; `userId` and `model` named as in the page where it has them", async () => {
    const { take, data, get } = await startWhole();
    const meta = async (of: Parameters<typeof log>[1]) => {
      take([log(NOON, of)]);
      return (await data<LogsData>("/api/logs?limit=1")).logs[0]?.meta;
    };
    const attributes = '{"user.id":"123","gen_ai.request.model":"gpt-4o","n":1,"list":[null]}';
    expect(await meta({ meta: attributes, userId: "123", model: "gpt-4o" })).toEqual({
      userId: "123",
      model: "gpt-4o",
      n: 1,
      list: [null],
    });
    // What the turn knows of the user is added; what the record says under another name stays.
    expect(await meta({ meta: '{"user.id":7,"gen_ai.request.model":"a"}', userId: "7", model: "b" })).toEqual({
      userId: "7",
      model: "b",
      "gen_ai.request.model": "a",
    });
    expect(await meta({ meta: '{"userId":9}' })).toEqual({ userId: "9" });
    take([log(NOON + 1, { meta: '{"__proto__":{"x":1}}' })]);
    expect(await (await get("/api/logs?limit=1")).text()).toContain('"meta":{"__proto__":{"x":1}}');
  });

  test("contract §4: `limit` on logs defaults to 100.", async () => {
    const { take, data } = await startWhole();
    take(Array.from({ length: 101 }, (_, i) => log(NOON + i)));
    take(Array.from({ length: 101 }, (_, i) => tool(NOON + i, { failed: true })));
    const first = await data<LogsData>("/api/logs");
    expect(first.logs).toHaveLength(100);
    expect((await data<ToolLogsData>("/api/logs/tools")).logs).toHaveLength(100);
    expect((await data<ErrorsData>("/api/logs/errors")).errors).toHaveLength(100);
    const second = await data<LogsData>(`/api/logs?before=${first.nextBefore}`);
    expect([second.logs.length, second.nextBefore]).toEqual([1, null]);
  });

  test("contract §4: `before` exclusive: an ISO 8601 time, epoch ms", async () => {
    const { take, data } = await startWhole();
    take([0, 1, 2].map((ms) => log(NOON + ms, { message: String(ms) })));
    const messages = async (before: string) =>
      (await data<LogsData>(`/api/logs?before=${before}`)).logs.map(({ message }) => message);
    expect(await messages("2026-11-24T12:00:00.002Z")).toEqual(["1", "0"]);
    expect(await messages(String(NOON + 1))).toEqual(["0"]);
    expect(await messages("2026-11-24T17:45:00.001+05:45")).toEqual(["0"]);
    expect(await messages("9999-12-31")).toEqual(["2", "1", "0"]);
    expect(await messages("8640000000000000")).toEqual(["2", "1", "0"]);
    expect(await messages("1970-01-01")).toEqual([]);
    expect(await messages("-1")).toEqual([]);
  });
});

describe("contract §4: the `nextBefore` of the last answer (a string, null on the last page), which pages without loss or repeat even where times are equal", () => {
  const lists = [
    ["/api/logs", "logs", (i: number) => log(NOON + (i >> 3), { level: "error", message: `m${i}` })],
    ["/api/logs/tools", "logs", (i: number) => tool(NOON + (i >> 3), { tool: `m${i}` })],
    ["/api/logs/errors", "errors", (i: number) => request(NOON + (i >> 3), { failed: true, errorMessage: `m${i}` })],
  ] as const;

  test.each(lists)("%s, while more comes", async (path, list, make: (i: number) => Fact) => {
    const whole = await startWhole();
    whole.take(Array.from({ length: 40 }, (_, i) => make(i)));
    for (const limit of [1, 3, 7, 8, 39, 40, 41]) {
      const seen: string[] = [];
      let [before, more] = ["", 0];
      for (;;) {
        const page = await whole.data<Record<string, unknown>>(`${path}?limit=${limit}${before}`);
        seen.push(...(page[list] as object[]).map(nameOf));
        if (page["nextBefore"] === null) break;
        before = `&before=${page["nextBefore"] as string}`;
        if (limit === 7 && more === 0) whole.take([make(400 + (more += 1))]);
      }
      const first = Array.from({ length: 40 }, (_, i) => `m${i}`);
      expect(seen.filter((name) => first.includes(name)).sort()).toEqual(first.sort());
      expect(seen.length).toBe(new Set(seen).size);
    }
  });
});

/** The name that a row was made with. */
function nameOf(row: object): string {
  const { message, toolName, error } = row as Record<string, string | undefined>;
  return message ?? toolName ?? error ?? "";
}

describe("GET /api/logs/tools", () => {
  test("contract §4: `id` a UUID, the same at every reading", async () => {
    const { take, data } = await startWhole();
    const one = tool(NOON);
    take([one, tool(NOON), tool(NOON + 1)]);
    const ids = async () => (await data<ToolLogsData>("/api/logs/tools")).logs.map(({ id }) => id);
    const first = await ids();
    expect(new Set(first).size).toBe(3);
    expect(await ids()).toEqual(first);

    // Another botel that is told of the same call gives it the same id.
    const other = await startWhole();
    other.take([one]);
    const [id] = (await other.data<ToolLogsData>("/api/logs/tools")).logs.map(({ id }) => id);
    expect(first).toContain(id);
  });

  // contract §4: "logs[{id,toolName,args,result,status,duration,userId,timestamp}], nextBefore"
  test("contract §4: `args` and `result` JSON values (a string that holds JSON is parsed), redacted and cut as configured (`truncated: true` then); `userId` null if unknown", async () => {
    const { take, data } = await startWhole();
    take([
      tool(NOON + 3, { args: '{"city":"北京"}', result: '"cold"', userId: "1", durationNs: 1_499_999 }),
      tool(NOON + 2, { args: "[1]", result: "null", truncated: true, failed: true, durationNs: 1_500_000 }),
      tool(NOON + 1, { traceId: TRACE }),
    ]);
    const { logs } = await data<ToolLogsData>("/api/logs/tools");
    const common = { id: expect.any(String), toolName: "get_weather" };
    const traceId = expect.stringMatching(/^[\da-f]{32}$/);
    expect(logs).toEqual([
      {
        ...common,
        args: { city: "北京" },
        result: "cold",
        status: "success",
        duration: 1,
        userId: "1",
        timestamp: "2026-11-24T12:00:00.003Z",
        traceId,
      },
      {
        ...common,
        args: [1],
        result: null,
        truncated: true,
        status: "error",
        duration: 2,
        userId: null,
        timestamp: "2026-11-24T12:00:00.002Z",
        traceId,
      },
      {
        ...common,
        args: null,
        result: null,
        status: "success",
        duration: 1000,
        userId: null,
        timestamp: "2026-11-24T12:00:00.001Z",
        traceId,
      },
    ]);
  });

  test("contract §4: A filter is applied before the limit", async () => {
    const { take, data } = await startWhole();
    take([
      ...Array.from({ length: 50 }, (_, i) => tool(NOON + 100 + i, { tool: "other" })),
      tool(NOON + 2, { tool: "rare", userId: "7" }),
      tool(NOON + 1, { tool: "rare", failed: true }),
    ]);
    const found = async (query: string) =>
      (await data<ToolLogsData>(`/api/logs/tools?${query}`)).logs.map(
        ({ toolName, status, userId }) => `${toolName} ${status} ${userId}`,
      );
    const [good, bad] = ["rare success 7", "rare error null"];
    expect(await found("toolName=rare&limit=2")).toEqual([good, bad]);
    expect(await found("userId=7&limit=1")).toEqual([good]);
    expect(await found("status=error&limit=1")).toEqual([bad]);
    expect(await found("toolName=rare&userId=7&status=success&limit=1")).toEqual([good]);
    expect(await found("toolName=rare&userId=7&status=error&limit=1")).toEqual([]);
    expect(await found("toolName=Rare")).toEqual([]);
  });
});

describe("GET /api/logs/errors", () => {
  // contract §4: "errors[{timestamp,error,stack,context{channel,model}}], nextBefore", "`stack`: `exception.stacktrace`,
  // else null", and "Log lines, tool logs and errors carry `traceId` as an extra where they have one."
  test("contract §4: error log records, failed requests and failed tool calls", async () => {
    const { take, data } = await startWhole();
    take([
      log(NOON + 4, { level: "error", message: "said", stack: "at a", channel: "c", model: "m", traceId: TRACE }),
      request(NOON + 3, { failed: true, errorType: "429", errorMessage: "API rate limit exceeded", traceId: TRACE }),
      tool(NOON + 2, { failed: true, errorType: "timeout", traceId: TRACE }),
    ]);
    take([log(NOON + 1, { level: "warn" }), request(NOON + 1), tool(NOON + 1)]);
    const { errors } = await data<ErrorsData>("/api/logs/errors");
    expect(errors).toEqual([
      item("2026-11-24T12:00:00.004Z", "said", { channel: "c", model: "m" }, "at a"),
      item("2026-11-24T12:00:00.003Z", "API rate limit exceeded", { channel: "openai-main", model: "gpt-4o" }),
      item("2026-11-24T12:00:00.002Z", "timeout", { channel: null, model: null }),
    ]);
  });

  // contract §4: "A record and a failed fact of the same span are one item: the first to arrive makes it and keeps its time
  // and place, later ones fill `stack` and `context`."
  test.each(["the record", "the fact"])("%s comes first, and the other fills what it lacks", async (first) => {
    const { take, data } = await startWhole();
    const failed = request(NOON + 9, { failed: true, errorMessage: "429", traceId: TRACE });
    const { traceId, spanId } = failed;
    const record = log(NOON, { level: "error", message: "said", stack: "at x", traceId, spanId });
    const arrivals = first === "the record" ? [record, failed] : [failed, record];
    for (const fact of arrivals) take([fact]);
    const { errors } = await data<ErrorsData>("/api/logs/errors");
    const made = first === "the record" ? ["12:00:00.000", "said"] : ["12:00:00.009", "429"];
    const context = { channel: "openai-main", model: "gpt-4o" };
    expect(errors).toEqual([item(`2026-11-24T${made[0]}Z`, String(made[1]), context, "at x")]);
  });

  test("an `error` event has the very item that the list has", async () => {
    const whole = await startWhole();
    const answer = await whole.get("/api/system/events?types=error");
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    whole.take([request(NOON, { failed: true, errorMessage: "down\n\ndata: x", stack: "at x", userId: "1" })]);
    const event = await firstData(reader);
    const { errors } = await whole.data<ErrorsData>("/api/logs/errors");
    expect(errors).toEqual([event]);
    await reader.cancel();
  });
});

function item(timestamp: string, error: string, context: object, stack: string | null = null): object {
  return { timestamp, error, stack, context, traceId: TRACE };
}

async function firstData(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<unknown> {
  let text = "";
  for (;;) {
    text += Buffer.from((await reader.read()).value ?? []).toString();
    const data = /^event: ?error\n(?:.+\n)*?data: ?(.+)\n/m.exec(text)?.[1];
    if (data !== undefined) return JSON.parse(data);
  }
}

test("every answer keeps to its schema, whatever the facts hold", async () => {
  const whole = await startWhole();
  whole.take(hostile());
  for (const path of PATHS) await whole.data(path);
});

const PATHS = ["models", "tools", "users", "groups", "channels"]
  .map((list) => `/api/stats/${list}`)
  .concat(["/api/stats", "/api/logs", "/api/logs/tools", "/api/logs/errors", "/api/system/status", "/api/system/info"]);

function hostile(): Fact[] {
  const texts = [
    "__proto__",
    "constructor",
    "\u0000",
    "a\nb",
    "\ud83d\udc4b",
    "‮",
    "x".repeat(5000),
    "'; --",
    "</script>",
  ];
  return texts.flatMap((text) => {
    const owner = { userId: text, userName: text, groupId: text, groupName: text };
    return [
      request(NOON, { ...owner, model: text, channel: text, failed: true, errorMessage: text, stack: text }),
      tool(NOON, { ...owner, tool: text, args: JSON.stringify({ [text]: text }), result: text, failed: true }),
      log(NOON, { ...owner, message: text, meta: JSON.stringify({ [text]: [text] }), level: "error" }),
    ];
  });
}
