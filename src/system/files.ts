import { readdirSync, readFileSync } from "node:fs";

/** How many files, sockets among them, a process may have open and has; undefined where the system does not say. */
export interface OpenFiles {
  limit: number;
  open: number;
}

export function readOpenFiles(): OpenFiles | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return limit === undefined ? undefined : { limit: Number(limit), open: readdirSync("/proc/self/fd").length };
  } catch {
    return undefined; // only Linux has them there
  }
}

/**
 * Connections that one of two servers may have, so that files are left for the database and for the bot: where none is
 * left a process cannot even read its own data.
 */
export function connectionsWithin(wanted: number, files: OpenFiles | undefined): number {
  if (files === undefined) return wanted;
  return Math.max(1, Math.min(wanted, Math.floor((files.limit - files.open) / 3)));
}
