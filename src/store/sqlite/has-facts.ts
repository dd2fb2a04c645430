import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** @returns whether the database is there and holds a fact; a file that cannot be read counts as one that does. */
export function hasFacts(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      return db.prepare("SELECT 1 FROM facts LIMIT 1").get() !== undefined;
    } finally {
      db.close();
    }
  } catch {
    return true;
  }
}
