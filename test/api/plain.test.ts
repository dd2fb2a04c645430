import { request, type IncomingHttpHeaders } from "node:http";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createAnswers } from "../../src/answers.ts";
import { createApi } from "../../src/api/api.ts";
import type { ApiDeps } from "../../src/api/deps.ts";
import { listen } from "../../src/api/listen.ts";
import { createCalendar } from "../../src/lib/calendar.ts";
import { accessOf } from "./access.ts";
import { startApi } from "./started.ts";
import { startWhole } from "./whole.ts";

describe("contract §4: `GET /livez`, `GET /readyz` (no auth, no detail)", () => {
  test("both say but ok", async () => {
    const { get } = await startApi();
    for (const path of ["/livez", "/readyz"]) {
      const answer = await get(path);
      expect([answer.status, await answer.text()]).toEqual([200, "ok\n"]);
      expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    }
  });
});

test("contract §4: Beside the documented ones: `GET /metrics` (§8): served as the exporter gives it", async () => {
  const { get } = await startWhole();
  const answer = await get("/metrics");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await answer.text()).toMatch(/^# HELP /m);
});

test("a scrape is compressed, and in OpenMetrics, for who asks for that", async () => {
  const { url } = await startWhole();
  const scrape = (headers: Record<string, string>) =>
    new Promise<{ headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
      request(`${url}/metrics`, { headers, agent: false }, (answer) => {
        answer.toArray().then((parts) => resolve({ headers: answer.headers, body: Buffer.concat(parts) }), reject);
      })
        .on("error", reject)
        .end();
    });
  const [plain, packed] = [await scrape({}), await scrape({ "accept-encoding": "gzip" })];
  expect(plain.headers["content-encoding"]).toBeUndefined();
  expect(packed.headers).toMatchObject({ "content-encoding": "gzip", vary: "Accept, Accept-Encoding" });
  expect(gunzipSync(packed.body).toString()).toMatch(/^# HELP target_info/);
  expect(packed.body.length).toBeLessThan(plain.body.length / 2);
  const open = await scrape({ "accept-encoding": "gzip", accept: "application/openmetrics-text;version=1.0.0" });
  expect(open.headers["content-type"]).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
  expect(gunzipSync(open.body).toString()).toMatch(/# EOF\n$/);
});

test("days that the store does not fold are not waited for without end", async () => {
  const windows = { state: () => Promise.resolve() };
  const now = () => 0;
  const answers = createAnswers({ windows, calendar: createCalendar("UTC"), now } as unknown as Parameters<
    typeof createAnswers
  >[0]);
  await expect(answers.models({ period: "day", groupId: undefined })).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

describe("listen", () => {
  test("a taken port is an error", async () => {
    const { port } = await startApi();
    const app = createApi({ access: accessOf() } as ApiDeps);
    await expect(listen(app, { host: "127.0.0.1", port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("an end waits for answers under way, but not for streams", async () => {
    let answer = () => {};
    const models = new Promise<{ models: [] }>((resolve) => (answer = () => resolve({ models: [] })));
    let asked = () => {};
    const under = new Promise<void>((resolve) => (asked = resolve));
    const live = { subscribe: () => ({ drained() {}, close() {} }) };
    const deps = {
      answers: () => ({ models: () => (asked(), models) }),
      live,
      access: accessOf(),
    } as unknown as ApiDeps;
    const server = await listen(createApi(deps), { host: "::1", port: 0 });
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    const [stream, slow] = [fetch(`${server.url}/api/system/events`), fetch(`${server.url}/api/stats/models`)];
    const { body } = await stream;
    await under;
    const closed = server.close(500);
    answer();
    expect((await slow).status).toBe(200);
    // A stream lasts as long as its connection: nothing else says that it ended.
    expect(await body?.getReader().read()).toMatchObject({ done: true });
    await closed;
    await expect(fetch(server.url)).rejects.toThrow();
  });
});
