import { request as httpRequest } from "node:http";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { message, record, request } from "../oracle/makers.ts";
import { data } from "../started/ask.ts";
import { cleanUp, startServe, temporary, type Started } from "../started/started.ts";
import { decode, encode } from "./reference.ts";
import { logs, post, send, traces } from "./requests.ts";

const LIMITS = `
ingest:
  maxBodyBytes: 100000
  maxInflatedBytes: 200000
  maxItems: 100
  maxAttributes: 40
`;
const PROTOBUF = { "content-type": "application/x-protobuf" };
const JSON_TYPE = { "content-type": "application/json" };

let botel: Started;
beforeAll(async () => {
  botel = await startServe({ dataDir: temporary(), config: LIMITS });
});
afterAll(cleanUp);

const total = async (): Promise<number> =>
  (await data<{ summary: { totalMessages: number } }>(botel.url, "/api/stats")).summary.totalMessages;

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

// contract §4: "Beside the documented ones: `GET /metrics` (§8), `POST /v1/traces`, `/v1/logs`, `/v1/metrics` (OTLP/HTTP,
// protobuf and JSON, gzip and deflate too, on the main port and on 4318), …"
describe("OTLP/HTTP, protobuf and JSON, gzip and deflate too", () => {
  const encodings = { none: undefined, gzip: gzipSync, deflate: deflateSync, "deflate without header": deflateRawSync };

  test.for([true, false].flatMap((json) => Object.entries(encodings).map(([name, pack]) => ({ json, name, pack }))))(
    "json: $json, $name: taken, and answered in the request's own encoding",
    async ({ json, name, pack }) => {
      const before = await total();
      const { path, contentType, body } = traces([message()], json);
      const encoding: Record<string, string> = pack ? { "content-encoding": name.split(" ")[0]! } : {};
      const packed = pack ? pack(body) : body;
      const response = await post(botel.url, path, packed, { "content-type": contentType, ...encoding });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe(contentType);
      expect(await response.text()).toBe(json ? "{}" : "");
      expect(await total()).toBe(before + 1);
    },
  );

  test("an empty request is a good one", async () => {
    expect((await post(botel.url, "/v1/traces", Buffer.alloc(0), PROTOBUF)).status).toBe(200);
    expect((await post(botel.url, "/v1/logs", Buffer.from("{}"), JSON_TYPE)).status).toBe(200);
    expect((await post(botel.url, "/v1/metrics", Buffer.from("{}"), JSON_TYPE)).status).toBe(200);
  });

  test("content types have parameters, and any case", async () => {
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    expect((await post(botel.url, "/v1/traces", Buffer.from("{}"), headers)).status).toBe(200);
  });

  test("a body in chunks, without a length, is read", async () => {
    const before = await total();
    const { path, body } = traces([message()], false);
    const sent = httpRequest(new URL(path, botel.url), { method: "POST", headers: PROTOBUF });
    const status = new Promise((resolve) => sent.on("response", ({ statusCode }) => resolve(statusCode)));
    sent.write(body.subarray(0, 10));
    sent.end(body.subarray(10));
    expect(await status).toBe(200);
    expect(await total()).toBe(before + 1);
  });
});

// contract §2: "Facts dated over 10 min ahead, older than raw facts are kept (90 days by default), or without a valid id or
// time, are refused (OTLP `partial_success`, with the number and the reason)."
describe("what is refused is told in `partial_success`, with the number and the reason", () => {
  const refused = [
    request({ at: Date.now() + 3_600_000 }),
    request({ at: Date.now() - 100 * 86_400_000 }),
    { ...request(), traceId: "00".repeat(16) },
    { ...request(), spanId: "11".repeat(4) },
    { ...request(), endNs: 0n },
    message(),
  ];

  test("in JSON", async () => {
    const { path, body } = traces(refused, true);
    const response = await post(botel.url, path, body, JSON_TYPE);
    const { partialSuccess } = (await response.json()) as { partialSuccess: Record<string, string> };
    expect(response.status).toBe(200);
    expect(partialSuccess["rejectedSpans"]).toBe("5");
    expect(partialSuccess["errorMessage"]).toMatch(/2 invalid_id: .*1 invalid_time: .*1 too_far_ahead: .*1 too_old: /);
  });

  test("in protobuf", async () => {
    const { path, body } = traces(refused, false);
    const response = await post(botel.url, path, body, PROTOBUF);
    const { partialSuccess } = decode("ExportTraceServiceResponse", await bytesOf(response));
    expect(partialSuccess).toMatchObject({ rejectedSpans: "5", errorMessage: expect.stringContaining("invalid_id") });
  });

  test("of log records", async () => {
    const { path, body } = logs([record("ahead", { at: Date.now() + 3_600_000 }), record("good")], true);
    const answer = await (await post(botel.url, path, body, JSON_TYPE)).json();
    expect(answer).toMatchObject({ partialSuccess: { rejectedLogRecords: "1" } });
  });

  test("a span with more attributes than are read is refused, its neighbour is not", async () => {
    const before = await total();
    const many = Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`a${n}`, n]));
    for (const json of [true, false]) {
      const { path, contentType, body } = traces([message({ more: many }), message()], json);
      const response = await post(botel.url, path, body, { "content-type": contentType });
      expect((await bytesOf(response)).toString()).toContain("1 too_large");
    }
    expect(await total()).toBe(before + 2);
  });
});

