import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sample } from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestsOf } from "../ingest/requests.ts";
import { arrival, distinct, innerFirst } from "../ingest/shuffle.ts";
import { expectRight } from "../oracle/blackbox.ts";
import { message } from "../oracle/makers.ts";
import { scenarios } from "../oracle/turns.ts";
import { data } from "../started/ask.ts";
import { cleanUp, startServe, temporary } from "../started/started.ts";
import { startCluster, type Cluster } from "./clickhouse.ts";
import { deliver, shared } from "./instances.ts";

const ROOT = join(import.meta.dirname, "../..");
const SEED = Number(process.env["BOTEL_ORACLE_SEED"] ?? Date.now() % 2 ** 31);
const ZONE = "Asia/Kathmandu";

let cluster: Cluster;
beforeAll(async () => (cluster = await startCluster(2)), 60_000);
afterAll(async () => {
  await cleanUp();
  await cluster.stop();
});

interface Ended {
  code: number | null;
  output: string;
}

/** `botel <args>`. @param killAfter ends it at once when it has said this */
function botel(args: string[], config: string, dataDir: string, killAfter?: RegExp): Promise<Ended> {
  const file = join(temporary(), "botel.yaml");
  writeFileSync(file, config);
  const env = { PATH: process.env["PATH"], BOTEL_CONFIG: file, BOTEL_DATA_DIR: dataDir, BOTEL_PORT: "0" };
  const child = spawn(process.execPath, ["src/start.mjs", ...args], { cwd: ROOT, env });
  const { promise, resolve } = Promise.withResolvers<Ended>();
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      output += part;
      if (killAfter?.test(output)) child.kill("SIGKILL");
    });
  }
  child.once("close", (code) => resolve({ code, output }));
  return promise;
}

// issue 9: "`botel copy --from sqlite --to clickhouse`, resumable, verified by `botel verify`; a progress bar."
test(
  `what one machine stored is answered alike by the cluster that it was copied to (seed ${SEED})`,
  { timeout: 120_000 },
  async () => {
    const [scenario] = sample(scenarios(Date.now(), 40), { seed: SEED, numRuns: 1 });
    const items = innerFirst(distinct(scenario!.lives.flat(2)));
    const dataDir = temporary();
    const before = await startServe({ dataDir, zone: ZONE });
    for (const request of requestsOf(items, false)) await deliver(before.url, request);
    await before.stop();

    const { config } = shared(cluster);
    const copied = await botel(["copy", "--from", "sqlite", "--to", "clickhouse"], config, dataDir);
    expect(copied.output).toContain("every fact is in the cluster");
    expect(copied.code).toBe(0);
    const again = await botel(["copy", "--from", "sqlite", "--to", "clickhouse"], config, dataDir);
    expect(again.code).toBe(0);

    const after = await startServe({ dataDir: temporary(), config });
    await expectRight(after.url, arrival(items), ZONE, 1, 10_000);
    await after.stop();
    const verified = await botel(["verify"], config, temporary());
    expect(verified.output).not.toContain("DIFFERENT");
    expect(verified.code).toBe(0);
  },
);

test("a copy that was killed goes on where it was, and misses nothing", { timeout: 120_000 }, async () => {
  const dataDir = temporary();
  const before = await startServe({ dataDir, zone: "UTC" });
  const messages = Array.from({ length: 25_000 }, (_, n) => message({ user: `u${n % 50}` }));
  for (let at = 0; at < messages.length; at += 5000) {
    for (const request of requestsOf(messages.slice(at, at + 5000), false)) await deliver(before.url, request);
  }
  await before.stop();

  const { config } = shared(cluster);
  const killed = await botel(["copy", "--from", "sqlite", "--to", "clickhouse"], config, dataDir, /40 % copied/);
  expect(killed.code).toBe(null);
  const finished = await botel(["copy", "--from", "sqlite", "--to", "clickhouse"], config, dataDir);
  expect(finished.output).toContain("25000 facts");
  expect(finished.output).toContain("every fact is in the cluster");
  const after = await startServe({ dataDir: temporary(), config });
  expect(await data(after.url, "/api/stats")).toMatchObject({ summary: { totalMessages: 25_000, activeUsers: 50 } });
});

test("without a store or a cluster it says what to do", async () => {
  const { config } = shared(cluster);
  const nothing = await botel(["copy", "--from", "sqlite", "--to", "clickhouse"], config, temporary());
  expect(nothing).toMatchObject({ code: 1, output: expect.stringContaining("BOTEL_DATA_DIR") });
  const nowhere = await botel(["copy", "--from", "sqlite", "--to", "clickhouse"], "", temporary());
  expect(nowhere).toMatchObject({ code: 2, output: expect.stringContaining("store.clickhouse.urls") });
  const wrong = await botel(["copy", "--from", "clickhouse", "--to", "sqlite"], config, temporary());
  expect(wrong.code).toBe(2);
});
