import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { tool } from "../oracle/makers.ts";
import { ask, data } from "../started/ask.ts";
import { cleanUp, startBot, startServe, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";
import { sendMessages, statusesOfReads, timesSaid, totalMessages, untilMessages, untilSaid } from "./faults.ts";

afterAll(cleanUp);

const PAGE = 4096;

/** Overwrites bytes of a file, in place. */
function overwrite(file: string, from: number, to: number): void {
  const handle = openSync(file, "r+");
  try {
    writeSync(handle, randomBytes(to - from), 0, to - from, from);
  } finally {
    closeSync(handle);
  }
}

/** A data folder with so many messages, all in the database and none in its log. */
async function filled(count: number): Promise<string> {
  const dataDir = temporary();
  const botel = await startServe({ dataDir });
  for (let sent = 0; sent < count; sent += 500)
    expect(await sendMessages(botel, Math.min(500, count - sent))).toBe(200);
  await botel.stop();
  return dataDir;
}

const LINE =
  /the database .*botel\.db was damaged: it was moved to .*botel\.db\.damaged, and what can be read of it is in a new one: \d+ facts/;

describe("a database that is damaged while botel is not there", () => {
  test.for([
    ["a header of random bytes", (file: string) => overwrite(file, 0, 100), 2000],
    ["a first page of random bytes", (file: string) => overwrite(file, 0, PAGE), 2000],
    ["no SQLite file at all", (file: string) => writeFileSync(file, "a letter home\n".repeat(9000)), 0],
    [
      "a file that is cut to a third",
      (file: string) => truncateSync(file, Math.floor(readFileSync(file).length / 3)),
      100,
    ],
  ] as const)(
    "%s: it is moved aside, one line says so, and botel goes on with what is left",
    async ([, spoil, least]) => {
      const dataDir = await filled(2000);
      const file = join(dataDir, "botel.db");
      spoil(file);
      const spoilt = readFileSync(file);
      const botel = await startServe({ dataDir });
      const left = await totalMessages(botel);
      expect(timesSaid(botel, LINE)).toBe(1);
      expect(left).toBeGreaterThanOrEqual(least);
      expect(readFileSync(`${file}.damaged`).equals(spoilt)).toBe(true);
      expect(
        botel
          .output()
          .split("\n")
          .filter((line) => line.startsWith("botel: ")).length,
      ).toBeLessThanOrEqual(1);
      expect(await sendMessages(botel, 10)).toBe(200);
      expect(await totalMessages(botel)).toBe(left + 10);
      expect(await statusesOfReads(botel)).not.toContain(500);
    },
  );

  test("a log that is cut short, after a SIGKILL: what was committed before the cut is there", async () => {
    const dataDir = temporary();
    const first = await startServe({ dataDir });
    for (let n = 1; n <= 20; n += 1) await sendMessages(first, 20);
    await first.kill();
    const log = join(dataDir, "botel.db-wal");
    truncateSync(log, Math.floor(readFileSync(log).length / 2));
    const botel = await startServe({ dataDir });
    const left = await totalMessages(botel);
    expect(left % 20).toBe(0);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(400);
  });

  test("a database cut to nothing beside its log: what is in the log is salvaged", async () => {
    const dataDir = temporary();
    const first = await startServe({ dataDir });
    await sendMessages(first, 50);
    await first.kill();
    rmSync(join(dataDir, "botel.db"));
    const botel = await startServe({ dataDir });
    expect(await totalMessages(botel)).toBe(50);
    expect(timesSaid(botel, LINE)).toBe(1);
  });
});

describe("a catalog that is damaged or missing", () => {
  test.for([
    ["damaged", (file: string) => writeFileSync(file, randomBytes(2000)), 1],
    ["missing", (file: string) => rmSync(file), 0],
  ] as const)(
    "%s: botel starts, says so where a file is moved aside, and knows its bots again",
    async ([, spoil, lines]) => {
      const dataDir = temporary();
      const first = await startServe({ dataDir });
      await sendMessages(first, 10);
      await first.stop();
      const file = join(dataDir, "catalog.json");
      expect(existsSync(file)).toBe(true);
      spoil(file);
      const botel = await startServe({ dataDir });
      expect(timesSaid(botel, /catalog\.json is damaged: it was moved to .*catalog\.json\.damaged, /)).toBe(lines);
      expect(existsSync(`${file}.damaged`)).toBe(lines === 1);
      expect(await totalMessages(botel)).toBe(10);
      await sendMessages(botel, 10);
      const { bots } = await data<{ bots: unknown[] }>(botel.url, "/api/system/status");
      expect(bots).toHaveLength(1);
    },
  );
});

describe("a database that is damaged while botel runs", () => {
  test(
    "what is found by a read: the store goes on in a new one without a restart of the process, nothing that comes is lost",
    { timeout: 60_000 },
    async () => {
      const dataDir = await filled(2000);
      const botel = await startBot({ dataDir });
      await bodiesOf(botel, 200);
      await untilMessages(botel, 2000);
      const file = join(dataDir, "botel.db");
      checkpoint(file);
      // Every page of texts: the tool log cannot be read, the numbers can.
      for (const page of pagesOf(file, "bodies")) overwrite(file, (page - 1) * PAGE, page * PAGE);
      await until(
        () => ask(botel.url, "/api/logs/tools?limit=1000"),
        () => (LINE.test(botel.output()) ? undefined : "not found out"),
        20_000,
      );
      await botel.order({ type: "stream", from: 1000, everyMs: 5 });
      await untilSaid(botel, LINE);
      await until(
        () => ask(botel.url, "/api/system/health"),
        ({ status }) => (status === 200 ? undefined : `health ${status}`),
        20_000,
      );
      await untilMessages(botel, 2000);
      await until(
        () => botel.made.length,
        (count) => (count > 20 ? undefined : `${count} made`),
        20_000,
      );
      await botel.order({ type: "hush" });
      const last = botel.made.at(-1)!.number - 1000;
      await until(
        () => data<{ summary: { toolCalls: number } }>(botel.url, "/api/stats"),
        ({ summary }) => (summary.toolCalls === 200 + last ? undefined : `${summary.toolCalls} of ${200 + last}`),
        20_000,
      );
      expect(existsSync(`${file}.damaged`)).toBe(true);
      expect(timesSaid(botel, LINE)).toBe(1);
      expect(timesSaid(botel, /thread ended/)).toBe(0);
    },
  );
});

test(
  "what is found by a write or a fold: OTLP is answered 200 or 503, one line says so, and what was answered 200 is there",
  { timeout: 120_000 },
  async () => {
    const dataDir = await filled(2000);
    const botel = await startServe({ dataDir });
    const file = join(dataDir, "botel.db");
    checkpoint(file);
    // The newest page of it is in the store's memory: what is older is not.
    for (const page of pagesOf(file, "facts_once")) overwrite(file, (page - 1) * PAGE, page * PAGE);
    const statuses: number[] = [];
    await until(
      async () => {
        statuses.push(await sendMessages(botel, 10, Date.now() - 3_600_000));
        return timesSaid(botel, LINE);
      },
      (times) => (times === 1 && statuses.at(-1) === 200 ? undefined : `${times} lines, ${statuses.join(" ")}`),
      60_000,
    );
    expect([...new Set(statuses)].filter((status) => status !== 503)).toEqual([200]);
    await untilMessages(botel, 2000 + 10 * statuses.filter((status) => status === 200).length);
    expect(
      botel
        .output()
        .split("\n")
        .filter((line) => line.startsWith("botel: ")),
    ).toHaveLength(1);
  },
);

test.for([0, 100_000])(
  "what is cut to %i bytes while botel runs: it goes on with what is left, in a new one",
  { timeout: 60_000 },
  async (bytes) => {
    const dataDir = await filled(2000);
    const botel = await startServe({ dataDir });
    truncateSync(join(dataDir, "botel.db"), bytes);
    await until(
      () => sendMessages(botel, 10, Date.now() - 3_600_000),
      (status) => (status === 200 && LINE.test(botel.output()) ? undefined : `answered ${status}`),
      30_000,
    );
    const left = await totalMessages(botel);
    expect(await sendMessages(botel, 10)).toBe(200);
    await untilMessages(botel, left + 10);
    expect(timesSaid(botel, LINE)).toBe(1);
  },
);

async function bodiesOf(bot: Awaited<ReturnType<typeof startBot>>, count: number): Promise<void> {
  await bot.feed(Array.from({ length: count }, () => tool({ args: "x".repeat(900) })));
  await until(
    () => data<{ summary: { toolCalls: number } }>(bot.url, "/api/stats"),
    ({ summary }) => (summary.toolCalls === count ? undefined : `${summary.toolCalls} calls`),
    20_000,
  );
}

function checkpoint(file: string): void {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  try {
    const row = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    expect(row?.["busy"]).toBe(0);
  } finally {
    db.close();
  }
}

/** Numbers of the pages that a table is on. */
function pagesOf(file: string, table: string): number[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db
      .prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'")
      .all(table)
      .map((row) => Number(row["pageno"]));
  } finally {
    db.close();
  }
}
