import { isDamage } from "./failure.ts";
import { finishRescue, isCutToNothing, rescue } from "./salvage/rescue.ts";
import { createSqliteStore, type StoreOptions } from "./store.ts";
import type { FactStore } from "../store.ts";

/**
 * Opens the store of a file; a damaged one is moved aside, and what can be read of it is in the one that is opened.
 *
 * @throws {BotelError} UNAVAILABLE where neither can be opened, with a sentence that says what to do
 */
export function openStore(options: StoreOptions, report: (line: string) => void): FactStore {
  const { file } = options;
  finishRescue(file);
  try {
    if (!isCutToNothing(file)) return createSqliteStore(options);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  report(rescueStore(options));
  return createSqliteStore(options);
}

/** Moves the file of a store that found it damaged, and is closed, aside. @returns the line that says so */
export function rescueStore({ file, zone, retention }: StoreOptions): string {
  return rescue(file, { zone, keptDays: retention.facts });
}
