import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { ask, data } from "../started/ask.ts";
import { cleanUp, startBot, startServe, temporary, type Started } from "../started/started.ts";
import { until } from "../started/until.ts";
import { createBreakingDisk, createDisk, hasLoop, isRoot } from "./disks.ts";
import { sendMessages, statusesOfReads, timesSaid, totalMessages, untilMessages, untilSaid } from "./faults.ts";

let mounted: { unmount(): void } | undefined;
let botel: Started | undefined;
afterEach(async () => {
  await botel?.kill();
  mounted?.unmount();
  [mounted, botel] = [undefined, undefined];
});
afterAll(cleanUp);

const REFUSES = /the store takes no facts: /;
const TAKES = /the store takes facts again/;

/** Waits until OTLP is refused for now, as a sender is told that may send again. @returns messages taken meanwhile */
async function untilRefused(served: Started): Promise<number> {
  let taken = 0;
  await until(
    async () => {
      const status = await sendMessages(served, 200);
      if (status === 200) taken += 200;
      return status;
    },
    (status) => (status === 503 ? undefined : `answered ${status}`),
    30_000,
  );
  return taken;
}

function untilHealth({ url }: Started, status: number): Promise<unknown> {
  return until(
    () => ask(url, "/api/system/health"),
    (answer) => (answer.status === status ? undefined : `health is ${answer.status}`),
    30_000,
  );
}

async function toolCalls({ url }: Started): Promise<number> {
  return (await data<{ summary: { toolCalls: number } }>(url, "/api/stats")).summary.toolCalls;
}

describe.runIf(isRoot)("a disk that is full", () => {
  test(
    "reads go on, OTLP is answered 503, health says `database: error`; with room again all goes on, and nothing acknowledged is lost",
    { timeout: 120_000 },
    async () => {
      const disk = createDisk(24);
      mounted = disk;
      botel = await startServe({ dataDir: disk.folder });
      expect(await sendMessages(botel, 100)).toBe(200);
      disk.fill();
      const taken = 100 + (await untilRefused(botel));
      await untilHealth(botel, 503);
      expect(await statusesOfReads(botel)).not.toContain(500);
      expect(await totalMessages(botel)).toBe(taken);
      await untilRefused(botel);
      expect(timesSaid(botel, REFUSES)).toBe(1);
      expect(botel.output()).toMatch(/cannot grow, the disk is full: make room/);

      disk.makeRoom();
      await until(
        () => sendMessages(botel!, 10),
        (status) => (status === 200 ? undefined : `answered ${status}`),
        30_000,
      );
      await untilHealth(botel, 200);
      await untilMessages(botel, taken + 10);
      expect([timesSaid(botel, REFUSES), timesSaid(botel, TAKES)]).toEqual([1, 1]);
      await botel.kill();
      botel = await startServe({ dataDir: disk.folder });
      expect(await totalMessages(botel)).toBe(taken + 10);
    },
  );

  test("a bot goes on, and what it did meanwhile is stored when there is room", { timeout: 120_000 }, async () => {
    const disk = createDisk(24);
    mounted = disk;
    const bot = await startBot({ dataDir: disk.folder });
    botel = bot;
    await bot.order({ type: "stream", from: 0, everyMs: 5 });
    await until(
      () => toolCalls(bot),
      (calls) => (calls > 20 ? undefined : `${calls} calls`),
      20_000,
    );
    disk.fill();
    await until(
      () => (disk.fill(), timesSaid(bot, REFUSES)),
      (times) => (times === 1 ? undefined : "it still takes facts"),
      60_000,
    );
    const { measured } = await bot.order({ type: "measure", turns: 20 });
    expect(measured).toBeDefined();
    disk.makeRoom();
    await untilSaid(bot, TAKES, 60_000);
    await until(
      () => totalMessages(bot),
      (messages) => (messages === 20 ? undefined : `${messages} messages`),
      20_000,
    );
    await bot.order({ type: "hush" });
    const made = bot.made.at(-1)!.number;
    await until(
      () => toolCalls(bot),
      (calls) => (calls === made + 20 ? undefined : `${calls} of ${made + 20} calls`),
      30_000,
    );
  });

  test("at the start: one line, and the command ends", async () => {
    const disk = createDisk(24);
    mounted = disk;
    disk.fill();
    await expect(startServe({ dataDir: disk.folder })).rejects.toThrow(
      /^.* ended\nbotel: The (?:database|data folder) \S+ .*(?:full|ENOSPC).*\n\nthe process ended: 1\n$/,
    );
  });
});

describe("a disk that becomes read-only", () => {
  test.runIf(hasLoop)(
    "reads go on, writes are refused; what was acknowledged is there when it is mounted again",
    { timeout: 120_000 },
    async () => {
      const disk = createBreakingDisk();
      mounted = disk;
      botel = await startServe({ dataDir: disk.folder });
      expect(await sendMessages(botel, 100)).toBe(200);
      disk.break();
      const taken = 100 + (await untilRefused(botel));
      await untilHealth(botel, 503);
      expect(await statusesOfReads(botel)).not.toContain(500);
      expect(await totalMessages(botel)).toBe(taken);
      expect(timesSaid(botel, REFUSES)).toBe(1);
      await botel.stop();
      disk.unmount();
      disk.repair();
      botel = await startServe({ dataDir: disk.folder });
      expect(await totalMessages(botel)).toBe(taken);
      expect(await sendMessages(botel, 5)).toBe(200);
    },
  );

  test.runIf(isRoot)(
    "at the start: one line, and the command ends; `botel verify` reads it all the same",
    { timeout: 60_000 },
    async () => {
      const disk = createDisk(24);
      mounted = disk;
      botel = await startServe({ dataDir: disk.folder });
      expect(await sendMessages(botel, 100)).toBe(200);
      await botel.stop();
      disk.makeReadOnly();
      await expect(startServe({ dataDir: disk.folder })).rejects.toThrow(
        /^.* ended\nbotel: The database \S+ cannot be (?:written|opened): .*\n\nthe process ended: 1\n$/,
      );
      const { stdout } = spawnSync(process.execPath, ["src/start.mjs", "verify"], {
        cwd: join(import.meta.dirname, "../.."),
        encoding: "utf8",
        env: { PATH: process.env["PATH"], BOTEL_DATA_DIR: disk.folder, BOTEL_PORT: "0" },
      });
      expect(stdout).toMatch(/ 100 /);
    },
  );
});

test.runIf(!hasLoop)("disks that break are not tested here: it takes root, and loop devices (losetup -f)", () => {
  console.log("test/faults/disk.test.ts: run it as root on a machine with loop devices, to test disks that break");
});

// Whoever is not root gets the same from a limit of its own, on any disk.
test("files that may not grow: facts are refused, and taken again when they may", { timeout: 120_000 }, async () => {
  const dataDir = temporary();
  const served = await startServe({ dataDir });
  botel = served;
  expect(await sendMessages(served, 100)).toBe(200);
  limitFiles(served, "16384");
  const taken = 100 + (await untilRefused(served));
  expect(await totalMessages(served)).toBe(taken);
  expect(await statusesOfReads(served)).not.toContain(500);
  limitFiles(served, "unlimited");
  await until(
    () => sendMessages(served, 10),
    (status) => (status === 200 ? undefined : `answered ${status}`),
    30_000,
  );
  await untilMessages(served, taken + 10);
  expect([timesSaid(served, REFUSES), timesSaid(served, TAKES)]).toEqual([1, 1]);
});

/** Bytes that a file may have, of a process that runs. */
function limitFiles({ pid }: Started, bytes: string): void {
  const { status, stderr } = spawnSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
}
