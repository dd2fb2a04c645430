import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { message, record, request, tool } from "../oracle/makers.ts";
import { ask, data } from "../started/ask.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, temporary } from "../started/started.ts";
import type { StartedBot } from "../started/started.ts";
import { until } from "../started/until.ts";

/** Contract §3, over a real socket. */

let bot: StartedBot;
const get = (path: string, init?: RequestInit) => ask(bot.url, path, init);

beforeAll(async () => {
  bot = await startBot({ dataDir: temporary() });
  await fed(bot, [
    message({ user: "1", group: "2", more: { "bot.platform": "onebot" }, responses: 1 }),
    message({ user: "1", group: "2", more: { "bot.platform": "discord" }, responses: 1 }),
    request({ model: "m", channel: "c", took: 1.5, input: 1 }),
    tool({ user: "1" }),
    tool({ user: "1", errorType: "x" }),
    tool({ user: "1" }),
  ]);
});
afterAll(cleanUp);

/** Every endpoint under `/api` that answers with JSON in the envelope. */
const PATHS = [
  "/api/system/status",
  "/api/system/info",
  "/api/system/health",
  "/api/stats",
  "/api/stats/models",
  "/api/stats/tools",
  "/api/stats/users",
  "/api/stats/groups",
  "/api/stats/channels",
  "/api/logs",
  "/api/logs/tools",
  "/api/logs/errors",
];

/** What `fetch` would change or refuse. */
function raw(method: string, path: string): Promise<{ status: number; body: string; allow?: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string; allow?: string }>();
  const call = httpRequest(new URL(bot.url), { method, path }, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (part: string) => (body += part));
    response.on("end", () => resolve({ status: response.statusCode!, body, allow: response.headers.allow }));
  });
  call.on("error", reject).end();
  return promise;
}

