import { execFile } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Item } from "../oracle/items.ts";
import { message, record, request, tool } from "../oracle/makers.ts";
import { data } from "../started/ask.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, startServe, temporary, type StartedBot } from "../started/started.ts";
import { until } from "../started/until.ts";
import { filesOf } from "./files.ts";

const ANN = "user-ann-4711";
const BEN = "user-ben-0815";
const CLUB = "group-club-99";
const DAY_MS = 86_400_000;

afterAll(cleanUp);

/** A turn with the id of its user wherever it may be. */
function turn(user: string, group: string, ago = 0): Item[] {
  const at = Date.now() - 1000 - ago * DAY_MS;
  const said = `about ${user} in ${group}`;
  const root = message({ user, group, name: `${user}'s name`, groupName: `${group}'s name`, responses: 1, at });
  const own = { parent: root, user, group, at };
  return [
    request({ ...own, model: "m", input: 7, output: 2 }),
    request({ ...own, model: "m", errorType: "500", error: true, statusMessage: said }),
    tool({ ...own, name: "dice", args: JSON.stringify({ said }) }),
    record(said, { at, severity: 17, attributes: { userId: user } }),
    root,
  ];
}

interface Stats {
  summary: Record<string, number>;
  daily: unknown[];
}

/** Every number that is answered, and everybody's numbers without their ids. */
async function numbers(url: string) {
  const [stats, models, tools, users, groups] = await Promise.all([
    data<Stats>(url, "/api/stats"),
    data(url, "/api/stats/models"),
    data(url, "/api/stats/tools"),
    data<{ users: Record<string, unknown>[] }>(url, "/api/stats/users"),
    data<{ groups: Record<string, unknown>[] }>(url, "/api/stats/groups"),
  ]);
  const nameless = (rows: Record<string, unknown>[]): string[] =>
    rows.map(({ userId: _u, nickname: _n, groupId: _g, name: _m, ...rest }) => JSON.stringify(rest)).toSorted();
  return { stats, models, tools, users: nameless(users.users), groups: nameless(groups.groups) };
}

async function ids(url: string): Promise<string[]> {
  const { users } = await data<{ users: { userId: string }[] }>(url, "/api/stats/users");
  return users.map(({ userId }) => userId.replace(/^forgotten-.*/, "forgotten"));
}

/** `botel forget` as a command. */
async function forget(args: string[], dataDir: string, port: string) {
  const env = { ...process.env, BOTEL_CONFIG: "", BOTEL_PORT: port, BOTEL_OTLP_PORT: "0", BOTEL_DATA_DIR: dataDir };
  return promisify(execFile)(process.execPath, ["src/start.mjs", "forget", ...args], { env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout: stdout + stderr }),
  );
}

/** Names of the files below a folder that hold the text. */
function holding(folder: string, text: string): string[] {
  return [...filesOf(folder)].filter(([, bytes]) => bytes.includes(text)).map(([name]) => name);
}

