import { describe, expect, test } from "vitest";
import type { ToolLogsData } from "../../src/contract/wire/logs.ts";
import * as wire from "../../src/contract/wire/panel.ts";
import { accessOf, token } from "./access.ts";
import { BASE, DAY, fed, MINUTE, NOW, panel } from "./panel.ts";
import { startApi } from "./started.ts";

describe("single requests and tool calls as the panel shows them", () => {
  test("GET /stats/usage/recent: newest first, filtered before it is limited", async () => {
    const whole = await fed();
    const ask = (query: string) => panel(whole, `/stats/usage/recent${query}`, wire.panelRequest.array());
    const all = await ask("?limit=50");
    expect(all.map(({ timestamp }) => timestamp)).toEqual([
      NOW - MINUTE / 2,
      NOW - 2 * MINUTE,
      NOW - 3 * MINUTE,
      NOW - DAY,
    ]);
    expect(all[1]).toEqual({
      id: expect.any(String),
      timestamp: NOW - 2 * MINUTE,
      channelId: "spare",
      channelName: "spare",
      model: "glm",
      keyIndex: -1,
      keyName: "",
      strategy: "",
      inputTokens: 7,
      outputTokens: 3,
      totalTokens: 10,
      duration: 101,
      success: true,
      error: null,
      source: "chat",
      stream: false,
      retryCount: 0,
      channelSwitched: true,
      fallbackUsed: false,
      previousChannelId: "openai-main",
      switchChain: ["openai-main", "spare"],
      userId: "u1",
      groupId: "g1",
      isEstimated: false,
      request: null,
      response: null,
    });
    expect(all[0]).toMatchObject({
      channelName: "OpenAI 主渠道",
      stream: true,
      channelSwitched: false,
      switchChain: null,
    });
    expect(all[2]).toMatchObject({ success: false, error: "the model did not answer", groupId: null });
    expect(await ask("?limit=1&status=failed")).toEqual([all[2]]);
    expect(await ask("?limit=2&status=success")).toEqual([all[0], all[1]]);
    expect(await ask("?source=embeddings")).toEqual([all[3]]);
    expect(await ask("?limit=nonsense&status=__proto__")).toEqual(all);
  });

  test.each(["/stats/tool-calls/records", "/tools/logs"])("GET %s: every field, every filter", async (path) => {
    const whole = await fed();
    const ask = (query = "") => panel(whole, path + query, wire.panelToolCall.array());
    const all = await ask();
    const { logs } = await whole.data<ToolLogsData>("/api/logs/tools");
    expect(all.map(({ id }) => id)).toEqual(logs.map(({ id }) => id));
    expect(all[0]).toEqual({
      id: expect.any(String),
      timestamp: NOW - 5 * MINUTE,
      toolName: "get_weather",
      request: { city: "Ulm" },
      response: { t: 3 },
      success: true,
      error: null,
      errorStack: null,
      duration: 30,
      userId: "u1",
      groupId: "g1",
      source: "",
    });
    expect(all[1]).toMatchObject({
      success: false,
      error: "the model did not answer",
      errorStack: "Error: x\n    at y",
      request: null,
      duration: 12,
      userId: "u2",
      groupId: null,
    });
    const places = async (query: string): Promise<number[]> =>
      (await ask(query)).map((one) => all.findIndex(({ id }) => id === one.id));
    expect(await places("?limit=1")).toEqual([0]);
    expect(await places("?toolName=roll")).toEqual([2]);
    expect(await places("?success=false")).toEqual([1]);
    expect(await places("?success=true&limit=1")).toEqual([0]);
    expect(await places("?userId=u2")).toEqual([1]);
    expect(await places("?groupId=g1")).toEqual([0]);
    expect(await places("?keyword=ULM")).toEqual([0]);
    expect(await places("?keyword=ROLL&limit=1")).toEqual([2]);
    expect(await places(`?startTime=${NOW - 6 * MINUTE}&endTime=${NOW - 6 * MINUTE}`)).toEqual([1]);
    expect(await places("?startTime=1e400&limit=-3&success=perhaps")).toEqual([0, 1, 2]);
  });
});

describe("what is no number", () => {
  test("the page is let in, and needs no set-up", async () => {
    const { get } = await fed();
    for (const path of ["/state", "/system/server-mode"]) {
      expect(await (await get(BASE + path)).json()).toEqual({ code: 0, data: {}, message: "ok" });
    }
    const status = await (await get(`${BASE}/config/init-status`)).json();
    expect(status).toEqual({ code: 0, data: { initCompleted: true }, message: "ok" });
  });

  test("botel's facts are not the panel's to delete: 403 in its envelope, with a sentence", async () => {
    const { get } = await fed();
    for (const [method, path] of [
      ["POST", "/stats/reset"],
      ["POST", "/stats/usage/clear"],
      ["DELETE", "/tools/logs"],
      ["PUT", "/config"],
    ] as const) {
      const answer = await get(BASE + path, { method });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(await answer.json()).toEqual({ code: 403, data: null, message: expect.stringContaining("erased") });
    }
  });

  test("so it is for a token that may only read, as docs/panel.md hands the panel one", async () => {
    const access = accessOf({ tokens: [token("panel", "secret")] });
    const { get } = await startApi({ access, panel: () => undefined });
    const headers = { authorization: "Bearer secret" };
    const answer = await get(`${BASE}/stats/reset`, { method: "POST", headers });
    expect([answer.status, await answer.json()]).toMatchObject([403, { code: 403, data: null }]);
    const elsewhere = await get("/api/users/u1", { method: "DELETE", headers });
    expect([elsewhere.status, await elsewhere.json()]).toMatchObject([403, { code: "FORBIDDEN" }]);
  });

  test("what botel has not is 404, and 503 until the store is there, in its envelope", async () => {
    const { get } = await fed();
    expect((await get(`${BASE}/preset/list`)).status).toBe(404);
    const early = await startApi({ panel: () => undefined });
    const answer = await early.get(`${BASE}/stats`);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await answer.json()).toMatchObject({ code: 503, data: null });
  });

  test("it is off where it is not asked for", async () => {
    const { get } = await startApi();
    expect((await get(`${BASE}/state`)).status).toBe(404);
  });
});
