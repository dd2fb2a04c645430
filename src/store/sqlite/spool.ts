import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { deserialize, serialize } from "node:v8";
import { BotelError } from "../../contract/errors.ts";
import type { Batch } from "../../contract/fact.ts";
import type { StateEvent } from "../../contract/state.ts";
import { guarded } from "./failure.ts";
import { WRITER_PRAGMAS } from "./schema.ts";

/** What is acknowledged before it is in the cluster: on this machine's disk until it is there. */
export interface Spool {
  /** All of it, in one transaction. @throws {BotelError} UNAVAILABLE where the disk refuses, or the spool is full */
  add(parcels: readonly Spooled[]): void;
  /** The oldest, of about so many facts; `last` is to be removed once they are in the cluster. */
  next(facts: number): { parcels: Spooled[]; last: number } | undefined;
  /** Up to this one. */
  remove(last: number): void;
  /** Facts that wait. */
  readonly facts: number;
  close(): void;
}

export interface Spooled {
  batch: Batch;
  states: StateEvent[];
}

/** @param maxBytes of the file; past it nothing is taken */
export function openSpool(file: string, maxBytes: number): Spool {
  return guarded(file, () => {
    const db = new DatabaseSync(file, { timeout: 5000 });
    db.exec(WRITER_PRAGMAS);
    db.exec(
      "CREATE TABLE IF NOT EXISTS spool (id INTEGER PRIMARY KEY AUTOINCREMENT, facts INTEGER, parcel BLOB) STRICT",
    );
    const insert = db.prepare("INSERT INTO spool (facts, parcel) VALUES (?, ?)");
    const read = db.prepare("SELECT id, facts, parcel FROM spool ORDER BY id");
    const remove = db.prepare("DELETE FROM spool WHERE id <= ? RETURNING facts");
    let { facts } = db.prepare("SELECT coalesce(sum(facts), 0) AS facts FROM spool").get() as { facts: number };

    function add(parcels: readonly Spooled[]): void {
      if (facts > 0 && sizeOf(file) > maxBytes) throw full(file, maxBytes);
      db.exec("BEGIN IMMEDIATE");
      try {
        for (const { batch, states } of parcels) insert.run(batch.facts.length, serialize({ batch, states }));
        db.exec("COMMIT");
      } catch (error) {
        if (db.isTransaction) db.exec("ROLLBACK");
        throw error;
      }
      for (const { batch } of parcels) facts += batch.facts.length;
    }

    return {
      add: (parcels) => guarded(file, () => add(parcels)),
      next: (most) =>
        guarded(file, () => {
          const parcels: Spooled[] = [];
          let [last, count] = [0, 0];
          for (const row of read.iterate() as Iterable<{ id: number; facts: number; parcel: Uint8Array }>) {
            if (parcels.length > 0 && count + row.facts > most) break;
            parcels.push(deserialize(row.parcel) as Spooled);
            [last, count] = [row.id, count + row.facts];
          }
          return parcels.length === 0 ? undefined : { parcels, last };
        }),
      remove: (last) =>
        guarded(file, () => {
          for (const row of remove.all(last) as { facts: number }[]) facts -= row.facts;
        }),
      get facts() {
        return facts;
      },
      close: () => db.close(),
    };
  });
}

function sizeOf(file: string): number {
  return [file, `${file}-wal`].reduce((sum, each) => sum + (statSync(each, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function full(file: string, maxBytes: number): BotelError {
  return new BotelError(
    "UNAVAILABLE",
    `The spool ${file} has reached ${maxBytes} bytes: bring ClickHouse back, or raise store.clickhouse.spoolBytes.`,
  );
}
