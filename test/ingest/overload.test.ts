import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { message } from "../oracle/makers.ts";
import { data } from "../started/ask.ts";
import { cleanUp, startServe, temporary, type Started } from "../started/started.ts";
import { until } from "../started/until.ts";
import { post, send, traces, type Otlp } from "./requests.ts";

const agent = new Agent({ keepAlive: true, maxSockets: 40 });
afterAll(async () => {
  agent.destroy();
  await cleanUp();
});

interface Answered {
  status: number;
  retryAfter: string | undefined;
}

/** On a connection that is kept, as exporters do: what is not answered in order breaks the next request. */
function keptAlive(
  url: string,
  { path, contentType, body }: Otlp,
  through = agent,
  chunked = false,
): Promise<Answered> {
  const headers = { "content-type": contentType, ...(chunked ? {} : { "content-length": body.length }) };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(new URL(path, url), { method: "POST", agent: through, headers }, (response) => {
      response.resume();
      const { statusCode = 0, headers: given } = response;
      response.on("end", () => resolve({ status: statusCode, retryAfter: given["retry-after"] }));
    });
    sent.on("error", reject);
    if (chunked) sent.write(body.subarray(0, body.length >> 1));
    sent.end(chunked ? body.subarray(body.length >> 1) : body);
  });
}

const total = async (url: string): Promise<number> =>
  (await data<{ summary: { totalMessages: number } }>(url, "/api/stats")).summary.totalMessages;

/** A request of many messages, each with a text that botel does not read. */
function large(messages: number): Otlp {
  const more = { "gen_ai.input.messages": "x".repeat(2000) };
  return traces(
    Array.from({ length: messages }, () => message({ more })),
    false,
  );
}

// issue 5: "Memory bounded: past the queue, 503, never a growing heap." and "what was answered 200 is there, the rest was
// answered 503"
describe("more than can be stored", () => {
  test("is answered 503 with Retry-After, on connections that go on; what was answered 200 is there", async () => {
    const botel = await startServe({ dataDir: temporary(), config: "ingest: { queueBytes: 200000 }" });
    const bodies = Array.from({ length: 120 }, () => large(50));
    const answers = await Promise.all(bodies.map((body) => keptAlive(botel.url, body)));
    const statuses = Map.groupBy(answers, ({ status }) => status);
    expect([...statuses.keys()].sort((a, b) => a - b)).toEqual([200, 503]);
    expect(statuses.get(503)!.every(({ retryAfter }) => Number(retryAfter) > 0)).toBe(true);
    expect(await total(botel.url)).toBe(statuses.get(200)!.length * 50);
    expect((await keptAlive(botel.url, large(50))).status).toBe(200);
  });

  test("one request alone always has room, up to its own limits", async () => {
    const botel = await startServe({ dataDir: temporary(), config: "ingest: { queueBytes: 1000 }" });
    expect((await keptAlive(botel.url, large(50))).status).toBe(200);
  });

  test.for([false, true])(
    "a body that is too large is answered, on a connection that goes on (chunked: %s)",
    async (chunked) => {
      const botel = await startServe({ dataDir: temporary(), config: "ingest: { maxBodyBytes: 1000 }" });
      const one = new Agent({ keepAlive: true, maxSockets: 1 });
      const statuses: number[] = [];
      for (const body of [large(2000), traces([message()], false), large(2000), traces([message()], false)]) {
        statuses.push((await keptAlive(botel.url, body, one, chunked)).status);
      }
      one.destroy();
      expect(statuses).toEqual([413, 200, 413, 200]);
    },
  );
});

test("the rest of a body that is refused is read to nowhere, and the next request on its connection is served", async () => {
  const botel = await startServe({ dataDir: temporary(), config: "ingest: { maxBodyBytes: 100000 }" });
  const socket = connect(Number(new URL(botel.url).port), "127.0.0.1");
  let received = "";
  socket.setEncoding("latin1").on("data", (part: string) => (received += part));
  const answered = (status: string): Promise<unknown> =>
    until(
      () => received,
      (text) => (text.includes(`HTTP/1.1 ${status}`) ? undefined : text),
      20_000,
    );
  const head = "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n";
  const chunk = Buffer.concat([Buffer.from("30d40\r\n"), Buffer.alloc(0x30d40), Buffer.from("\r\n")]);
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
  socket.write(chunk);
  await answered("413");
  for (let n = 0; n < 20; n += 1) socket.write(chunk);
  const { body } = traces([message()], false);
  socket.write(`0\r\n\r\n${head}Content-Length: ${body.length}\r\n\r\n`);
  socket.write(body);
  await answered("200");
  socket.destroy();
  expect(await total(botel.url)).toBe(1);
});

const isRoot = process.getuid?.() === 0;

// design: "a full disk gives SQLITE_FULL: reads go on, ingest answers 503 with `Retry-After`, …"
describe.runIf(isRoot)("a disk that is full", () => {
  const mounted: string[] = [];
  let botel: Started | undefined;
  afterEach(async () => {
    await botel?.kill();
    for (const folder of mounted.splice(0)) spawnSync("umount", [folder]);
  });

  function fill(folder: string): void {
    for (let size = 1 << 20; size >= 512; size >>= 1) {
      try {
        for (;;) writeFileSync(join(folder, `fill-${readdirSync(folder).length}`), Buffer.alloc(size));
      } catch {
        // Half of it may still fit.
      }
    }
  }

  test("503 with Retry-After until there is room; reads go on; nothing of it is stored or remembered", async () => {
    const dataDir = temporary();
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", dataDir]).status).toBe(0);
    mounted.push(dataDir);
    botel = await startServe({ dataDir });
    await send(botel.url, traces([message()], false));
    fill(dataDir);
    const refused = traces([message(), message()], true);
    const { url } = botel;
    const full = await until(
      () => post(url, refused.path, large(500).body, { "content-type": "application/x-protobuf" }),
      ({ status }) => (status === 503 ? undefined : `answered ${status}`),
      10_000,
    );
    expect(Number(full.headers.get("retry-after"))).toBeGreaterThan(0);
    const before = await total(url);
    for (const name of readdirSync(dataDir)) if (name.startsWith("fill-")) rmSync(join(dataDir, name));
    await until(
      () => post(url, refused.path, refused.body, { "content-type": refused.contentType }),
      ({ status }) => (status === 200 ? undefined : `answered ${status}`),
      10_000,
    );
    expect(await total(url)).toBe(before + 2);
  });
});
