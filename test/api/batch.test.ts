import { describe, expect, test } from "vitest";
import { ENDPOINTS } from "../../src/api/api.ts";
import type { BatchData } from "../../src/contract/wire/batch.ts";
import { failure } from "../../src/contract/wire/envelope.ts";
import { accessOf, token } from "./access.ts";
import { startApi } from "./started.ts";

async function batch(
  get: (path: string, init?: RequestInit) => Promise<Response>,
  paths: string[],
  init?: RequestInit,
) {
  const answer = await get(`/api/batch?paths=${encodeURIComponent(paths.join(","))}`, init);
  const { data } = (await answer.json()) as { data: BatchData };
  return data.answers;
}

describe("GET /api/batch", () => {
  test("answers each path as it is answered by itself, in order", async () => {
    const { get } = await startApi();
    const paths = ENDPOINTS.map(({ path }) => path).filter((path) => !/\{|batch/.test(path));
    const asked = [...paths, "/api/stats?period=never", "/api/stats/users?limit=5&sort=tokens", "/api/logs?level=warn"];
    const answers = await batch(get, asked);
    expect(answers).toHaveLength(asked.length);
    for (const [place, path] of asked.entries()) {
      const alone = await get(path);
      expect(answers[place]).toEqual({ status: alone.status, body: await alone.json() });
    }
  });

  test("a path that is not asked so, or that fails inside, takes nothing from the others", async () => {
    const { get, failed } = await startApi({ answers: () => JSON.parse("{secret") as never });
    const others = [
      "/api/nothing",
      "/api/batch?paths=x",
      "/api/system/events",
      "/metrics",
      `/api/traces/${"a".repeat(32)}`,
    ];
    const answers = await batch(get, ["/api/system/info", "/api/stats", ...others]);
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 404, 404, 404, 404, 404]);
    const { requestId, error } = failure.parse(answers[1]?.body);
    expect(error).not.toContain("secret");
    expect(failed).toMatchObject([{ requestId, method: "GET", path: "/api/stats" }]);
  });

  test("takes 20 paths at the most, and no empty one", async () => {
    const { get } = await startApi();
    const path = "/api/system/info";
    expect(
      await batch(
        get,
        Array.from({ length: 20 }, () => path),
      ),
    ).toHaveLength(20);
    for (const paths of [Array.from({ length: 21 }, () => path).join(","), `${path},`, ""]) {
      expect((await get(`/api/batch?paths=${encodeURIComponent(paths)}`)).status).toBe(400);
    }
  });

  test("is one request of those that a client has in a minute, and needs what its paths need", async () => {
    const access = accessOf({ tokens: [token("mine", "x"), token("bot", "y", ["ingest"])], rateLimit: 2 });
    const { get } = await startApi({ access });
    const asked = (secret: string) =>
      get("/api/batch?paths=/api/stats,/api/logs", { headers: { "X-API-Key": secret } });
    expect([(await asked("x")).status, (await asked("x")).status, (await asked("x")).status]).toEqual([200, 200, 429]);
    expect((await asked("y")).status).toBe(403);
  });
});
