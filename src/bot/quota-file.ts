import { Low } from "lowdb";
import { JSONFile } from "lowdb/node";
import type { Spent } from "./quota.ts";

/** ms between an answer and its writing. */
const DELAY = 2000;

/** Keeps what was used today over a restart. */
export interface QuotaFile {
  readonly spent: Spent | undefined;
  /** Writes soon; what comes until then is written with it. */
  save(read: () => Spent): void;
  /** Writes what was not yet written. Never rejects. */
  close(): Promise<void>;
}

/** @param file undefined: nothing is kept. One that cannot be read counts for nothing, and is written anew. */
export async function openQuotaFile(file: string | undefined, warn: (line: string) => void): Promise<QuotaFile> {
  if (file === undefined) return { spent: undefined, save: () => {}, close: () => Promise.resolve() };
  const low = new Low<Spent | null>(new JSONFile(file), null);
  await low.read().catch((error: Error) => warn(`${file} cannot be read, the day's use begins anew: ${error.message}`));
  let timer: NodeJS.Timeout | undefined;
  let newest: (() => Spent) | undefined;

  async function write(): Promise<void> {
    if (newest === undefined) return;
    low.data = newest();
    newest = undefined;
    await low.write().catch((error: Error) => warn(`${file} cannot be written: ${error.message}`));
  }

  return {
    spent: isSpent(low.data) ? low.data : undefined,
    save(read) {
      newest = read;
      timer ??= setTimeout(() => {
        timer = undefined;
        void write();
      }, DELAY).unref();
    },
    async close() {
      clearTimeout(timer);
      await write();
    },
  };
}

function isSpent(data: unknown): data is Spent {
  const { day, groups, users } = (data ?? {}) as Partial<Record<keyof Spent, unknown>>;
  return typeof day === "number" && [groups, users].every(isCounts);
}

function isCounts(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.every((entry) => Array.isArray(entry) && typeof entry[0] === "string" && Number.isSafeInteger(entry[1]))
  );
}
