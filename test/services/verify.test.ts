import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSettings } from "../../src/config/load.ts";
import type { Fact } from "../../src/contract/fact.ts";
import { createCalendar, dateOf } from "../../src/lib/calendar.ts";
import { createDayFolder } from "../../src/rollups/day.ts";
import { FOLDS_SIGNATURE } from "../../src/rollups/folds.ts";
import { createSqliteStore } from "../../src/store/sqlite/store.ts";
import { verify } from "../../src/verify.ts";
import * as oracle from "../oracle/makers.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, type StartedBot, temporary } from "../started/started.ts";
import { batch, DAY_MS, log, message, request, tool, trace } from "../store/world.ts";

const now = Date.now();
const today = createCalendar("UTC").dayOf(now);
let dataDir: string;
const file = () => join(dataDir, "botel.db");

function factsAt(timeMs: number, n: number): Fact[] {
  const at = { timeMs, trace: trace(n) };
  return [
    message({ ...at, span: 1, userId: "u", groupId: "g", responseWaitNs: 1e9 }),
    request({ ...at, span: 2, channel: "a", failed: true, errorType: "503" }),
    request({ ...at, span: 3, channel: "b", previousChannel: "a", provider: "openai" }),
    tool({ ...at, span: 4, tool: "dice", failed: n % 2 === 0, errorType: n % 2 === 0 ? "bad" : undefined }),
    log({ n, timeMs, level: "error" }),
  ];
}

function openStore(facts: number) {
  const retention = { facts, debugLogs: facts, toolBodies: facts };
  const opened = { createDayFolder, folds: FOLDS_SIGNATURE, nowMs: now, clock: () => performance.now() };
  return createSqliteStore({ file: file(), zone: "UTC", retention, maxBytes: 0, ...opened });
}

function all<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** A sealed day, two closed ones, and today, which is open. */
beforeAll(() => {
  dataDir = temporary();
  const store = openStore(90);
  for (const [ago, n] of [
    [40, 1],
    [2, 2],
    [1, 3],
    [0, 4],
  ] as const) {
    store.append([batch(...factsAt(now - ago * DAY_MS, n))], now);
  }
  for (const day of store.openDays()) if (day < today) store.closeDay(day, store.commit, all(store.foldDay(day)));
  store.close();
  const stricter = openStore(30);
  while (stricter.retire(now));
  stricter.close();
});

afterAll(cleanUp);

async function verified(port = 0): Promise<{ code: number; lines: string[] }> {
  const env = { BOTEL_DATA_DIR: dataDir, BOTEL_PORT: String(port) };
  const lines: string[] = [];
  const code = await verify(loadSettings({ env, cwd: "/", ownProcess: true }), (line) => lines.push(line), undefined);
  return { code, lines };
}

/** Changes the file behind botel's back, for one check. */
async function tampered(sql: string, back: string, check: () => Promise<void>): Promise<void> {
  const run = (statement: string): void => {
    const db = new DatabaseSync(file(), { timeout: 5000 });
    db.exec(statement);
    db.close();
  };
  run(sql);
  await check().finally(() => run(back));
}

const rowOf = (lines: readonly string[], first: string) => lines.find((line) => line.startsWith(first));

describe("botel verify", () => {
  test("folds open and closed days again, lists sealed ones, and says that they are equal", async () => {
    const { code, lines } = await verified();
    expect(code).toBe(0);
    expect(rowOf(lines, dateOf(today - 40))).toMatch(/ sealed +0 +0 {2}its blobs are the truth$/);
    expect(rowOf(lines, dateOf(today - 2))).toMatch(/ closed +5 +\d+ {2}equal$/);
    expect(rowOf(lines, dateOf(today - 1))).toMatch(/ closed +5 +\d+ {2}equal$/);
    expect(rowOf(lines, dateOf(today))).toMatch(/ open +5 +0 {2}has no blobs$/);
  });

  test("finds a blob that is not what the facts say, and which fold of which group it is", async () => {
    const change = (by: string) =>
      `UPDATE facts SET input = input ${by} WHERE kind = 2 AND time / 1000000 < ${now - DAY_MS / 2}`;
    await tampered(change("+ 1"), change("- 1"), async () => {
      const { code, lines } = await verified();
      expect(code).toBe(1);
      expect(rowOf(lines, dateOf(today - 2))).toMatch(/DIFFERENT: daily, daily of g, /);
      expect(rowOf(lines, dateOf(today))).toMatch(/has no blobs$/);
    });
  });

  test("as a command: its table, and its exit code", () => {
    const run = (env: Record<string, string>) =>
      spawnSync(process.execPath, ["src/start.mjs", "verify"], {
        encoding: "utf8",
        env: { ...process.env, BOTEL_CONFIG: "", BOTEL_PORT: "0", ...env },
      });
    const { status, stdout } = run({ BOTEL_DATA_DIR: dataDir });
    expect(stdout).toMatch(/^day +state +facts +folds +result$/m);
    expect(status).toBe(0);
    const nothing = run({ BOTEL_DATA_DIR: temporary() });
    expect([nothing.status, nothing.stdout]).toEqual([2, expect.stringMatching(/^there are no data in /)]);
  });
});

describe("botel verify, beside a running botel", () => {
  let bot: StartedBot;
  const port = () => Number(new URL(bot.url).port);

  beforeAll(async () => {
    bot = await startBot({ dataDir, zone: "UTC" });
    await fed(bot, [oracle.message({ user: "u2", responses: 1 }), oracle.request({ model: "m", input: 7, output: 2 })]);
  });

  test("compares facts, JSON and /metrics", async () => {
    const { code, lines } = await verified(port());
    expect(lines.join("\n")).toContain("all is equal");
    expect(code).toBe(0);
    expect(rowOf(lines, "messages")).toMatch(/^messages +5 +5 +5 {2}equal$/);
    expect(rowOf(lines, "tokens")).toMatch(/^tokens +129 +129 +129 {2}equal$/);
    for (const answer of ["daily", "models", "tools", "channels"])
      expect(rowOf(lines, `${answer} `)).toMatch(/ equal$/);
  });

  test("while facts come in, each number lies between what was answered before and after", async () => {
    await bot.order({ type: "stream", from: 0, everyMs: 2 });
    const { code, lines } = await verified(port());
    expect(lines.join("\n")).toContain("all is equal");
    expect(code).toBe(0);
  });

  test("finds what the running botel has otherwise, and writes nothing", async () => {
    const change = (by: string) => `UPDATE facts SET responses = responses ${by} WHERE kind = 1`;
    await tampered(change("+ 100"), change("- 100"), async () => {
      const { code, lines } = await verified(port());
      expect(code).toBe(1);
      expect(rowOf(lines, "responses")).toMatch(/DIFFERENT$/);
      expect(rowOf(lines, "messages")).not.toMatch(/DIFFERENT$/);
    });
    expect((await verified(port())).code).toBe(0);
  });
});
