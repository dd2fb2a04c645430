import { describe, expect, test } from "vitest";
import { ENDPOINTS } from "../../src/api/api.ts";
import type { Scope } from "../../src/contract/access.ts";
import { failure } from "../../src/contract/wire/envelope.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { accessOf, token } from "../api/access.ts";
import { described } from "../api/described.ts";
import { addressOf, startApi } from "../api/started.ts";
import { until } from "../started/until.ts";
import { receiver } from "./receiver.ts";

const SECRET = "botel_secret";
const bearer = (secret: string) => ({ headers: { Authorization: `Bearer ${secret}` } });

/** An API with one token. */
async function startGuarded(scopes: Scope[] = ["read"]) {
  const tokens = [token("mine", SECRET, scopes)];
  return { tokens, ...(await startApi({ access: accessOf({ tokens, rateLimit: 0 }), receiver: receiver() })) };
}

async function codeOf(answer: Response): Promise<string> {
  return failure.parse(await answer.json()).code;
}

describe("contract §6: Token by `Authorization: Bearer`, the `auth_token` cookie, or `X-API-Key`", () => {
  test.each([
    ["Authorization", `Bearer ${SECRET}`],
    ["Authorization", `bearer   ${SECRET}`],
    ["Cookie", `theme=dark; auth_token=${SECRET}; x=1`],
    ["X-API-Key", SECRET],
  ])("%s: %s", async (name, value) => {
    const { get } = await startGuarded();
    expect((await get("/api/stats", { headers: { [name]: value } })).status).toBe(200);
    const wrong = await get("/api/stats", { headers: { [name]: value.replace(SECRET, `${SECRET}x`) } });
    expect([wrong.status, await codeOf(wrong)]).toEqual([401, "INVALID_TOKEN"]);
    expect(wrong.headers.get("www-authenticate")).toBe('Bearer realm="botel"');
  });

  test("a header is meant before a cookie, and a wrong one is not made good by it", async () => {
    const { get } = await startGuarded();
    const headers = { Cookie: `auth_token=${SECRET}`, "X-API-Key": "wrong" };
    expect((await get("/api/stats", { headers })).status).toBe(401);
  });

  // contract §6: "kept hashed; from the environment or a file, never from a URL"
  test("never from a URL, nor in another scheme", async () => {
    const { get } = await startGuarded();
    for (const query of ["token", "auth_token", "access_token", "api_key", "x-api-key", "authorization"]) {
      const answer = await get(`/api/stats?${query}=${SECRET}`);
      expect([query, answer.status, await codeOf(answer)]).toEqual([query, 401, "AUTH_REQUIRED"]);
    }
    for (const value of [SECRET, `Basic ${btoa(`x:${SECRET}`)}`, "Bearer", "Bearer ", "Bearer a b"]) {
      const answer = await get("/api/stats", { headers: { Authorization: value } });
      expect([value, await codeOf(answer)]).toEqual([value, "AUTH_REQUIRED"]);
    }
  });
});

// contract §3: "`AUTH_REQUIRED` / `INVALID_TOKEN` / `TOKEN_EXPIRED` 401"
test("a token that has expired says so, from that moment on", async () => {
  let now = Date.UTC(2027, 0, 1);
  const clock: Clock = { now: () => now, mono: () => now };
  const tokens = [token("mine", SECRET, ["read"], now + 1000)];
  const { get } = await startApi({ access: accessOf({ tokens, clock }) });
  expect((await get("/api/stats", bearer(SECRET))).status).toBe(200);
  now += 1000;
  const answer = await get("/api/stats", bearer(SECRET));
  expect(answer.status).toBe(401);
  expect(await answer.json()).toEqual({
    success: false,
    error: "The token mine expired at 2027-01-01T00:00:01Z: ask for a new one.",
    code: "TOKEN_EXPIRED",
  });
});

