import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "./config/settings.ts";
import type { Forgotten, Whom } from "./contract/thread.ts";
import type { ForgottenData } from "./contract/wire/forget.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { report } from "./lib/report.ts";
import { forgetOfCluster } from "./forget-cluster.ts";
import { privacyOf } from "./privacy.ts";
import { createDayFolder } from "./rollups/day.ts";
import { FOLDS_SIGNATURE } from "./rollups/folds.ts";
import { renameOwner } from "./rollups/rename.ts";
import { CATALOG, DATABASE, LOCK, PSEUDONYM_KEY } from "./store/files.ts";
import { lockFolder } from "./store/sqlite/lock.ts";
import { openStore } from "./store/sqlite/open.ts";
import { holdsAny } from "./store/sqlite/scour.ts";

interface How {
  print(line: string): void;
  /** Of a running botel. */
  token?: string;
}

/**
 * `botel forget`: by the botel that runs on the configured port, else in the data folder.
 *
 * @returns the exit code: 0 all is gone, 1 copies are left somewhere, 2 there are no data
 * @throws {Error} where it cannot be done, with a sentence that says why
 */
export async function forgetSomebody(settings: Settings, whom: Whom, { print, token }: How): Promise<0 | 1 | 2> {
  const { server, dataDir } = settings;
  const url = `http://${server.host.includes(":") ? `[${server.host}]` : server.host}:${server.port}`;
  const running = server.port === 0 ? undefined : await askRunning(url, whom, token);
  const inCluster = settings.store.kind === "clickhouse";
  if (running === undefined && !inCluster && !existsSync(join(dataDir, DATABASE))) {
    print(`there are no data in ${dataDir}: set BOTEL_DATA_DIR to the folder of ${DATABASE}`);
    return 2;
  }
  const forgotten = running ?? (inCluster ? await forgetOfCluster(settings, whom) : forgetHere(settings, whom));
  const here = inCluster ? "the cluster" : dataDir;
  for (const line of linesOf(forgotten, running === undefined ? here : url)) print(line);
  const copies = otherCopies(dataDir, whom.id);
  for (const file of copies) print(`${file} has the id too, and is no file that botel works with: remove it`);
  return forgotten.file === "left" || copies.length > 0 ? 1 : 0;
}

function linesOf({ facts, texts, names, days, file }: Forgotten, where: string): string[] {
  const lines = [
    `forgotten in ${where}: ${facts} facts of ${days} days are a tombstone's, ${texts} texts and ${names} names are erased`,
  ];
  if (file === "rewritten") lines.push("the database was written anew: no copy is left in its file");
  if (file === "left") {
    lines.push("unused parts of the file may hold copies, and it is too large to be written anew while botel runs:");
    lines.push("stop botel, and run this again");
  }
  return lines;
}

/** A connection that breaks off after this was only too quiet for somebody, in ms. */
const PATIENCE_MS = 60_000;

/** @returns undefined where nobody answers at the address */
async function askRunning(url: string, { owner, id }: Whom, token: string | undefined): Promise<Forgotten | undefined> {
  const path = `/api/${owner}s/${encodeURIComponent(id)}`;
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  for (;;) {
    const since = clock.mono();
    try {
      return await dataOf(await fetch(url + path, { method: "DELETE", headers }));
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: string };
      if (code === "ECONNREFUSED") return undefined;
      // A large store takes longer than either side waits; who asks again waits for the same work.
      if (code === undefined || clock.mono() - since < PATIENCE_MS) throw error;
    }
  }
}

async function dataOf(answer: Response): Promise<ForgottenData> {
  const body = (await answer.json().catch(() => ({}))) as { data?: ForgottenData; error?: string };
  if (answer.ok && body.data !== undefined) return body.data;
  throw new Error(`the botel at ${new URL(answer.url).origin} refuses: ${body.error ?? `HTTP ${answer.status}`}`);
}

function forgetHere(settings: Settings, whom: Whom): Forgotten {
  const { dataDir } = settings;
  const lock = lockFolder(join(dataDir, LOCK), dataDir);
  try {
    const file = join(dataDir, DATABASE);
    const made = { createDayFolder, renameOwner, folds: FOLDS_SIGNATURE, privacy: privacyOf(settings, dataDir) };
    const at = { file, zone: settings.timeZone, nowMs: clock.now(), clock: clock.mono };
    const store = openStore({ ...at, ...settings.store, ...made }, report);
    try {
      return toTheEnd(store.forget(whom, { nowMs: clock.now }));
    } finally {
      store.close();
    }
  } finally {
    lock.release();
  }
}

function toTheEnd<Result>(steps: Generator<unknown, Result>): Result {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Files that botel writes anew, or that hold nobody's id. */
const OWN = new Set([DATABASE, `${DATABASE}-wal`, `${DATABASE}-shm`, CATALOG, `${CATALOG}.bak`, LOCK, PSEUDONYM_KEY]);
/** Shorter ids are in every file. */
const SHORTEST = 5;

/** What a rescue of a damaged database moved aside, and what somebody copied there. */
function otherCopies(dataDir: string, id: string): string[] {
  if (id.length < SHORTEST || !existsSync(dataDir)) return [];
  const files = readdirSync(dataDir).filter((name) => !OWN.has(name));
  return files.map((name) => join(dataDir, name)).filter((file) => statSync(file).isFile() && holds(file, id));
}

function holds(file: string, id: string): boolean {
  try {
    return toTheEnd(holdsAny(file, [id]));
  } catch (error) {
    report(`${file} cannot be read, so it is not known whether it has the id: ${(error as Error).message}`);
    return false;
  }
}
