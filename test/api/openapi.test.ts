import { describe, expect, test } from "vitest";
import { ENDPOINTS } from "../../src/api/api.ts";
import { ERROR_MEANING, ERROR_STATUS } from "../../src/contract/errors.ts";
import { FORGET_PATHS } from "../../src/api/routes/forget.ts";
import type { Receiver } from "../../src/ingest/receiver.ts";
import { EVENT_TYPES } from "../../src/contract/wire/events.ts";
import { described } from "./described.ts";
import { addressOf, startApi } from "./started.ts";

describe("contract §3: `GET /api/openapi.json` is OpenAPI 3.1, made from the schemas that validate the requests and type the answers.", () => {
  test("every path answers, and there is no other", async () => {
    const { get } = await startApi();
    const { document } = await described(get);
    expect(document.openapi).toBe("3.1.0");
    expect(document.info.version).toBe("1.2.3");
    const beside = ["/api/system/events", "/api/openapi.json", "/api/session", "/metrics", "/livez", "/readyz", "/"];
    const erasing = FORGET_PATHS.map(({ path }) => path);
    const all = [...ENDPOINTS.map(({ path }) => path), ...beside, ...erasing];
    expect(new Set(Object.keys(document.paths))).toEqual(new Set(all));
    const addresses = [...ENDPOINTS.map(addressOf), ...beside];
    for (const path of addresses) {
      expect([path, (await get(path, { method: "HEAD" })).status]).toEqual([path, 200]);
    }
  });

  test("what takes OTLP is described where it is taken", async () => {
    const otlp = ["/v1/traces", "/v1/logs", "/v1/metrics"];
    const { document } = await described((await startApi()).get);
    expect(Object.keys(document.paths)).not.toContain(otlp[0]);
    const answer = { status: 200, contentType: "application/json", body: "{}" };
    const receiver = { receive: () => Promise.resolve(answer) } as unknown as Receiver;
    const { get } = await startApi({ receiver });
    const { paths } = (await described(get)).document;
    expect(Object.keys(paths).slice(-3)).toEqual(otlp);
    for (const path of otlp) expect((await get(path, { method: "POST", body: "{}" })).status).toBe(200);
  });

  test("each parameter is described, with its default", async () => {
    const { get } = await startApi();
    const { document } = await described(get);
    for (const { path, parameters } of ENDPOINTS) {
      const given = document.paths[path]?.get.parameters?.filter((each) => each.in !== "header") ?? [];
      expect(given.map(({ name }) => name)).toEqual(Object.keys(parameters));
      for (const { name, in: place, required, description, schema } of given) {
        expect(place).toBe(path.includes(`{${name}}`) ? "path" : "query");
        expect(required).toBe(parameters[name]?.required === true);
        expect(description).toBe(parameters[name]?.description);
        expect(schema["default"]).toEqual(parameters[name]?.fallback);
      }
    }
    const limit = document.paths["/api/stats/users"]?.get.parameters?.find(({ name }) => name === "limit");
    expect(limit?.schema).toEqual({ type: "integer", minimum: 1, maximum: 1000, default: 20 });
  });

  test("each error code is described with its meaning, and what is answered keeps to it", async () => {
    const { get } = await startApi({ answers: () => undefined });
    const { document, validate } = await described(get);
    expect(Object.keys(document.components.responses)).toEqual(Object.keys(ERROR_STATUS));
    for (const [code, meaning] of Object.entries(ERROR_MEANING)) {
      expect(document.components.responses[code]?.description).toBe(meaning);
    }
    for (const path of ["/api/stats?period=", "/api/stats", "/api/logs/errors", "/api/system/events?types="]) {
      const answer = await get(path);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      validate(path, answer.status, await answer.json());
    }
    expect(() => validate("/api/stats", 400, { success: false, error: "no", code: "NOT_FOUND" })).toThrow(/code/);
  });

  test("every answer of an empty botel keeps to it, and a wrong one does not", async () => {
    const { get } = await startApi();
    const { validate } = await described(get);
    for (const each of ENDPOINTS) validate(each.path, 200, await (await get(addressOf(each))).json());
    expect(() => validate("/api/logs", 200, { success: true, data: { logs: [] } })).toThrow(/nextBefore/);
  });

  test("contract §4: HTTP 503 with `success: true` and the same `data` where a check is `error`", async () => {
    const checks = {
      database: { status: "error", latency: 5000 },
      bot: { status: "ok" },
      channels: { status: "ok", available: 2 },
    };
    const health = () => ({ healthy: false, checks });
    const { get } = await startApi({ system: { health, info: () => ({ version: "1" }) } as never });
    const { validate } = await described(get);
    const answer = await get("/api/system/health");
    expect(answer.status).toBe(503);
    const body: unknown = await answer.json();
    expect(body).toEqual({ success: true, data: { healthy: false, checks } });
    validate("/api/system/health", 503, body);
  });

  test("the events are described", async () => {
    const { get } = await startApi();
    const { document, validate } = await described(get);
    const stream = document.paths["/api/system/events"]?.get.responses["200"]?.content?.["text/event-stream"]?.schema;
    expect(stream?.["contentSchema"]).toEqual({ $ref: "#/components/schemas/LiveEvent" });
    const { oneOf } = document.components.schemas["LiveEvent"] as { oneOf: { properties: { type: unknown } }[] };
    expect(oneOf.map(({ properties }) => properties.type)).toEqual(
      EVENT_TYPES.map((type) => ({ type: "string", const: type })),
    );
    expect(validate).toBeTypeOf("function");
  });
});