describe("contract §3", () => {
  test('Success: `{"success": true, "data": …}`. Failure: `{"success": false, "error": "a sentence that says what to do", "code": "UPPER_SNAKE"}`.', async () => {
    for (const path of PATHS) {
      const { status, body } = await get(path);
      expect(status, path).toBe(200);
      expect(Object.keys(body as object), path).toEqual(["success", "data"]);
      expect(body).toMatchObject({ success: true, data: expect.any(Object) });
    }
    const { status, body } = await get("/api/stats?period=year");
    expect(status).toBe(400);
    expect(body).toEqual({ success: false, error: expect.stringMatching(/\S+ .+\.$/), code: "INVALID_PARAMETER" });
  });

  test("The same envelope for every path under `/api`, unknown ones too.", async () => {
    for (const path of [
      "/api",
      "/api/",
      "/api/nothing",
      "/api/stats/nothing",
      "/api/%2e%2e/x",
      "/api/stats/%zz",
      "/api//stats",
    ]) {
      const { status, body } = await raw("GET", path);
      expect(status, path).toBeGreaterThanOrEqual(400);
      expect(status, path).toBeLessThan(500);
      const answer = JSON.parse(body) as Record<string, unknown>;
      expect(answer, path).toEqual({
        success: false,
        error: expect.any(String),
        code: expect.stringMatching(/^[A-Z_]+$/),
      });
    }
    expect(await get("/api/nothing")).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
  });

  test("`METHOD_NOT_ALLOWED` 405 (with `Allow`)", async () => {
    for (const path of [...PATHS, "/api/openapi.json", "/api/system/events"]) {
      for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
        const { status, allow, body } = await raw(method, path);
        expect([status, allow], `${method} ${path}`).toEqual([405, expect.stringContaining("GET")]);
        expect(JSON.parse(body)).toMatchObject({ success: false, code: "METHOD_NOT_ALLOWED" });
      }
    }
  });

  test("Ids (`uin`, `userId`, `groupId`) are strings, always; the same id on two platforms is one", async () => {
    expect(await data(bot.url, "/api/stats/users")).toMatchObject({ users: [{ userId: "1", messages: 2 }] });
    expect(await data(bot.url, "/api/stats/groups")).toMatchObject({ groups: [{ groupId: "2", messages: 2 }] });
    expect(await data(bot.url, "/api/logs/tools")).toMatchObject({ logs: [{ userId: "1" }, {}, {}] });
    expect(await data(bot.url, "/api/system/status")).toMatchObject({ bot: { uin: "3001" } });
  });

  test("Counts and milliseconds are integers. Rates are 0…1, at most 4 decimals; a success rate is 1 only where nothing failed.", async () => {
    expect(await data(bot.url, "/api/stats/models")).toMatchObject({
      models: [{ requests: 1, avgLatency: 2, tokens: 1 }],
    });
    expect(await data(bot.url, "/api/stats/tools")).toMatchObject({ tools: [{ calls: 3, successRate: 0.6667 }] });
    const whole: string[] = [];
    for (const path of PATHS) {
      JSON.stringify((await get(path)).body, (key, value: unknown) => {
        if (typeof value === "number" && !Number.isInteger(value) && key !== "percentage") whole.push(`${path} ${key}`);
        return value;
      });
    }
    expect(whole).toEqual(["/api/stats/tools successRate"]);
  });

  test("Times under `/api/stats` and `/api/system`: `2024-12-15T15:30:00Z` (UTC, whole seconds, cut). Times under `/api/logs`: UTC with milliseconds.", async () => {
    const at = Math.floor(Date.now() / 1000) * 1000 - 2001;
    await fed(bot, [tool({ name: "timed", user: "timed", at, errorType: "timed" }), record("timed", { at })]);
    const cut = `${new Date(at).toISOString().slice(0, 19)}Z`;
    const { users } = await data<{ users: { userId: string; lastActive: string }[] }>(bot.url, "/api/stats/users");
    expect(users.find(({ userId }) => userId === "timed")).toMatchObject({ lastActive: cut });
    const { startTime } = await data<{ startTime: string }>(bot.url, "/api/system/status");
    expect(startTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const whole = new Date(at).toISOString();
    expect(await data(bot.url, "/api/logs/tools?toolName=timed")).toMatchObject({ logs: [{ timestamp: whole }] });
    expect(JSON.stringify(await data(bot.url, "/api/logs"))).toContain(whole);
    expect(JSON.stringify(await data(bot.url, "/api/logs/errors"))).toContain(whole);
  });

  test("Unknown query parameters are ignored; a known one with a bad, empty or repeated value is 400, naming it and what it accepts. `limit`: 1…1000.", async () => {
    expect((await get("/api/stats?what=ever&what=again&=&period=day")).status).toBe(200);
    // What another endpoint knows is unknown here.
    expect((await get("/api/stats?limit=-1&sort=x")).status).toBe(200);
    const wrong: Record<string, string[]> = {
      "/api/stats": ["period=", "period=Day", "period=day&period=day", "groupId=", "groupId=1&groupId=2"],
      "/api/stats/models": ["period=year", "groupId="],
      "/api/stats/users": [
        "limit=0",
        "limit=1001",
        "limit=1.5",
        "limit=1e2",
        "limit= 5",
        "limit=",
        "sort=name",
        "sort=",
      ],
      "/api/stats/groups": ["limit=0", "sort=messages&sort=tokens"],
      "/api/logs": [
        "level=trace",
        "level=ERROR",
        "level=",
        "limit=0",
        "before=yesterday",
        "before=",
        "before=1&before=1",
      ],
      "/api/logs/tools": ["toolName=", "userId=", "status=ok", "limit=x", "before=x"],
      "/api/logs/errors": ["limit=-1", "before=x"],
    };
    for (const [path, queries] of Object.entries(wrong)) {
      for (const query of queries) {
        const { status, body } = await get(`${path}?${query}`);
        expect(status, `${path}?${query}`).toBe(400);
        expect(body).toMatchObject({ success: false, code: "INVALID_PARAMETER" });
        expect((body as { error: string }).error, query).toContain(query.split("=")[0]!);
      }
    }
    for (const limit of [1, 1000]) expect((await get(`/api/logs?limit=${limit}`)).status).toBe(200);
  });

  test("Every 200 under `/api` carries an `ETag` made from its body and honours `If-None-Match` (SSE aside); `Cache-Control: private, no-cache`. HEAD = GET.", async () => {
    // Those whose body holds still while nothing happens.
    for (const path of PATHS.filter((one) => !one.endsWith("/status"))) {
      const { headers } = await get(path);
      const etag = headers.get("etag")!;
      expect(etag, path).toMatch(/^(?:W\/)?"[^"]+"$/);
      expect(headers.get("cache-control"), path).toBe("private, no-cache");
      const again = await get(path, { headers: { "If-None-Match": etag } });
      expect([again.status, again.body], path).toEqual([304, ""]);
      expect((await get(path, { headers: { "If-None-Match": '"another"' } })).status).toBe(200);
      const head = await get(path, { method: "HEAD" });
      expect([head.status, head.headers.get("etag")], path).toEqual([200, etag]);
      expect(head.headers.get("content-length")).toBe(headers.get("content-length"));
    }
    const before = (await get("/api/stats")).headers.get("etag");
    await fed(bot, [message()]);
    expect((await get("/api/stats")).headers.get("etag")).not.toBe(before);
  });

  test(
    "A number is never older than 1 s: (a fact) is in every answer within a second",
    { timeout: 120_000 },
    async () => {
      await Promise.all(PATHS.map((path) => get(path)));
      const took: number[] = [];
      for (let round = 1; round <= 9; round += 1) {
        const id = `fresh-${round}`;
        const of = { user: id, group: id, at: Date.now() };
        const failed = { errorType: id, statusMessage: id };
        await bot.feed([
          message(of),
          request({ ...of, ...failed, model: id, channel: id }),
          tool({ ...of, ...failed, name: id }),
          record(id),
        ]);
        const began = performance.now();
        const lists = ["models", "tools", "users", "groups", "channels"].map((list) => `/api/stats/${list}?limit=1000`);
        for (const path of [...lists, "/api/logs", "/api/logs/tools", "/api/logs/errors", "/metrics"]) {
          await until(
            async () => JSON.stringify((await get(path)).body),
            (body) => (body.includes(id) ? undefined : `${id} is not in ${path}`),
            10_000,
          );
        }
        await until(
          () => data<{ summary: { totalMessages: number } }>(bot.url, `/api/stats?groupId=${id}`),
          ({ summary }) => (summary.totalMessages === 1 ? undefined : "not in the totals"),
          10_000,
        );
        took.push(performance.now() - began);
      }
      expect(Math.max(...took)).toBeLessThan(1000);
    },
  );
});
