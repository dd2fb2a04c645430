// Facts stored and folded, beside the bare insert of the same rows; then pages of lines at a million facts.
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { Batch, StoredFact } from "../src/contract/fact.ts";
import { packChanges } from "../src/contract/packed.ts";
import { createDayFolder } from "../src/rollups/day.ts";
import { FOLDS_SIGNATURE } from "../src/rollups/folds.ts";
import { openReader } from "../src/store/sqlite/reader.ts";
import { bodyValues, factValues, INSERT_BODY, insertSql } from "../src/store/sqlite/rows.ts";
import { openDatabase } from "../src/store/sqlite/schema.ts";
import { createSqliteStore } from "../src/store/sqlite/store.ts";
import type { FactStore } from "../src/store/store.ts";
import { timePages } from "./store-pages.ts";
import { batches } from "./store-turns.ts";

const DAY_MS = 86_400_000;
const NOW = Date.now();

function openStore(file: string, nowMs: number): FactStore {
  return createSqliteStore({
    file,
    zone: "UTC",
    retention: { facts: 90, debugLogs: 90, toolBodies: 90 },
    maxBytes: 0,
    createDayFolder,
    folds: FOLDS_SIGNATURE,
    nowMs,
    clock: () => performance.now(),
  });
}

/** A database with facts of 89 days. */
function fill(file: string, count: number): void {
  const store = openStore(file, NOW);
  const began = performance.now();
  for (const batch of batches(NOW - 89 * DAY_MS, NOW - DAY_MS, count)) store.append([batch], NOW - DAY_MS);
  const ms = performance.now() - began;
  const bytes = Math.round(store.health().bytes / count);
  console.log(`${count} facts over 88 days are stored in ${Math.round(ms)} ms; ${bytes} bytes a fact`);
  store.close();
}

interface Timed {
  storedMs: number;
  foldedMs: number;
}

/** Our path: admit, decide, write, commit; and each change folded into its day, by the observer's thread. */
async function ours(file: string, all: readonly Batch[], observer: Worker): Promise<Timed> {
  const store = openStore(file, NOW);
  const began = performance.now();
  for (const batch of all) observer.postMessage(packChanges(store.append([batch], NOW).changes));
  const storedMs = performance.now() - began;
  const folded = once(observer, "message");
  observer.postMessage("done");
  await folded;
  const foldedMs = performance.now() - began;
  store.close();
  return { storedMs, foldedMs };
}

/** The same rows, made beforehand; the same schema, pragmas and transactions. */
function bare(file: string, all: readonly Batch[]): number {
  const db = openDatabase(file);
  let { row } = db.prepare("SELECT coalesce(max(row), 0) AS row FROM facts").get() as { row: number };
  const rows = all.map(({ facts }) =>
    facts.map((fact) => {
      row += 1;
      const errorItem = fact.kind === "log" ? fact.level === "error" : fact.kind !== "message" && fact.failed;
      const stored: StoredFact = { ...fact, row, counted: true, errorItem };
      return { kind: fact.kind, values: factValues({ fact: stored, joined: 0 }), body: bodyValues(stored, true) };
    }),
  );
  const [message, request, tool, log] = (["message", "request", "tool", "log"] as const).map((kind) =>
    db.prepare(insertSql(kind)),
  );
  const inserts = { message, request, tool, log };
  const insertBody = db.prepare(INSERT_BODY);
  const began = performance.now();
  for (const batch of rows) {
    db.exec("BEGIN IMMEDIATE");
    for (const { kind, values, body } of batch) {
      inserts[kind]?.run(...values);
      if (body !== undefined) insertBody.run(...body);
    }
    db.exec("COMMIT");
  }
  const ms = performance.now() - began;
  db.close();
  return ms;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function compare(folder: string, filled: string, facts: number, pairs: number): Promise<void> {
  const all = [...batches(NOW - DAY_MS / 4, NOW, facts, 8)];
  const count = all.reduce((sum, batch) => sum + batch.facts.length, 0);
  const rate = (ms: number): number => Math.round((count / ms) * 1000);
  const observer = new Worker(new URL("store-observer.ts", import.meta.url));
  const copy = (): string => {
    const file = join(folder, "pair.db");
    for (const end of ["", "-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
    copyFileSync(filled, file);
    return file;
  };
  const results: { bareMs: number; foldedMs: number }[] = [];
  for (let pair = 0; pair <= pairs; pair++) {
    const first = pair % 2 === 0 ? bare(copy(), all) : undefined;
    const { storedMs, foldedMs } = await ours(copy(), all, observer);
    const bareMs = first ?? bare(copy(), all);
    if (pair === 0) continue; // warms up
    results.push({ bareMs, foldedMs });
    const both = `stored ${rate(storedMs)}/s, stored and folded ${rate(foldedMs)}/s`;
    console.log(`pair ${pair}: bare ${rate(bareMs)}/s, ${both}, ratio ${(bareMs / foldedMs).toFixed(2)}`);
  }
  await observer.terminate();
  const ratio = median(results.map(({ bareMs, foldedMs }) => bareMs / foldedMs));
  const absolute = rate(median(results.map(({ foldedMs }) => foldedMs)));
  console.log(
    `stored and folded beside the bare insert: median ratio ${ratio.toFixed(2)} (≥ 0.70), ${absolute} facts/s`,
  );
}

/** Times what else a store does with as many facts as `filled` has. */
function measureReads(filled: string): void {
  const opened = performance.now();
  const store = openStore(filled, NOW);
  const reader = openReader(filled);
  console.log(`opened in ${Math.round(performance.now() - opened)} ms`);
  console.log(`the slowest page of all: ${timePages(reader, NOW - 40 * DAY_MS).toFixed(2)} ms (p99 ≤ 5 ms)`);
  const day = store.openDays()[40] ?? 0;
  const began = performance.now();
  const steps = store.foldDay(day);
  let step = steps.next();
  while (!step.done) step = steps.next();
  const folded = performance.now();
  store.closeDay(day, store.commit, step.value);
  const [foldMs, closeMs] = [folded - began, performance.now() - folded];
  console.log(
    `a day is folded in ${Math.round(foldMs)} ms; its ${step.value.length} blobs are written in ${Math.round(closeMs)} ms`,
  );
  reader.close();
  store.close();
}

/** `--stored 1000000 --facts 60000 --pairs 7`; no pairs: only reads. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      stored: { type: "string", default: "1000000" },
      facts: { type: "string", default: "60000" },
      pairs: { type: "string", default: "7" },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "botel-bench-"));
  try {
    const filled = join(folder, "filled.db");
    fill(filled, Number(values.stored));
    measureReads(filled);
    if (values.pairs !== "0") await compare(folder, filled, Number(values.facts), Number(values.pairs));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await run(process.argv.slice(2));
