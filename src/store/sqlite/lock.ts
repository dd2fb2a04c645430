import { truncateSync } from "node:fs";
import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { BotelError } from "../../contract/errors.ts";
import { asUnavailable, isDamage, isFull, isLocked } from "./failure.ts";

/** A data folder that this thread alone writes. */
export interface FolderLock {
  release(): void;
}

/** Two that start at once wait this long for each other's first write, in ms. */
const WAIT_MS = 1000;

/**
 * Takes the folder for this thread, by a lock of the operating system on a small SQLite file: it ends with the process
 * however that ends, holds between containers that share a volume, and keeps no reader away.
 *
 * @throws {BotelError} UNAVAILABLE where another one has it, saying which; or where the file cannot be written
 */
export function lockFolder(file: string, folder: string): FolderLock {
  let db: DatabaseSync;
  try {
    db = openLock(file);
  } catch (error) {
    if (!isDamage(error)) throw asUnavailable(error, file);
    // It holds nothing of value; emptied and not removed, since the lock is on the file and not on its name.
    truncateSync(file, 0);
    db = openLock(file);
  }
  try {
    signIn(db);
    db.exec("BEGIN IMMEDIATE");
    return { release: () => db.close() };
  } catch (error) {
    const who = isLocked(error) ? holder(db) : undefined;
    db.close();
    if (who === undefined) throw asUnavailable(error, file);
    throw new BotelError(
      "UNAVAILABLE",
      `The data folder ${folder} is used by another botel (${who}): stop that one, or set BOTEL_DATA_DIR to another folder.`,
      { cause: error },
    );
  }
}

function openLock(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: WAIT_MS });
  try {
    db.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Says who holds the lock, for whoever comes next. A full disk is no reason not to hold it. */
function signIn(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec("CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT); DELETE FROM holder");
    db.prepare("INSERT INTO holder VALUES (?, ?)").run(process.pid, hostname());
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    if (!isFull(error)) throw error;
  }
}

function holder(db: DatabaseSync): string {
  try {
    const { pid, host } = db.prepare("SELECT pid, host FROM holder").get() as { pid: number; host: string };
    return `process ${pid} on ${host}`;
  } catch {
    return "it has not said which";
  }
}