describe("contract §6: `read`: `/api`, SSE, `/metrics`; `ingest`: `/v1/*`; `admin`: erasing and token changes on a running process.", () => {
  const paths = [...ENDPOINTS.map(addressOf), "/api/openapi.json", "/api/session", "/api/system/events", "/metrics"];

  test.each([["read"], ["ingest"], ["admin"]] as const)("%s, and nothing else", async (scope) => {
    const { get } = await startGuarded([scope]);
    for (const path of paths) {
      const answer = await get(path, { method: "HEAD", ...bearer(SECRET) });
      expect([path, answer.status]).toEqual([path, scope === "read" ? 200 : 403]);
    }
    for (const signal of ["traces", "logs", "metrics"]) {
      const headers = { ...bearer(SECRET).headers, "Content-Type": "application/json" };
      const answer = await get(`/v1/${signal}`, { method: "POST", body: "{}", headers });
      // There is no store here: 503 is what it answers whom it lets in.
      expect([signal, answer.status]).toEqual([signal, scope === "ingest" ? 503 : 403]);
    }
    // Erasing has routes of its own; whatever they are called, they are for this scope.
    const change = await get("/api/anything", { method: "DELETE", ...bearer(SECRET) });
    expect(change.status).toBe(scope === "admin" ? 404 : 403);
    if (scope !== "admin") expect(await codeOf(change)).toBe("FORBIDDEN");
  });

  test("every path of the description but the public ones needs a token, and every other path, too", async () => {
    const { get } = await startGuarded();
    const { document } = await described((path) => get(path, bearer(SECRET)));
    const open: string[] = [];
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path.replace("{traceId}", "a".repeat(32))] as const),
    );
    expect(operations.length).toBeGreaterThan(20);
    const others = ["/api", "/api/nothing", "/v1/nothing", "/x", "/API/stats", "/metrics/", "/api/session/"];
    for (const [method, path] of [...operations, ...others.map((path) => ["GET", path] as const)]) {
      const { status } = await get(path, { method });
      if (status !== 401) open.push(`${method} ${path}`);
    }
    expect(open.sort()).toEqual(["DELETE /api/session", "GET /", "GET /livez", "GET /readyz", "POST /api/session"]);
  });

  test("the page's shell is public and holds no data", async () => {
    const { get } = await startGuarded();
    const html = await (await get("/")).text();
    const assets = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(assets.length).toBeGreaterThan(1);
    for (const path of assets) expect((await get(path)).status).toBe(200);
    expect((await get("/assets/none.js")).status).toBe(404);
  });
});

describe("a change of the tokens", () => {
  test("is heard of within a second, and with the last token nobody is let in any more", async () => {
    const { get, tokens } = await startGuarded();
    tokens[0] = token("other", "another");
    await until(
      async () => [await get("/api/stats", bearer(SECRET)), await get("/api/stats", bearer("another"))],
      ([before, after]) => (before?.status === 401 && after?.status === 200 ? undefined : "the old one is still good"),
      15_000,
    );
    tokens.pop();
    await until(
      async () => (await get("/api/stats", bearer("another"))).status,
      (status) => (status === 401 ? undefined : `it is ${status}`),
      15_000,
    );
    expect((await get("/api/stats")).status).toBe(401);
  });

  test("begins to guard a botel that had no tokens", async () => {
    const tokens = [token("first", SECRET)];
    const first = tokens.splice(0);
    const { get } = await startApi({ access: accessOf({ tokens }) });
    expect((await get("/api/stats")).status).toBe(200);
    tokens.push(...first);
    await until(
      async () => (await get("/api/stats")).status,
      (status) => (status === 401 ? undefined : `it is ${status}`),
      15_000,
    );
  });

  test("ends the streams of a token that is revoked", async () => {
    const { get, tokens, clients } = await startGuarded();
    const stream = await get("/api/system/events", bearer(SECRET));
    expect(stream.status).toBe(200);
    tokens.pop();
    expect(await stream.body?.getReader().read()).toMatchObject({ done: true });
    await until(
      async () => clients.map(({ closed }) => closed),
      (closed) => (closed.every(Boolean) ? undefined : "it is open"),
      15_000,
    );
  });

  test("that cannot be read changes nothing, and is told once", async () => {
    const lines: string[] = [];
    const access = accessOf({ tokens: [token("mine", SECRET)], report: (line) => lines.push(line) });
    expect(access.keyring.find(SECRET).name).toBe("mine");
    let broken = false;
    let now = 0;
    const { createKeyring } = await import("../../src/api/access/keyring.ts");
    const keyring = createKeyring({
      own: [],
      file: {
        version: () => String(broken),
        read() {
          if (broken) throw new Error("tokens.json is no file of tokens");
          return [token("mine", SECRET)];
        },
      },
      wide: false,
      clock: { now: () => now, mono: () => now },
      report: (line) => lines.push(line),
    });
    expect(keyring.guarded()).toBe(true);
    broken = true;
    for (now = 2000; now < 10_000; now += 2000) expect(keyring.find(SECRET).name).toBe("mine");
    expect(lines).toEqual(["the tokens stay as they were: tokens.json is no file of tokens"]);
  });
});

test("a botel that other machines reach lets nobody in without a token, whatever became of the file", async () => {
  const { get } = await startApi({ access: accessOf({ host: "0.0.0.0" }) });
  expect((await get("/api/stats")).status).toBe(401);
  expect((await get("/livez")).status).toBe(200);
});