// issue 8: "`botel forget --user ID` erases one user on a running botel: facts and blobs hold a tombstone in place of the
// id, sums and distinct counts stay"
describe("botel forget, of a botel that runs", () => {
  let bot: StartedBot;
  const dataDir = temporary();
  const port = (): string => new URL(bot.url).port;

  beforeAll(async () => {
    bot = await startBot({ dataDir, zone: "UTC" });
    for (const ago of [3, 1, 0]) {
      await fed(bot, [...turn(ANN, CLUB, ago), ...turn(BEN, CLUB, ago), ...turn(ANN, "group-open-1", ago)]);
    }
  });

  test("is told it while facts flow; no file has the id, and every answer has the same numbers", async () => {
    const before = await numbers(bot.url);
    expect(holding(dataDir, ANN)).not.toEqual([]);
    await bot.order({ type: "stream", from: 0, everyMs: 5 });
    const { code, stdout } = await forget(["--user", ANN], dataDir, port());
    await bot.order({ type: "hush" });
    expect(stdout).toMatch(
      /^forgotten in http.*: 24 facts of 3 days are a tombstone's, \d+ texts and 1 names are erased/,
    );
    expect(code).toBe(0);
    expect(holding(dataDir, ANN)).toEqual([]);
    expect(holding(dataDir, BEN)).toEqual(expect.arrayContaining([expect.stringMatching(/^botel\.db/)]));
    await until(
      () => ids(bot.url),
      (all) => (all.includes(ANN) ? "windows hold the id" : undefined),
      10_000,
    );
    expect(new Set(await ids(bot.url))).toEqual(new Set(["forgotten", BEN]));
    // What flowed meanwhile were tool calls, the last of which are stored soon.
    const { stats, tools: _tools, ...others } = before;
    const toolCalls = (stats.summary["toolCalls"] ?? 0) + bot.made.length;
    const after = await until(
      () => numbers(bot.url),
      (now) => (now.stats.summary["toolCalls"] === toolCalls ? undefined : "tool calls are missing"),
      10_000,
    );
    expect(after).toMatchObject(others);
    expect(after.stats.summary).toEqual({ ...stats.summary, toolCalls });
    expect(JSON.stringify(await data(bot.url, "/api/logs?limit=1000"))).not.toContain(ANN);
    expect(JSON.stringify(await data(bot.url, "/api/logs/errors?limit=1000"))).not.toContain(ANN);
  });

  test("a group likewise, whose numbers are found under its tombstone", async () => {
    const before = await data(bot.url, `/api/stats?groupId=${CLUB}`);
    const { code } = await forget(["--group", CLUB], dataDir, port());
    expect(code).toBe(0);
    expect(holding(dataDir, CLUB)).toEqual([]);
    const { groups } = await data<{ groups: { groupId: string; name: string }[] }>(bot.url, "/api/stats/groups");
    const tombstone = groups.find(({ groupId }) => groupId.startsWith("forgotten-"));
    expect(tombstone?.name).toBe(tombstone?.groupId);
    expect(await data(bot.url, `/api/stats?groupId=${tombstone?.groupId}`)).toEqual(before);
    expect((await data<Stats>(bot.url, `/api/stats?groupId=${CLUB}`)).daily).toEqual([]);
  });

  test("all that is stored adds up, as before", async () => {
    const env = { ...process.env, BOTEL_CONFIG: "", BOTEL_PORT: port(), BOTEL_DATA_DIR: dataDir };
    const verified = await promisify(execFile)(process.execPath, ["src/start.mjs", "verify"], { env });
    expect(verified.stdout).toContain("all is equal");
  });

  test("a kill in the middle: the next start goes on with it by itself", async () => {
    await fed(bot, [...turn("user-eve-1", CLUB), ...turn("user-eve-1", CLUB, 2)]);
    const path = `${bot.url}/api/users/user-eve-1`;
    const asked = fetch(path, { method: "DELETE" }).catch(() => undefined);
    // As soon as it is noted, if not before it or after it: whatever the kill meets has to end the same way.
    await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 3))]);
    await bot.kill();
    await asked;
    bot = await startBot({ dataDir, zone: "UTC" });
    if (bot.output().includes("forgot a user") || holding(dataDir, "user-eve-1").length > 0) {
      await fetch(`${bot.url}/api/users/user-eve-1`, { method: "DELETE" });
    }
    await until(
      () => holding(dataDir, "user-eve-1"),
      (files) => (files.length > 0 ? `still in ${files.join(", ")}` : undefined),
      20_000,
    );
    const tombstones = async (): Promise<number> => (await ids(bot.url)).filter((id) => id === "forgotten").length;
    await until(tombstones, (count) => (count === 2 ? undefined : `${count} tombstones`), 10_000);
  });
});

describe("botel forget, of a botel that is stopped", () => {
  const dataDir = temporary();

  test("is done in the folder; other copies there are named, and its numbers are the same at the next start", async () => {
    const bot = await startBot({ dataDir, zone: "UTC" });
    await fed(bot, [...turn(ANN, CLUB, 1), ...turn(BEN, CLUB)]);
    const before = await numbers(bot.url);
    await bot.stop();
    copyFileSync(join(dataDir, "botel.db"), join(dataDir, "botel.db.copy"));

    const { code, stdout } = await forget(["--user", ANN], dataDir, "0");
    expect(stdout).toContain(`forgotten in ${dataDir}: 4 facts of 1 days`);
    expect(stdout).toContain("botel.db.copy has the id too");
    expect(code).toBe(1);
    expect(holding(dataDir, ANN)).toEqual(["botel.db.copy"]);

    const serve = await startServe({ dataDir, zone: "UTC" });
    expect(await numbers(serve.url)).toEqual(before);
    expect(new Set(await ids(serve.url))).toEqual(new Set(["forgotten", BEN]));
    await serve.stop();
  });

  test("says what is wrong", async () => {
    const wrong = await forget(["--user", "a", "--group", "b"], dataDir, "0");
    expect([wrong.code, wrong.stdout]).toEqual([2, expect.stringContaining("forget takes --user ID or --group ID")]);
    const nothing = await forget(["--user", "a"], temporary(), "0");
    expect([nothing.code, nothing.stdout]).toEqual([2, expect.stringMatching(/^there are no data in /)]);
    const bot = await startBot({ dataDir });
    // Another port than the bot's: the folder is taken.
    const taken = await forget(["--user", ANN], dataDir, "0");
    expect([taken.code, taken.stdout]).toEqual([1, expect.stringContaining("is used by another botel")]);
    await bot.stop();
  });

  test("a token without the scope admin may not", async () => {
    const serve = await startServe({ dataDir, env: { BOTEL_TOKEN: "a-token-of-this-test" } });
    const { code, stdout } = await forget(["--user", ANN], dataDir, new URL(serve.url).port);
    expect([code, stdout]).toEqual([1, expect.stringContaining("refuses: A token is needed")]);
    await serve.stop();
  });
});
