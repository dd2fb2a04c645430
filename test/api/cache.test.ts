import { describe, expect, test } from "vitest";
import { ENDPOINTS } from "../../src/api/api.ts";
import { addressOf, startApi } from "./started.ts";

const PATHS = [...ENDPOINTS.map(addressOf), "/api/openapi.json"];

describe("contract §3: Every 200 under `/api` carries an `ETag` made from its body and honours `If-None-Match` (SSE aside); `Cache-Control: private, no-cache`. HEAD = GET.", () => {
  test.each(PATHS)("%s", async (path) => {
    const { get } = await startApi();
    const first = await get(path);
    const body = await first.text();
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{20,}"$/);
    expect(first.headers.get("cache-control")).toBe("private, no-cache");

    for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await get(path, { headers: { "If-None-Match": condition } });
      expect([condition, again.status]).toEqual([condition, 304]);
      expect(again.headers.get("etag")).toBe(etag);
      expect(again.headers.get("cache-control")).toBe("private, no-cache");
      expect(await again.text()).toBe("");
    }
    const other = await get(path, { headers: { "If-None-Match": '"other"' } });
    expect(other.status).toBe(200);

    const head = await get(path, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe("");
    expect(Number(head.headers.get("content-length"))).toBe(Buffer.byteLength(body));
    const kept = ([name]: [string, string]) => !["date", "connection", "keep-alive", "server-timing"].includes(name);
    expect([...head.headers].filter(kept)).toEqual([...first.headers].filter(kept));
  });

  test("another body has another ETag, an equal one the same", async () => {
    let messages = 1;
    const { get } = await startApi({ answers: () => ({ models: () => ({ models: [{ messages }] }) }) as never });
    const etag = async () => (await get("/api/stats/models")).headers.get("etag");
    const one = await etag();
    expect(await etag()).toBe(one);
    messages = 2;
    expect(await etag()).not.toBe(one);
  });

  test("a failure and an event stream have none", async () => {
    const { get } = await startApi();
    for (const path of ["/api/nothing", "/api/stats?period="]) {
      expect((await get(path)).headers.get("etag")).toBeNull();
      expect((await get(path, { headers: { "If-None-Match": "*" } })).status).toBeGreaterThanOrEqual(400);
    }
    expect((await get("/api/system/events", { method: "HEAD" })).headers.get("etag")).toBeNull();
  });
});
