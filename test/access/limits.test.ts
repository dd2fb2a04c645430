import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { createSlots } from "../../src/api/access/budgets.ts";
import { createOrigins } from "../../src/api/access/clients.ts";
import { failure } from "../../src/contract/wire/envelope.ts";
import { accessOf, type AccessParts, token } from "../api/access.ts";
import { startApi } from "../api/started.ts";
import { receiver } from "./receiver.ts";

const ALL = ["read", "ingest", "admin"] as const;

async function startLimited(parts: AccessParts = {}) {
  const tokens = [token("one", "one", [...ALL]), token("two", "two", [...ALL])];
  const access = accessOf({ tokens, rateLimit: 5, ...parts });
  return { ...(await startApi({ access, receiver: receiver() })), access };
}

type Get = Awaited<ReturnType<typeof startLimited>>["get"];

/** Statuses of so many requests, one after the other. */
async function times(n: number, get: Get, path: string, headers: Record<string, string>): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < n; i += 1) {
    const answer = await get(path, { headers });
    await answer.body?.cancel();
    statuses.push(answer.status);
  }
  return statuses;
}

const key = (secret: string, more: Record<string, string> = {}) => ({ "X-API-Key": secret, ...more });
const ok = (n: number) => Array.from({ length: n }, () => 200);

describe("contract §6: 60 requests a minute for each client by default (`rateLimit`; `BOTEL_RATE_LIMIT=0` turns it off).", () => {
  test("A client is a token, else an address.", async () => {
    const { get, access } = await startLimited();
    expect(await times(6, get, "/api/stats", key("one"))).toEqual([...ok(5), 429]);
    expect(await times(5, get, "/api/stats/tools", key("two"))).toEqual(ok(5));
    const answer = await get("/api/stats", { headers: key("one") });
    // contract §3: "`RATE_LIMITED` 429 (with `Retry-After`)"
    const after = Number(answer.headers.get("retry-after"));
    expect(after).toBeGreaterThanOrEqual(1);
    expect(after).toBeLessThanOrEqual(60);
    expect(failure.parse(await answer.json()).code).toBe("RATE_LIMITED");
    expect(access.counts().rate).toBe(2);
  });

  test("60, where nothing else is set", async () => {
    const { get } = await startLimited({ rateLimit: undefined });
    expect(await times(61, get, "/api/system/info", key("one"))).toEqual([...ok(60), 429]);
  });

  test("0: nothing is counted", async () => {
    const { get } = await startLimited({ rateLimit: 0 });
    expect(await times(80, get, "/api/system/info", key("one"))).toEqual(ok(80));
    expect(await times(80, get, "/api/system/info", key("wrong"))).toEqual(Array.from({ length: 80 }, () => 401));
  });

  test("who guesses tokens is slowed down by address, and those who have one are not", async () => {
    const { get } = await startLimited();
    expect(await times(7, get, "/api/stats", key("guess"))).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const sign = await get("/api/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"token":"one"}',
    });
    expect(sign.status).toBe(429);
    expect(await times(1, get, "/api/stats", key("one"))).toEqual([200]);
  });

  test("A session by cookie has 600", async () => {
    const { get } = await startLimited();
    expect(await times(601, get, "/api/system/info", { Cookie: "auth_token=one" })).toEqual([...ok(600), 429]);
    expect(await times(1, get, "/api/system/info", key("one"))).toEqual([200]);
  });

  test("loopback without a token, page assets, `/livez`, `/readyz` and open streams do not count", async () => {
    const { get } = await startLimited({ settings: { maxStreams: 100 } });
    expect(await times(30, get, "/", {})).toEqual(ok(30));
    expect(await times(30, get, "/livez", {})).toEqual(ok(30));
    expect(await times(30, get, "/readyz", {})).toEqual(ok(30));
    expect(await times(30, get, "/api/system/events", key("one"))).toEqual(ok(30));
    expect(await times(5, get, "/api/stats", key("one"))).toEqual(ok(5));
    const { get: getOpen } = await startApi({ access: accessOf({ rateLimit: 5 }) });
    expect(await times(30, getOpen, "/api/stats", {})).toEqual(ok(30));
  });

  test("`/v1/*` and `/metrics` have budgets of their own", async () => {
    const rateLimits = { session: 600, ingest: 7, metrics: 6 };
    const { get } = await startLimited({ settings: { rateLimits } });
    expect(await times(5, get, "/api/stats", key("one"))).toEqual(ok(5));
    expect(await times(7, get, "/metrics", key("one"))).toEqual([...ok(6), 429]);
    const send = async () => {
      const headers = key("one", { "Content-Type": "application/json" });
      return get("/v1/logs", { method: "POST", body: "{}", headers });
    };
    for (let i = 0; i < 7; i += 1) expect((await send()).status).toBe(503);
    const refused = await send();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    // OTLP's own form: google.rpc.Status, RESOURCE_EXHAUSTED.
    expect(await refused.json()).toEqual({ code: 8, message: expect.stringContaining("7 times a minute") });
  });
});

