import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { message, newTrace, record, request, tool } from "../oracle/makers.ts";
import { data, pages, query } from "../started/ask.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, temporary } from "../started/started.ts";
import type { StartedBot } from "../started/started.ts";

/** Contract §4, the log endpoints, with a history whose answers are written down by hand. */

const dataDir = temporary();
let bot: StartedBot;
const at = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();

beforeAll(async () => {
  bot = await startBot({ dataDir });
});
afterAll(cleanUp);

interface Line {
  timestamp: string;
  level: string;
  message: string;
  meta: Record<string, unknown>;
  traceId?: string;
}

interface Call {
  id: string;
  toolName: string;
  args: unknown;
  result: unknown;
  status: string;
  userId: string | null;
  truncated?: boolean;
}

interface ErrorRow {
  error: string;
  stack: string | null;
  timestamp: string;
  context: { channel: string | null; model: string | null };
}

const get = <T>(path: string, parameters: Record<string, string | number | undefined> = {}): Promise<T> =>
  data<T>(bot.url, query(path, parameters));
const errorsOf = async (): Promise<ErrorRow[]> =>
  (await get<{ errors: ErrorRow[] }>("/api/logs/errors", { limit: 1000 })).errors;

describe("contract §4, GET /api/logs", () => {
  test("logs[{timestamp,level,message,meta}], nextBefore newest first; `meta`: the record's attributes; `userId` and `model` named as in the page where it has them", async () => {
    const inside = request({ at });
    await fed(bot, [
      record("older", { at: at - 1 }),
      record("Chat request processed", {
        at,
        inside,
        attributes: { "user.id": "123", "gen_ai.request.model": "gpt-4o", "app.name": "x", n: 1, yes: true },
      }),
    ]);
    const { logs, nextBefore } = await get<{ logs: Line[]; nextBefore: null }>("/api/logs", { before: at + 1 });
    expect(logs).toEqual([
      {
        timestamp: iso(at),
        level: "info",
        message: "Chat request processed",
        meta: { userId: "123", model: "gpt-4o", "app.name": "x", n: 1, yes: true },
        traceId: inside.traceId,
      },
      { timestamp: iso(at - 1), level: "info", message: "older", meta: {} },
    ]);
    expect(nextBefore).toBeNull();
  });

  test("`level` exactly that level; `level`: `error`, `warn`, `info`, `debug`; OTel severities fold into those four (trace → debug, fatal → error).", async () => {
    const all = Array.from({ length: 24 }, (_, i) => i + 1);
    await fed(
      bot,
      all.map((severity) => record(`severity ${severity}`, { severity })),
    );
    const folded: Record<string, number[]> = {
      debug: [1, 2, 3, 4, 5, 6, 7, 8],
      info: [9, 10, 11, 12],
      warn: [13, 14, 15, 16],
      error: [17, 18, 19, 20, 21, 22, 23, 24],
    };
    for (const [level, severities] of Object.entries(folded)) {
      const { logs } = await get<{ logs: Line[] }>("/api/logs", { level, limit: 1000 });
      const found = logs
        .map(({ message: text }) => /^severity (\d+)$/.exec(text)?.[1])
        .filter(Boolean)
        .map(Number);
      expect(
        found.toSorted((a, b) => a - b),
        level,
      ).toEqual(severities);
      expect(new Set(logs.map((line) => line.level))).toEqual(new Set([level]));
    }
  });

  test("`before` exclusive: an ISO 8601 time, epoch ms, or the `nextBefore` of the last answer (a string, null on the last page), which pages without loss or repeat even where times are equal.", async () => {
    const then = at - 30 * 86_400_000;
    const lines = Array.from({ length: 25 }, (_, i) =>
      record(`equal ${i}`, { at: then + Math.floor(i / 12), severity: 13 }),
    );
    await fed(bot, lines);
    for (const limit of [1, 7, 12, 25]) {
      const { rows } = await pages(bot.url, "/api/logs", "logs", { level: "warn", limit });
      const texts = (rows as Line[]).map(({ message: text }) => text).filter((text) => text.startsWith("equal"));
      expect(new Set(texts).size).toBe(25);
      expect(texts).toHaveLength(25);
    }
    const until = async (before: string | number): Promise<number> =>
      (await get<{ logs: Line[] }>("/api/logs", { level: "warn", before })).logs.length;
    expect(await until(then)).toBe(0);
    expect(await until(then + 1)).toBe(12);
    expect(await until(iso(then + 2))).toBe(24);
    expect(await until(`${iso(then + 2).slice(0, -1)}+00:00`)).toBe(24);
    expect(await until(iso(then + 3))).toBe(25);
  });

  test("`limit` on logs defaults to 100.", async () => {
    const call = (i: number) => tool({ name: "many", errorType: "x", at: at - 86_400_000 * 2 - i });
    await fed(bot, Array.from({ length: 120 }, (_, i) => [record(`many ${i}`), call(i)]).flat());
    expect((await get<{ logs: Line[] }>("/api/logs")).logs).toHaveLength(100);
    expect((await get<{ logs: Call[] }>("/api/logs/tools")).logs).toHaveLength(100);
    expect((await get<{ errors: ErrorRow[] }>("/api/logs/errors")).errors).toHaveLength(100);
  });
});

