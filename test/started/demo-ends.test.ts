import { afterAll, describe, expect, test } from "vitest";
import { ask, data } from "./ask.ts";
import { cleanUp, startNpm, temporary } from "./started.ts";
import { until } from "./until.ts";

afterAll(cleanUp);

const endNs = BigInt(Date.now()) * 1_000_000n;
const MESSAGE = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  name: "message telegram",
  startTimeUnixNano: String(endNs - 1_000_000n),
  endTimeUnixNano: String(endNs),
  attributes: [{ key: "bot.operation.name", value: { stringValue: "message" } }],
};
const BODY = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [MESSAGE] }] }] });

function send(url: string) {
  return ask(url, "/v1/traces", { method: "POST", headers: { "content-type": "application/json" }, body: BODY });
}

describe("the demo and facts from outside", () => {
  // contract §7: "the first fact from outside ends such an unasked demo (503 with `Retry-After` while botel opens the real store)"
  test("one that nobody asked for ends, and the real store takes what is sent again", { timeout: 60_000 }, async () => {
    const botel = await startNpm({ dataDir: temporary(), env: { BOTEL_DEMO: "" } });
    const refused = await send(botel.url);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    const accepted = ({ status }: { status: number }) => (status === 200 ? undefined : `status ${status}`);
    await until(() => send(botel.url), accepted, 20_000);
    expect(await data(botel.url, "/api/system/status")).toMatchObject({ demo: false });
    const { summary } = await data<{ summary: { totalMessages: number } }>(botel.url, "/api/stats");
    expect(summary.totalMessages).toBe(1);
    await botel.stop();
  });

  // contract §7: "Asked for by `1`, it refuses outside facts with 503 and a sentence."
  test("one that was asked for refuses them, and goes on", { timeout: 60_000 }, async () => {
    const botel = await startNpm({ dataDir: temporary(), env: { BOTEL_DEMO: "1" } });
    const refused = await send(botel.url);
    expect(refused.status).toBe(503);
    expect(JSON.stringify(refused.body)).toContain("BOTEL_DEMO=0");
    expect(await data(botel.url, "/api/system/status")).toMatchObject({ demo: true });
    await botel.stop();
  });
});