describe("the streams of one client", () => {
  test("are so many at the most, and those of others are none of its business", async () => {
    const { get } = await startLimited({ settings: { maxStreams: 2 } });
    const open = () => get("/api/system/events", { headers: key("one") });
    const [first] = [await open(), await open()];
    const third = await open();
    expect([third.status, third.headers.has("retry-after")]).toEqual([429, true]);
    expect((await get("/api/system/events", { headers: key("two") })).status).toBe(200);
    await first?.body?.cancel();
    let again = await open();
    while (again.status !== 200) again = await open(); // until the server has seen that it is gone
    expect(again.status).toBe(200);
  });
});

describe("where a request comes from", () => {
  const from = (peer: string, headers: Record<string, string>, trusted: string[]) =>
    createOrigins(trusted)({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage);

  test("a forged `X-Forwarded-For` gains nothing: only trusted proxies are believed, and of them what they added", () => {
    const forged = { "x-forwarded-for": "1.1.1.1, 2.2.2.2", "x-forwarded-proto": "https" };
    expect(from("9.9.9.9", forged, [])).toEqual({ address: "9.9.9.9", https: false });
    expect(from("9.9.9.9", forged, ["10.0.0.0/8"])).toEqual({ address: "9.9.9.9", https: false });
    expect(from("10.1.2.3", forged, ["10.0.0.0/8"])).toEqual({ address: "2.2.2.2", https: true });
    const chain = { "x-forwarded-for": "1.1.1.1, 2.2.2.2, 10.9.9.9" };
    expect(from("10.1.2.3", chain, ["10.0.0.0/8"]).address).toBe("2.2.2.2");
    expect(from("10.1.2.3", { "x-forwarded-for": "1.1.1.1, junk" }, ["10.0.0.0/8"]).address).toBe("10.1.2.3");
    expect(from("10.1.2.3", {}, ["10.0.0.0/8"])).toEqual({ address: "10.1.2.3", https: false });
    expect(from("::ffff:10.1.2.3", chain, ["10.0.0.0/8"]).address).toBe("2.2.2.2");
    expect(from("::1", { "x-forwarded-for": "2001:db8::1" }, ["::1"]).address).toBe("2001:db8:0:0");
  });

  test("of IPv6 the network of 64 bits is the client", () => {
    for (const [address, network] of [
      ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
      ["2001:db8:1:2:ffff::1", "2001:db8:1:2"],
      ["2001:DB8::1", "2001:db8:0:0"],
      ["1::2:3:4:5:6:7", "1:0:2:3"],
      ["::1", "0:0:0:0"],
      ["::ffff:1.2.3.4", "1.2.3.4"],
    ] as const) {
      expect([address, from(address, {}, []).address]).toEqual([address, network]);
    }
  });

  test("by HTTP, too", async () => {
    const forged = (n: number) => key("guess", { "X-Forwarded-For": `1.1.1.${n}` });
    const { get } = await startLimited();
    for (let n = 0; n < 5; n += 1) expect((await get("/api/stats", { headers: forged(n) })).status).toBe(401);
    expect((await get("/api/stats", { headers: forged(9) })).status).toBe(429);
    const { get: getBehind } = await startLimited({ settings: { trustedProxies: ["127.0.0.1"] } });
    for (let n = 0; n < 9; n += 1) expect((await getBehind("/api/stats", { headers: forged(n) })).status).toBe(401);
  });

  test("however many there are, no more than 65,536 are told apart, and nobody can foresee which share a budget", () => {
    const [slots, others] = [createSlots(), createSlots()];
    const seen = new Set<string>();
    let equal = 0;
    for (let n = 0; n < 300_000; n += 1) {
      const slot = slots(String(n));
      seen.add(slot);
      if (slot === others(String(n))) equal += 1;
    }
    expect(seen.size).toBeGreaterThan(60_000);
    expect(seen.size).toBeLessThanOrEqual(65_536);
    expect(equal).toBeLessThan(100);
    expect(slots("1.2.3.4")).toBe(slots("1.2.3.4"));
  });
});

test("what was not let in is counted by its reason", async () => {
  const { get, access } = await startLimited();
  for (const [headers, path] of [
    [{}, "/api/stats"],
    [key("wrong"), "/metrics"],
  ] as const) {
    await get(path, { headers });
  }
  expect(access.counts()).toMatchObject({ no_token: 1, unknown_token: 1, rate: 0, host: 0, connections: 0 });
});
