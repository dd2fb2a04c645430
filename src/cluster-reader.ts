import { systemClock as clock } from "./lib/clock.ts";
import type { ClickHouseSettings } from "./config/settings.ts";
import type { FactReader, LineReader, RemoteReader } from "./store/reader.ts";

/** What the observer reads: days on this machine, single facts here or in a cluster. */
export type ObserverReader = Omit<FactReader, keyof LineReader> & RemoteReader;

/** @param days of this instance; all single facts are read in the cluster. Its client is loaded with the first of them */
export function readCluster(days: Omit<FactReader, keyof LineReader>, settings: ClickHouseSettings): ObserverReader {
  let opened: Promise<RemoteReader & { close(): Promise<void> }> | undefined;
  const open = () =>
    (opened ??= import("./store/clickhouse/reader.ts").then(
      ({ openClusterReader }) => openClusterReader(settings, clock.now),
      (error: unknown) => {
        opened = undefined; // the next one tries again
        throw error;
      },
    ));

  return {
    ...days,
    userNames: async (ids) => (await open()).userNames(ids),
    groupNames: async (ids) => (await open()).groupNames(ids),
    logs: async (query) => (await open()).logs(query),
    toolLogs: async (query) => (await open()).toolLogs(query),
    errors: async (query) => (await open()).errors(query),
    trace: async (traceId, atMs) => (await open()).trace(traceId, atMs),
    close() {
      days.close();
      void opened?.then((reader) => reader.close()).catch(() => {}); // it has nothing to lose
    },
  };
}
