import type { Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { createApi } from "../../src/api/api.ts";
import type { ApiDeps } from "../../src/api/deps.ts";
import { type At, listen } from "../../src/api/listen.ts";
import { failure } from "../../src/contract/wire/envelope.ts";
import { systemClock as clock } from "../../src/lib/clock.ts";
import { accessOf, token } from "../api/access.ts";
import { startApi } from "../api/started.ts";
import { open, raw, read } from "./raw.ts";
import { receiver } from "./receiver.ts";

/** A minute is an hour for a test: the same server with shorter times. */
const TIMES = { headersTimeout: 2000, requestTimeout: 3000, connectionsCheckingInterval: 100 };

async function startShort(at: Partial<At> = {}): Promise<number> {
  const deps = { access: accessOf(), clock, receiver: receiver(), report: () => {} } as unknown as ApiDeps;
  const server = await listen(createApi(deps), { host: "127.0.0.1", port: 0, times: TIMES, ...at });
  onTestFinished(() => server.close(0));
  return server.port;
}

/** Sends something every 50 ms until the server ends the connection. @returns what came back */
async function dribble(port: number, first: string, next: () => string): Promise<string> {
  const socket = open(port);
  socket.write(first);
  const timer = setInterval(() => socket.writable && socket.write(next()), 50);
  return read(socket).finally(() => clearInterval(timer));
}

describe("a client that takes its time", () => {
  test("over its headers is cut off, however long it goes on (slowloris)", async () => {
    const port = await startShort();
    let n = 0;
    const dribbling = Array.from({ length: 50 }, () =>
      dribble(port, "GET /livez HTTP/1.1\r\nHost: localhost\r\n", () => `X-${(n += 1)}: 1\r\n`),
    );
    // Others are answered meanwhile.
    expect(await raw(port, "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 200/,
    );
    for (const answer of await Promise.all(dribbling)) expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  });

  test("over its first line, or says nothing at all, is cut off", async () => {
    const port = await startShort();
    expect(await dribble(port, "GE", () => "T")).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(await read(open(port))).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  });

  test.each(["/v1/traces", "/api/session"])("over the body of POST %s is cut off", async (path) => {
    const port = await startShort();
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n`;
    await dribble(port, head, () => " ");
  });
});

describe("what is too long", () => {
  test("headers: 413 in the envelope", async () => {
    const { port } = await startApi();
    for (const header of [`X-Long: ${"x".repeat(20_000)}`, `Cookie: auth_token=${"x".repeat(20_000)}`]) {
      const answer = await raw(port, `GET /api/stats HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      expect(codeOf(answer)).toBe("PAYLOAD_TOO_LARGE");
    }
    const many = Array.from({ length: 3000 }, (_, n) => `X-${n}: 1`).join("\r\n");
    expect(await raw(port, `GET /api/stats HTTP/1.1\r\nHost: localhost\r\n${many}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 413 /,
    );
  });

  test("an address: 400 in the envelope", async () => {
    const { port } = await startApi();
    const long = `GET /api/stats?x=${"x".repeat(9000)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    const answer = await raw(port, long);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(codeOf(answer)).toBe("INVALID_PARAMETER");
  });

  test("a body that nothing reads: the connection ends with the answer, and no more of it is taken", async () => {
    const { port } = await startApi();
    for (const [method, path] of [
      ["GET", "/api/stats"],
      ["POST", "/api/stats"],
      ["DELETE", "/api/session"],
      ["GET", "/"],
    ]) {
      const big = await raw(port, `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\nx`);
      expect([path, big.slice(0, 12)]).toEqual([path, "HTTP/1.1 413"]);
      expect(codeOf(big)).toBe("PAYLOAD_TOO_LARGE");
      const sent = await flood(
        port,
        `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      expect(sent).toBeLessThan(64e6);
    }
  });

  test("a body to sign in with: 413, and the connection ends", async () => {
    const { port } = await startApi({ access: accessOf({ tokens: [token("mine", "x")] }) });
    const head = "POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    const answer = await raw(port, `${head}Content-Length: 99999999\r\n\r\n${"x".repeat(10_000)}`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(await flood(port, `${head}Transfer-Encoding: chunked\r\n\r\n`)).toBeLessThan(64e6);
  });
});

test("connections are so many at the most, and those beyond are closed and counted", async () => {
  let dropped = 0;
  const port = await startShort({ maxConnections: 5, onDrop: () => (dropped += 1), times: {} });
  const kept: Socket[] = [];
  onTestFinished(() => void kept.map((socket) => socket.destroy()));
  for (let n = 0; n < 5; n += 1) {
    const socket = open(port);
    socket.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await new Promise((resolve) => socket.once("data", resolve));
    kept.push(socket);
  }
  expect(await raw(port, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")).toBe("");
  expect(dropped).toBe(1);
  kept.pop()?.destroy();
  let answer = "";
  while (answer === "") {
    const asked = raw(port, "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    answer = await asked;
  }
  expect(answer).toMatch(/^HTTP\/1\.1 200/);
});

/** Sends chunks as fast as they are taken until the server ends the connection. @returns bytes that were handed over */
async function flood(port: number, head: string): Promise<number> {
  const socket = open(port);
  const piece = Buffer.alloc(65_536, "x");
  const chunk = Buffer.concat([Buffer.from("10000\r\n"), piece, Buffer.from("\r\n")]);
  socket.write(head);
  const push = (): void => {
    while (socket.writable && socket.bytesWritten < 128e6 && socket.write(chunk));
  };
  socket.on("drain", push);
  push();
  await read(socket);
  socket.destroy();
  return socket.bytesWritten;
}

function codeOf(answer: string): string {
  return failure.parse(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4))).code;
}
