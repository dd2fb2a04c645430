import type { DatabaseSync } from "node:sqlite";
import type { Journal } from "../journal.ts";
import { asUnavailable } from "./failure.ts";

/** Runs the work in one transaction: all of it is on disk afterwards, or none, and memory is as it was. */
export type Transact = <Result>(work: () => Result) => Result;

/** @returns see {@link Transact}; it throws a {@link BotelError} UNAVAILABLE where the disk refuses. */
export function createTransact(db: DatabaseSync, file: string, journal: Journal): Transact {
  return (work) => {
    try {
      db.exec("BEGIN IMMEDIATE");
      const result = work();
      db.exec("COMMIT");
      journal.keep();
      return result;
    } catch (error) {
      journal.undo();
      // SQLite rolls back by itself where the disk is full; where it cannot even roll back, the next BEGIN says so.
      if (db.isTransaction) rollBack(db);
      throw asUnavailable(error, file);
    }
  };
}

function rollBack(db: DatabaseSync): void {
  try {
    db.exec("ROLLBACK");
  } catch {
    // The first error is the one to tell.
  }
}
