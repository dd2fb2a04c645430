import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "../../../lib/sync-folder.ts";
import { asideOf } from "../../aside.ts";
import { asUnavailable } from "../failure.ts";
import { openDatabase } from "../schema.ts";
import { salvage, type Salvaged, type SalvageOptions } from "./salvage.ts";

/** Being filled: worth nothing before it is whole. */
const PART = ".salvaging";
/** Whole, but not yet in the place of the damaged one. */
const WHOLE = ".salvaged";
const SIDES = ["", "-wal", "-shm"];

/**
 * Moves a damaged database aside, never to be deleted by botel, and puts what could be read of it in its place. No
 * connection of this thread has it open. A crash in between is made good by {@link finishRescue}.
 *
 * @returns the line that says so
 * @throws {BotelError} UNAVAILABLE where the disk has no room for a copy; nothing is changed then
 */
export function rescue(file: string, options: SalvageOptions): string {
  const found = copy(file, options);
  const aside = asideOf(file);
  for (const side of SIDES) if (existsSync(file + side)) renameSync(file + side, aside + side);
  finishRescue(file);
  return (
    `the database ${file} was damaged: it was moved to ${aside}, and what can be read of it is in a new one: ` +
    `${found.facts} facts, ${found.texts} texts and ${found.sealedDays} sealed days; ` +
    `${found.lostRows} rows and ${found.lostPages} pages cannot be read`
  );
}

function copy(file: string, options: SalvageOptions): Salvaged {
  drop(file + PART);
  drop(file + WHOLE);
  const db = openDatabase(file + PART);
  try {
    // It is whole or it is nothing: what is safe in a crash is the damaged file.
    db.exec("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    const found = salvage(file, db, options);
    db.close();
    sync(file + PART);
    renameSync(file + PART, file + WHOLE);
    syncFolder(dirname(file));
    return found;
  } catch (error) {
    if (db.isOpen) db.close();
    drop(file + PART);
    throw asUnavailable(error, file + PART);
  }
}

/** What a rescue that was broken off left behind: its copy is put in its place, or thrown away if it is not whole. */
export function finishRescue(file: string): void {
  drop(file + PART);
  if (!existsSync(file + WHOLE)) return;
  if (existsSync(file)) return drop(file + WHOLE);
  renameSync(file + WHOLE, file);
  syncFolder(dirname(file));
}

/** SQLite takes an empty file for a new one and throws away the log beside it, which may hold the newest facts. */
export function isCutToNothing(file: string): boolean {
  const size = (name: string): number => statSync(name, { throwIfNoEntry: false })?.size ?? 0;
  return size(file) === 0 && size(`${file}-wal`) > 0;
}

function drop(file: string): void {
  for (const side of [...SIDES, "-journal"]) rmSync(file + side, { force: true });
}

function sync(file: string): void {
  const handle = openSync(file, "r+");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
