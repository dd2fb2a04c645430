import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { ENDPOINTS } from "../../src/api/api.ts";
import { ERROR_MEANING, ERROR_STATUS } from "../../src/contract/errors.ts";
import { failure, success } from "../../src/contract/wire/envelope.ts";
import { addressOf, startApi } from "./started.ts";

const PATHS = [...ENDPOINTS.map(addressOf), "/api/openapi.json"];

describe('contract §3: Success: `{"success": true, "data": …}`.', () => {
  test.each(ENDPOINTS.map((each) => [addressOf(each), each.data] as const))("%s", async (path, data) => {
    const { get } = await startApi();
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    success(data).parse(await answer.json());
  });
});

describe('contract §3: Failure: `{"success": false, "error": "a sentence that says what to do", "code": "UPPER_SNAKE"}`.', () => {
  test("The same envelope for every path under `/api`, unknown ones too.", async () => {
    const { get } = await startApi();
    for (const path of [
      "/api",
      "/api/",
      "/api/nothing",
      "/api/stats/nothing",
      "/api/%E0%A4%A",
      "/api/stats%00",
      "/x",
    ]) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(failure.parse(await answer.json()).code).toBe("NOT_FOUND");
    }
  });

  test("`METHOD_NOT_ALLOWED` 405 (with `Allow`)", async () => {
    const { get } = await startApi();
    for (const path of [...PATHS, "/api/system/events", "/metrics", "/livez", "/readyz", "/"]) {
      for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
        const answer = await get(path, { method, ...(method === "POST" && { body: "{" }) });
        expect([path, method, answer.status]).toEqual([path, method, 405]);
        expect(answer.headers.get("allow")).toBe("GET, HEAD");
        expect(failure.parse(await answer.json()).code).toBe("METHOD_NOT_ALLOWED");
      }
    }
    const unknown = await get("/api/nothing", { method: "POST" });
    expect(unknown.status).toBe(404);
  });

  test("`INVALID_PARAMETER` 400, on every endpoint and for every parameter it knows", async () => {
    const { get } = await startApi();
    for (const { path, parameters } of ENDPOINTS) {
      const bare = addressOf({ path, parameters }).replace(/\?.*/, "");
      for (const [name, parameter] of Object.entries(parameters)) {
        const bad = parameter.in === "path" ? path.replace(`{${name}}`, "nothing") : `${bare}?${name}=`;
        const answer = await get(bad);
        expect([path, name, answer.status]).toEqual([path, name, 400]);
        const { code, error } = failure.parse(await answer.json());
        expect(code).toBe("INVALID_PARAMETER");
        expect(error).toContain(`\`${name}\``);
      }
    }
  });

  test("`INTERNAL` 500 (no stack, a request id)", async () => {
    const { get, failed } = await startApi({ answers: () => JSON.parse("{secret") as never });
    const answer = await get("/api/stats/users?limit=3");
    expect(answer.status).toBe(500);
    const { requestId, error, code } = failure.parse(await answer.json());
    expect(code).toBe("INTERNAL");
    expect(error).not.toMatch(/secret|SyntaxError|\.ts/);
    expect(error).toContain(requestId);
    expect(failed).toMatchObject([{ requestId, method: "GET", path: "/api/stats/users" }]);
    expect(failed[0]?.error).toBeInstanceOf(SyntaxError);
  });

  test("`UNAVAILABLE` 503 while the store is not there, and the rest goes on", async () => {
    const { get } = await startApi({ answers: () => undefined, ready: () => false });
    for (const each of ENDPOINTS) {
      const { path, tag } = each;
      const answer = await get(addressOf(each));
      expect([path, answer.status]).toEqual([path, tag === "system" ? 200 : 503]);
      if (tag === "system") continue;
      expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
      expect(failure.parse(await answer.json()).code).toBe("UNAVAILABLE");
    }
    expect((await get("/livez")).status).toBe(200);
    expect((await get("/readyz")).status).toBe(503);
  });
});

describe("what is no request that can be read is answered in the envelope too", () => {
  test("an address of 100 KB", async () => {
    const { port } = await startApi();
    const answer = await raw(port, `GET /api/stats?groupId=${"x".repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(failure.parse(bodyOf(answer)).code).toBe("PAYLOAD_TOO_LARGE");
  });

  test.each(["GET /api/stats\0 HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n", "GET /api/stats HTTP/1.1\r\nHo st: x\r\n\r\n"])(
    "%j",
    async (request) => {
      const { port } = await startApi();
      const answer = await raw(port, request);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(failure.parse(bodyOf(answer)).code).toBe("INVALID_PARAMETER");
    },
  );

  test("what follows a stream's request never ends up in the stream", async () => {
    const { port } = await startApi();
    const answer = await raw(port, "GET /api/system/events HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n");
    expect(answer).not.toContain("success");
  });

  test("hostile query strings are never a 500", async () => {
    const { get, failed } = await startApi();
    const hostile = [
      "__proto__=1",
      "constructor[prototype]=1",
      "period=%00",
      "%",
      "%E0%A4%A=1",
      "limit=%E0%A4%A",
      "&&=&",
    ];
    for (const query of hostile) {
      for (const { path } of ENDPOINTS) {
        expect((await get(`${path}?${query}`)).status).toBeLessThan(500);
      }
    }
    expect(failed).toEqual([]);
  });
});

// contract §3: "Codes: `INVALID_PARAMETER` 400, `AUTH_REQUIRED` / `INVALID_TOKEN` / `TOKEN_EXPIRED` 401, `FORBIDDEN` 403,
// `NOT_FOUND` 404, `METHOD_NOT_ALLOWED` 405 (with `Allow`), `PAYLOAD_TOO_LARGE` 413, `UNSUPPORTED_MEDIA_TYPE` 415,
// `RATE_LIMITED` 429 (with `Retry-After`), `INTERNAL` 500 (no stack, a request id), `UNAVAILABLE` 503."
test("each code has its status and a meaning", () => {
  expect(ERROR_STATUS).toEqual({
    INVALID_PARAMETER: 400,
    AUTH_REQUIRED: 401,
    INVALID_TOKEN: 401,
    TOKEN_EXPIRED: 401,
    FORBIDDEN: 403,
    NOT_FOUND: 404,
    METHOD_NOT_ALLOWED: 405,
    PAYLOAD_TOO_LARGE: 413,
    UNSUPPORTED_MEDIA_TYPE: 415,
    RATE_LIMITED: 429,
    INTERNAL: 500,
    UNAVAILABLE: 503,
  });
  expect(Object.keys(ERROR_MEANING)).toEqual(Object.keys(ERROR_STATUS));
});

async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}); // the server may end it while the request is still being sent
  socket.write(request);
  return text(socket);
}

function bodyOf(answer: string): unknown {
  return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
}