describe("what cannot be read is refused as the specification has it", () => {
  const good = traces([message()], false);
  const cases: [name: string, status: number, path: string, body: Buffer, headers: Record<string, string>][] = [
    ["no protobuf", 400, "/v1/traces", Buffer.from("no protobuf, that is"), PROTOBUF],
    ["protobuf that is cut", 400, "/v1/traces", good.body.subarray(0, -1), PROTOBUF],
    ["no JSON", 400, "/v1/traces", Buffer.from("{"), JSON_TYPE],
    ["JSON of another shape", 400, "/v1/traces", Buffer.from('{"resourceSpans": 5}'), JSON_TYPE],
    ["JSON that is a list", 400, "/v1/logs", Buffer.from("[]"), JSON_TYPE],
    ["broken gzip", 400, "/v1/traces", Buffer.from("abc"), { ...PROTOBUF, "content-encoding": "gzip" }],
    ["too large a body", 413, "/v1/traces", Buffer.alloc(100_001), PROTOBUF],
    [
      "a body that inflates too far",
      413,
      "/v1/traces",
      gzipSync(Buffer.alloc(200_001)),
      { ...PROTOBUF, "content-encoding": "gzip" },
    ],
    [
      "too many spans",
      413,
      "/v1/traces",
      traces(
        Array.from({ length: 101 }, () => message()),
        false,
      ).body,
      PROTOBUF,
    ],
    ["another content type", 415, "/v1/traces", good.body, { "content-type": "text/plain" }],
    ["no content type", 415, "/v1/traces", good.body, {}],
    ["another encoding", 415, "/v1/traces", good.body, { ...PROTOBUF, "content-encoding": "br" }],
  ];

  test.for(cases)("%s: %i", async ([, status, path, body, headers]) => {
    const response = await post(botel.url, path, body, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBeNull();
    const json = headers["content-type"] === "application/json";
    expect(response.headers.get("content-type")).toBe(json ? "application/json" : "application/x-protobuf");
    const { message: why } = (json ? await response.json() : decode("RpcStatus", await bytesOf(response))) as {
      message: string;
    };
    expect(why).toMatch(/^[A-Z].*\.$/s);
  });

  test("a body that is announced too large is answered before it comes", async () => {
    const headers = { ...PROTOBUF, "content-length": 100_001 };
    const sent = httpRequest(new URL("/v1/traces", botel.url), { method: "POST", headers });
    const status = new Promise((resolve) => sent.on("response", ({ statusCode }) => resolve(statusCode)));
    sent.on("error", () => {});
    sent.flushHeaders();
    expect(await status).toBe(413);
    sent.destroy();
  });

  test("a body without a length is read no further than it may be", async () => {
    const sent = httpRequest(new URL("/v1/traces", botel.url), { method: "POST", headers: PROTOBUF });
    const status = new Promise((resolve) => sent.on("response", ({ statusCode }) => resolve(statusCode)));
    sent.on("error", () => {});
    sent.write(Buffer.alloc(100_001));
    expect(await status).toBe(413);
    sent.destroy();
  });

  test("another method is 405, and names the right one", async () => {
    const response = await fetch(`${botel.url}/v1/traces`);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  test("a body that breaks off stores nothing, and the next request is served", async () => {
    const before = await total();
    const sent = httpRequest(new URL("/v1/traces", botel.url), {
      method: "POST",
      headers: { ...PROTOBUF, "content-length": good.body.length },
    });
    const gone = new Promise((resolve) => sent.on("error", resolve));
    sent.write(good.body.subarray(0, 50), () => sent.destroy(new Error("gone")));
    await gone;
    await send(botel.url, traces([message()], false));
    expect(await total()).toBe(before + 1);
  });
});

test("values that nest too deep are cut, and the fact is taken", async () => {
  const nested = Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], "deep");
  const line = record("nested deep", { attributes: { nested, password: "hidden" } });
  await send(botel.url, logs([line], false));
  await send(botel.url, logs([{ ...line, body: "nested deep too" }], true));
  const { logs: lines } = await data<{ logs: { message: string; meta: object }[] }>(botel.url, "/api/logs?limit=2");
  expect(lines.map(({ message }) => message).sort()).toEqual(["nested deep", "nested deep too"]);
  expect(JSON.stringify(lines)).toContain("[deeper]");
});

test("times keep their nanoseconds, as texts and as numbers in JSON", async () => {
  const ns = BigInt(Date.now() - 1000) * 1_000_000n + 456_789n;
  const [first, second] = [message(), message()];
  const span = { ...first, endNs: ns, startNs: ns - 1_500_000n };
  const { path, body } = traces([span], true);
  const bare = Buffer.from(body.toString().replaceAll(/"(\d{19})"/g, "$1"));
  expect(bare.toString()).toContain(`"endTimeUnixNano":${ns}`);
  const before = await total();
  await post(botel.url, path, bare, JSON_TYPE);
  // The same span again, in the other encoding, is the same fact only where no digit was lost.
  await send(botel.url, traces([span, { ...second, endNs: ns }], false));
  expect(await total()).toBe(before + 2);
});

test("encode and decode of the tests agree with botel's answers", () => {
  expect(decode("RpcStatus", encode("RpcStatus", { code: 3, message: "no" }))).toEqual({ code: 3, message: "no" });
});