describe("contract §4, GET /api/logs/tools", () => {
  test("logs[{id,toolName,args,result,status,duration,userId,timestamp}], nextBefore `args` and `result` JSON values (a string that holds JSON is parsed), redacted and cut as configured (`truncated: true` then); `userId` null if unknown.", async () => {
    const of = { name: "shapes", at, took: 1499.5 };
    await fed(bot, [
      tool({
        ...of,
        user: "u",
        args: '{"city":"北京","password":"hunter2","deep":{"API_KEY":"k"}}',
        result: '{"temp":15}',
      }),
      tool({ ...of, at: at - 1, args: "no json {", result: "12" }),
      tool({ ...of, at: at - 2, result: JSON.stringify("x".repeat(10_000)) }),
    ]);
    const { logs } = await get<{ logs: Call[] }>("/api/logs/tools", { toolName: "shapes" });
    expect(logs[0]).toMatchObject({
      args: { city: "北京" },
      result: { temp: 15 },
      status: "success",
      duration: 1500,
      userId: "u",
    });
    expect(JSON.stringify(logs[0])).not.toMatch(/hunter2|"k"/);
    expect(logs[0]).not.toHaveProperty("truncated");
    expect(logs[1]).toMatchObject({ args: "no json {", result: 12, userId: null, timestamp: iso(at - 1) });
    expect(logs[2]).toMatchObject({ args: null, truncated: true });
    expect(JSON.stringify(logs[2]!.result).length).toBeLessThan(5000);
  });

  test("A filter is applied before the limit", async () => {
    const call = (i: number) =>
      tool({
        name: i % 10 === 0 ? "rare" : "often",
        user: `u${i % 4}`,
        errorType: i % 20 === 0 ? "x" : undefined,
        at: at + i,
      });
    await fed(
      bot,
      Array.from({ length: 100 }, (_, i) => call(i)),
    );
    const found = async (filter: Record<string, string | number>): Promise<Call[]> =>
      (await get<{ logs: Call[] }>("/api/logs/tools", filter)).logs;
    expect(await found({ toolName: "rare", limit: 10 })).toHaveLength(10);
    expect(await found({ toolName: "rare", status: "error", limit: 5 })).toHaveLength(5);
    expect(await found({ toolName: "rare", status: "success", userId: "u2", limit: 9 })).toHaveLength(5);
    expect(await found({ toolName: "rare", userId: "u1" })).toEqual([]);
  });

  test("`id` a UUID, the same at every reading;", async () => {
    const read = async (): Promise<[string, string][]> =>
      (await get<{ logs: Call[] }>("/api/logs/tools", { limit: 1000 })).logs.map(({ id, toolName }) => [id, toolName]);
    const before = await read();
    for (const [id] of before)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(before.map(([id]) => id)).size).toBe(before.length);
    await bot.stop();
    bot = await startBot({ dataDir });
    expect(await read()).toEqual(before);
  });
});

describe("contract §4, GET /api/logs/errors", () => {
  test("errors[{timestamp,error,stack,context{channel,model}}], nextBefore error log records, failed requests and failed tool calls. `stack`: `exception.stacktrace`, else null", async () => {
    const exception = { type: "E", message: "it broke", stacktrace: "E: it broke\n    at x" };
    const now = Date.now();
    await fed(bot, [
      record("a logged error", { at: now - 1, severity: 17, attributes: { "exception.stacktrace": "S" } }),
      request({
        at: now - 2,
        error: true,
        statusMessage: "API rate limit exceeded",
        channel: "openai-main",
        model: "gpt-4o",
      }),
      tool({ at: now - 3, error: true, exception }),
      message({ at: now - 4, error: true, statusMessage: "no item" }),
      record("a warning", { at: now - 5, severity: 16 }),
      request({ at: now - 6 }),
    ]);
    const rows = (await errorsOf()).filter(({ timestamp }) => Date.parse(timestamp) >= now - 6);
    const none = { channel: null, model: null };
    expect(rows).toMatchObject([
      { timestamp: iso(now - 1), error: "a logged error", stack: "S" },
      { error: "API rate limit exceeded", stack: null, context: { channel: "openai-main", model: "gpt-4o" } },
      { error: "it broke", stack: exception.stacktrace, context: none },
    ]);
    expect(rows).toHaveLength(3);
  });

  test("A record and a failed fact of the same span are one item: the first to arrive makes it and keeps its time and place, later ones fill `stack` and `context`.", async () => {
    const failed = (text: string) => request({ at, error: true, statusMessage: text, channel: "c", model: "m" });
    const [early, late] = [failed("the record came first"), failed("the request came first")];
    const stack = { "exception.stacktrace": "S" };
    await fed(bot, [record("logged first", { at: at - 5000, severity: 17, inside: early })]);
    await fed(bot, [early, late]);
    await fed(bot, [record("logged later", { at: at - 5000, severity: 17, inside: late, attributes: stack })]);
    const context = { channel: "c", model: "m" };
    const named = async (text: string): Promise<ErrorRow[]> => (await errorsOf()).filter(({ error }) => error === text);
    expect(await named("logged first")).toMatchObject([{ timestamp: iso(at - 5000), stack: null, context }]);
    expect(await named("the request came first")).toMatchObject([{ timestamp: iso(at), stack: "S", context }]);
    expect([...(await named("the record came first")), ...(await named("logged later"))]).toEqual([]);
  });

  test("Log lines, tool logs and errors carry `traceId` as an extra where they have one.", async () => {
    const trace = newTrace();
    const call = tool({ trace, name: "traced", error: true, statusMessage: "traced" });
    await fed(bot, [call, record("traced line", { inside: call }), record("alone")]);
    const { logs } = await get<{ logs: Line[] }>("/api/logs", { limit: 1000 });
    expect(logs.find(({ message: text }) => text === "traced line")).toHaveProperty("traceId", trace);
    expect(logs.find(({ message: text }) => text === "alone")).not.toHaveProperty("traceId");
    expect((await get<{ logs: Call[] }>("/api/logs/tools", { toolName: "traced" })).logs).toMatchObject([
      { traceId: trace },
    ]);
    expect((await errorsOf()).find(({ error }) => error === "traced")).toHaveProperty("traceId", trace);
  });
});
