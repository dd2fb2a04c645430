import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "./config/settings.ts";
import { createCalendar } from "./lib/calendar.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { DATABASE } from "./store/files.ts";
import { FOLDS_SIGNATURE } from "./rollups/folds.ts";
import { inspectCluster } from "./store/clickhouse/inspect.ts";
import { openShards } from "./store/clickhouse/servers.ts";
import { inspectStore } from "./store/sqlite/inspect.ts";
import { checkDays, isOfTheseFolds, type CheckedDay, type Inspected } from "./verify/days.ts";
import { compareAnswers, compareTotals, dayTable } from "./verify/report.ts";
import { askRunning, findRunning, type Answered, type Running } from "./verify/running.ts";
import { createTruth, TOTALS, type Totals, type Truth } from "./verify/totals.ts";

/** A running botel shows within a second what is on the disk (contract §3); this long it is waited for. */
const CATCH_UP_MS = 5000;

/**
 * `botel verify`: folds every day out of the stored facts again, and compares facts, blobs, and what a botel that runs on
 * the configured port answers as JSON and in `/metrics`. Reads only.
 *
 * @param token by which a running botel answers, where it needs one
 * @returns the exit code: 0 all is equal, 1 something differs, 2 there is nothing to verify
 */
export async function verify(
  settings: Settings,
  print: (line: string) => void,
  token: string | undefined,
): Promise<0 | 1 | 2> {
  const at: Running = { url: urlOf(settings), token };
  const running = settings.server.port === 0 ? undefined : await findRunning(at);
  const store = await openStore(settings, running?.demo, print);
  if (store === undefined) {
    print(`there are no data in ${settings.dataDir}: set BOTEL_DATA_DIR to the folder of botel.db`);
    return 2;
  }
  try {
    const before = running && (await askRunning(at));
    const { truth, differences } = await checkStore(store, print);
    if (before === undefined) {
      print(`\nno botel answers at ${at.url}: JSON and /metrics are not compared`);
      return differences === 0 ? 0 : 1;
    }
    print(`\nJSON and /metrics of ${at.url}`);
    const found = differences + (await compareRunning(at, truth, before, print));
    print(found === 0 ? "\nall is equal" : `\n${found} differences`);
    return found === 0 ? 0 : 1;
  } finally {
    await store.close();
  }
}

type OpenStore = Inspected & { close(): void | Promise<void> };

/** @returns undefined where there is none */
async function openStore(
  settings: Settings,
  demo: boolean | undefined,
  print: (line: string) => void,
): Promise<OpenStore | undefined> {
  const { kind, clickhouse } = settings.store;
  if (kind === "clickhouse" && demo !== true) {
    const shards = openShards(clickhouse);
    print(`facts and rollups of ${shards.map(({ url }) => url).join(", ")}`);
    const inspection = await inspectCluster(shards, clickhouse.database, FOLDS_SIGNATURE);
    return { ...inspection, close: async () => void (await Promise.all(shards.map((shard) => shard.close()))) };
  }
  const file = fileOf(settings, demo);
  if (file === undefined) return undefined;
  print(`facts and blobs of ${file}`);
  return inspectStore(file);
}

/** What listens on all addresses is asked on this machine's own. */
function urlOf({ server: { host, port } }: Settings): string {
  const near = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
  return `http://${near.includes(":") ? `[${near}]` : near}:${port}`;
}

/** The demo's data lie apart: they are verified where the demo runs, or where there are no others. */
function fileOf({ dataDir }: Settings, demo: boolean | undefined): string | undefined {
  const own = join(dataDir, DATABASE);
  const ofDemo = join(dataDir, "demo", DATABASE);
  const order = demo ? [ofDemo, own] : [own, ofDemo];
  return order.find((file) => existsSync(file));
}

async function checkStore(
  store: Inspected,
  print: (line: string) => void,
): Promise<{ truth: Truth; differences: number }> {
  const truth = createTruth(createCalendar(store.zone).dayOf(clock.now()));
  if (!isOfTheseFolds(store)) print("the blobs are of another version of botel: its next start folds every day anew");
  const checked: Omit<CheckedDay, "states">[] = [];
  for await (const { states, ...day } of checkDays(store)) {
    truth.add({ ...day, states });
    checked.push(day);
  }
  for (const line of dayTable(checked)) print(line);
  return { truth, differences: checked.filter((day) => day.differences.length > 0).length };
}

async function compareRunning(
  at: Running,
  truth: Truth,
  before: Answered,
  print: (line: string) => void,
): Promise<number> {
  const totals = truth.totals();
  const after = await caughtUp(at, totals);
  const compared = compareTotals(totals, before, after);
  const answers = compareAnswers(truth.answers(), before.answers, after.answers);
  for (const line of [...compared.lines, "", ...answers.lines]) print(line);
  return compared.differences + answers.differences;
}

/** What is answered when all that was read from the disk is, or when it was waited for long enough. */
async function caughtUp(at: Running, truth: Totals): Promise<Answered> {
  const until = clock.mono() + CATCH_UP_MS;
  for (let waitMs = 100; ; waitMs *= 2) {
    const answered = await askRunning(at);
    const reached = TOTALS.every((name) => answered.json[name] >= truth[name] && answered.metrics[name] >= truth[name]);
    if (reached || clock.mono() > until) return answered;
    await sleep(waitMs); // ever longer: a token has 60 questions a minute
  }
}
