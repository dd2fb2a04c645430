import { describe, expect, test } from "vitest";
import { failure } from "../../src/contract/wire/envelope.ts";
import { accessOf, token } from "../api/access.ts";
import { startApi } from "../api/started.ts";
import { raw } from "./raw.ts";

const SECRET = "botel_secret";
const DASH = "https://dash.example";

async function startGuarded() {
  const tokens = [token("all", SECRET, ["read", "ingest", "admin"]), token("sender", "sender", ["ingest"])];
  const access = accessOf({ tokens, settings: { origins: [DASH] } });
  return { ...(await startApi({ access })), access };
}

/** A request as a browser would send it: `fetch` does not let these headers through. */
async function browserAsks(port: number, method: string, path: string, headers: Record<string, string>, body = "") {
  const lines = Object.entries({ Host: "localhost", Connection: "close", ...headers }).map(([n, v]) => `${n}: ${v}`);
  const answer = await raw(
    port,
    `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const [head = "", text = ""] = answer.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head, text };
}

describe("what changes something, by a browser", () => {
  const cookie = { Cookie: `auth_token=${SECRET}` };

  test.each([
    ["this page", { "Sec-Fetch-Site": "same-origin", Origin: "http://localhost" }, true],
    [
      "this page, behind a proxy that tells another host",
      { "Sec-Fetch-Site": "same-origin", Origin: "https://b" },
      true,
    ],
    ["this page, in an old browser", { Origin: "http://localhost" }, true],
    ["the address line", { "Sec-Fetch-Site": "none" }, true],
    ["a configured origin", { "Sec-Fetch-Site": "cross-site", Origin: DASH }, true],
    ["no browser", {}, true],
    ["another site", { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" }, false],
    ["another site, in an old browser", { Origin: "https://evil.example" }, false],
    ["another port of this host", { Origin: "http://localhost:81" }, false],
    ["a neighbour in the domain", { "Sec-Fetch-Site": "same-site", Origin: "https://evil.example" }, false],
    ["a sandboxed frame", { Origin: "null" }, false],
    ["another site, without an origin", { "Sec-Fetch-Site": "cross-site" }, false],
  ] as [string, Record<string, string>, boolean][])("from %s", async (_, headers, taken) => {
    const { port, access } = await startGuarded();
    const erased = await browserAsks(port, "DELETE", "/api/anything", { ...headers, ...cookie });
    expect(erased.status).toBe(taken ? 404 : 403);
    const left = await browserAsks(port, "DELETE", "/api/session", { ...headers, ...cookie });
    expect(left.status).toBe(taken ? 200 : 403);
    const token = await browserAsks(port, "DELETE", "/api/anything", { ...headers, "X-API-Key": SECRET });
    expect(token.status).toBe(404); // no site can make a browser send it
    expect(access.counts().cross_site).toBe(taken ? 0 : 2);
  });

  test("also where there are no tokens", async () => {
    const { port } = await startApi();
    const from = (origin: string) => browserAsks(port, "POST", "/api/session", { Origin: origin });
    expect((await from("https://evil.example")).status).toBe(403);
    expect((await from("http://localhost")).status).toBe(415);
  });
});

// contract §6: "`POST /api/session` with a token sets the cookie (HttpOnly, SameSite=Strict) for the page"
describe("a session", () => {
  const signIn = (port: number, secret: unknown, headers: Record<string, string> = {}) =>
    browserAsks(
      port,
      "POST",
      "/api/session",
      { "Content-Type": "application/json", ...headers },
      JSON.stringify(secret),
    );

  test("is a cookie that no script reads and no other site sends, and is not stored anywhere", async () => {
    const { port } = await startGuarded();
    const { status, head, text } = await signIn(port, { token: SECRET });
    expect(status).toBe(200);
    expect(head).toMatch(/^Set-Cookie: auth_token=botel_secret; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/m);
    expect(head).toMatch(/^Cache-Control: no-store$/m);
    expect(JSON.parse(text)).toEqual({
      success: true,
      data: { name: "all", scopes: ["read", "ingest", "admin"], expires: null },
    });
    const { text: who } = await browserAsks(port, "GET", "/api/session", { Cookie: `auth_token=${SECRET}` });
    expect(who).toBe(text);
  });

  test("is for HTTPS only, where the page came by it", async () => {
    const { port } = await startGuarded();
    const { head } = await signIn(port, { token: SECRET }, { Origin: DASH });
    expect(head).toMatch(/^Set-Cookie: .*; Secure$/m);
  });

  test("ends no later than its token", async () => {
    const tokens = [token("short", "short", ["read"], Date.now() + 60_000)];
    const { port } = await startApi({ access: accessOf({ tokens }) });
    const [, age] = /Max-Age=(\d+)/.exec((await signIn(port, { token: "short" })).head) ?? [];
    expect(Number(age)).toBeGreaterThan(0);
    expect(Number(age)).toBeLessThanOrEqual(60);
  });

  test.each([
    [{ token: "wrong" }, 401, "INVALID_TOKEN"],
    [{ token: "sender" }, 403, "FORBIDDEN"],
    [{ token: 5 }, 400, "INVALID_PARAMETER"],
    [{ token: "" }, 400, "INVALID_PARAMETER"],
    [{ token: SECRET, more: 1 }, 400, "INVALID_PARAMETER"],
    [null, 400, "INVALID_PARAMETER"],
    [{ token: "x".repeat(9000) }, 413, "PAYLOAD_TOO_LARGE"],
  ])("%j: %i %s, and no cookie", async (body, status, code) => {
    const { port } = await startGuarded();
    const answer = await signIn(port, body);
    expect([answer.status, failure.parse(JSON.parse(answer.text)).code]).toEqual([status, code]);
    expect(answer.head).not.toContain("Set-Cookie");
  });

  test("is JSON, and ends when it is asked to", async () => {
    const { port } = await startGuarded();
    const form = await browserAsks(port, "POST", "/api/session", { "Content-Type": "text/plain" }, "{}");
    expect(form.status).toBe(415);
    const { head } = await browserAsks(port, "DELETE", "/api/session", {});
    expect(head).toMatch(/^Set-Cookie: auth_token=; Path=\/; Max-Age=0; HttpOnly; SameSite=Strict$/m);
  });
});

// contract §6: "Cross-origin only for configured origins."
describe("another origin", () => {
  test("that is configured may read, and is told so before", async () => {
    const { get, port } = await startGuarded();
    const preflight = await browserAsks(port, "OPTIONS", "/api/stats", {
      Origin: DASH,
      "Access-Control-Request-Method": "GET",
      "Access-Control-Request-Headers": "authorization",
    });
    expect(preflight.status).toBe(204);
    expect(preflight.head).toMatch(/^Access-Control-Allow-Origin: https:\/\/dash\.example$/m);
    expect(preflight.head).toMatch(/^Access-Control-Allow-Headers: .*Authorization/m);
    const answer = await get("/api/stats", { headers: { Origin: DASH, Authorization: `Bearer ${SECRET}` } });
    expect(answer.headers.get("access-control-allow-origin")).toBe(DASH);
    expect(answer.headers.get("vary")).toContain("Origin");
    expect(answer.headers.has("access-control-allow-credentials")).toBe(false);
    const refused = await get("/api/stats", { headers: { Origin: DASH } });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, DASH]);
  });

  test("that is not configured is told nothing", async () => {
    const { get, port } = await startGuarded();
    for (const origin of ["https://evil.example", "https://dash.example.evil.example", "http://dash.example", "null"]) {
      const asked = { Origin: origin, "Access-Control-Request-Method": "GET" };
      const preflight = await browserAsks(port, "OPTIONS", "/api/stats", asked);
      expect([origin, preflight.status]).toEqual([origin, 401]);
      expect(preflight.head).not.toMatch(/access-control/i);
      const answer = await get("/api/stats", { headers: { Origin: origin, Authorization: `Bearer ${SECRET}` } });
      expect([answer.status, answer.headers.has("access-control-allow-origin")]).toEqual([200, false]);
    }
  });
});

describe("the headers of an answer, by helmet's rules", () => {
  test("nothing is loaded, framed, sniffed or told by what is no page", async () => {
    const { get } = await startGuarded();
    for (const path of ["/api/stats", "/metrics", "/livez", "/nothing", "/api/session"]) {
      const { headers } = await get(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-security-policy": "default-src 'none';frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
      });
      expect(headers.has("x-powered-by")).toBe(false);
      expect(headers.has("strict-transport-security")).toBe(false);
    }
  });
});
