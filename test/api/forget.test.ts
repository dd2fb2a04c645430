import { describe, expect, test } from "vitest";
import { BotelError } from "../../src/contract/errors.ts";
import type { Forgotten, Whom } from "../../src/contract/thread.ts";
import { success } from "../../src/contract/wire/envelope.ts";
import { forgottenData } from "../../src/contract/wire/forget.ts";
import { startApi } from "./started.ts";

const GONE: Forgotten = { facts: 12, texts: 3, names: 1, days: 2, file: "clean" };

async function startForgetting(outcome: Forgotten | Error = GONE) {
  const asked: Whom[] = [];
  const forget = (whom: Whom): Promise<Forgotten> => {
    asked.push(whom);
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  };
  return { asked, ...(await startApi({ forget })) };
}

// contract §6: "`admin`: erasing and token changes on a running process."
describe("who is to be forgotten", () => {
  test("is named by the path, percent-encoded; the answer says what was erased", async () => {
    const { asked, get } = await startForgetting();
    const answer = await get(`/api/users/${encodeURIComponent("a/b 中%")}`, { method: "DELETE" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(success(forgottenData).parse(await answer.json()).data).toEqual(GONE);
    await get("/api/groups/g1", { method: "DELETE" });
    expect(asked).toEqual([
      { owner: "user", id: "a/b 中%" },
      { owner: "group", id: "g1" },
    ]);
  });

  test("is taken by DELETE only, and by an id that can be one", async () => {
    const { asked, get } = await startForgetting();
    const read = await get("/api/users/u1");
    expect([read.status, read.headers.get("Allow")]).toEqual([405, "DELETE"]);
    expect((await get("/api/users/%00", { method: "DELETE" })).status).toBe(400);
    expect((await get(`/api/users/${"x".repeat(1025)}`, { method: "DELETE" })).status).toBe(400);
    expect((await get("/api/users", { method: "DELETE" })).status).toBe(404);
    expect(asked).toEqual([]);
  });

  test("is not forgotten for a page of another site", async () => {
    const { asked, get } = await startForgetting();
    const answer = await get("/api/users/u1", { method: "DELETE", headers: { Origin: "https://evil.example" } });
    expect([answer.status, asked.length]).toEqual([403, 0]);
  });

  test("is told why it could not be done", async () => {
    const { get } = await startForgetting(new BotelError("UNAVAILABLE", "The disk is full: make room."));
    const answer = await get("/api/users/u1", { method: "DELETE" });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ success: false, error: "The disk is full: make room.", code: "UNAVAILABLE" });
  });
});
