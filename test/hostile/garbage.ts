import { pick, upTo } from "./values.ts";
import type { Random } from "../ingest/mutations.ts";

const HOST = "Host: localhost\r\n";
const get = (target: string, more = ""): string => `GET ${target} HTTP/1.1\r\n${HOST}${more}\r\n`;
const post = (more: string, body: string, path = "/v1/traces"): string =>
  `POST ${path} HTTP/1.1\r\n${HOST}Content-Type: application/json\r\n${more}\r\n${body}`;

/** What no client writes: broken lines, lengths that lie, requests hidden in others, other protocols. */
const TEXTS: readonly ((random: Random) => string)[] = [
  () => "GET / HTTP/1.1\r\n\r\n",
  () => "GET /api/stats HTTP/1.0\r\n\r\n",
  () => "GET /api/stats HTTP/9.9\r\nHost: x\r\n\r\n",
  () => "GET /api/stats\r\n\r\n",
  () => "\r\n\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  () => "GET /api/stats HTTP/1.1\nHost: localhost\n\n",
  () => "GET  /api/stats  HTTP/1.1\r\nHost: localhost\r\n\r\n",
  () => "GET\t/api/stats\tHTTP/1.1\r\nHost: localhost\r\n\r\n",
  () => get("/api/stats", "Host: evil.example\r\n"),
  () => get("/api/stats", " folded: x\r\n"),
  () => get("/api/stats", "X-Y : z\r\n"),
  () => get("/api/stats", ": z\r\n"),
  () => get("/api/stats", "X\0Y: z\r\n"),
  () => get("/api/stats", "X: a\rb\r\n"),
  (random) => get("/api/stats", Array.from({ length: upTo(random, 3000) }, (_, n) => `X-${n}: y\r\n`).join("")),
  (random) => get(`/api/stats?${"a".repeat(upTo(random, 60_000))}`),
  () => get("/api/stats", "Content-Length: 5\r\n"),
  () => get("/api/stats", "Content-Length: 5\r\nContent-Length: 6\r\n"),
  () => get("/api/stats", "Content-Length: -1\r\n"),
  () => get("/api/stats", "Content-Length: 1e9\r\n"),
  () => get("/api/stats", "Expect: nothing\r\nConnection: close\r\n"),
  () => get("/api/stats", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n"),
  () => get("/api/stats", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
  () => post("Content-Length: 1000\r\n", "{}"),
  () => post("Content-Length: 99999999999\r\n", "{}"),
  () => post("Content-Length: 1\r\n", "{}GET /livez HTTP/1.1\r\n\r\n"),
  () =>
    post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nGET /api/logs HTTP/1.1\r\nHost: x\r\n\r\n"),
  () => post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
  () => post("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n"),
  () => post("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n{}\r\n"),
  () => post("Transfer-Encoding: gzip, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
  () => post("Transfer-Encoding: xchunked\r\n", "{}"),
  (random) => post("Transfer-Encoding: chunked\r\n", `1;${"x".repeat(upTo(random, 40_000))}\r\n{\r\n`),
  () => post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nX-Trailer: y\r\n\r\n"),
  () => post("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "abc"),
  () => post("Expect: 100-continue\r\nContent-Length: 2\r\n", "{}"),
  () => post("Content-Length: 2\r\n", "{}", "/api/session"),
  () => "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
  () => "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0",
  () => "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003",
  () => "SSH-2.0-x\r\n",
  () => "EHLO x\r\n",
  () => `${get("/api/stats")}${get("/api/logs")}${get("/api/nothing")}nonsense\r\n\r\n`,
  () => `${get("/api/system/events")}nonsense\r\n\r\n`,
  () => "{}",
  () => "",
];

/** @returns bytes for a connection of their own */
export function garbage(random: Random): Buffer {
  const bytes = Buffer.from(pick(random, TEXTS)(random), "latin1");
  const choice = random();
  if (choice < 0.6 || bytes.length === 0) return bytes;
  if (choice < 0.7) return bytes.subarray(0, upTo(random, bytes.length));
  if (choice < 0.75) return Buffer.from(Array.from({ length: upTo(random, 3000) }, () => upTo(random, 256)));
  for (let n = 1 + upTo(random, 4); n > 0; n -= 1) bytes[upTo(random, bytes.length)] = upTo(random, 256);
  return bytes;
}
