import { Agent } from "node:http";
import { expect, test } from "vitest";
import { failure } from "../../src/contract/wire/envelope.ts";
import { startApi } from "../api/started.ts";
import { byBytes } from "./send.ts";

/** What hostile requests once found, each by itself. */

async function answersTo(text: string) {
  const { port, failed } = await startApi();
  const target = { host: "127.0.0.1", port, agent: new Agent() };
  const answers = await byBytes(target, Buffer.from(text), text.startsWith("HEAD"));
  return { answers, failed };
}

test.each([
  ["an address that is none", "GET http://[::1/api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
  ["an address without a path", "GET http:?x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
  ["another spelling of a slash", "GET /api\\stats#x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
  ["no host", "GET /api/stats HTTP/1.1\r\nConnection: close\r\n\r\n"],
])("%s is refused in the envelope, and no failure inside", async (_, text) => {
  const { answers, failed } = await answersTo(text);
  expect(answers.map(({ status }) => status)).toEqual([400]);
  expect(failure.parse(JSON.parse(String(answers[0]?.body))).code).toBe("INVALID_PARAMETER");
  expect(failed).toEqual([]);
});

// contract §6: "takes only requests whose `Host` is localhost, a loopback address or a configured name (403 else)"
test("HTTP/1.0 can do without a host, and is then not let in; who expects what nobody knows is answered all the same", async () => {
  for (const [text, status] of [
    ["GET /api/stats HTTP/1.0\r\n\r\n", 403],
    ["GET /api/stats HTTP/1.0\r\nHost: localhost\r\n\r\n", 200],
    ["GET /api/stats HTTP/1.1\r\nHost: localhost\r\nExpect: 200-ok\r\nConnection: close\r\n\r\n", 200],
  ] as const) {
    const { answers } = await answersTo(text);
    expect(answers.map((answer) => answer.status)).toEqual([status]);
  }
});

test("what cannot be read and begins as HEAD gets no body", async () => {
  const { answers } = await answersTo("HEAD /\u00e9\0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect(answers.map(({ status, body }) => [status, body.length])).toEqual([[400, 0]]);
});

// A guard of `/api` or `/metrics` must not be passed by another spelling of them.
test("each path has one spelling", async () => {
  const { get } = await startApi();
  for (const path of [
    "/API/stats",
    "/api/Stats",
    "/api/stats/",
    "/metrics/",
    "/METRICS",
    "//",
    "/api//stats",
    "/livez/",
  ]) {
    expect([path, (await get(path)).status]).toEqual([path, 404]);
  }
});
