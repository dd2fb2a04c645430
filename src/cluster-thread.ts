import { join } from "node:path";
import type { MessagePort } from "node:worker_threads";
import type { Change } from "./contract/fact.ts";
import { packChanges } from "./contract/packed.ts";
import type { StateEvent } from "./contract/state.ts";
import type { FromStore, ObserverToStore, StoreToObserver } from "./contract/thread.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { makeFolder } from "./lib/make-folder.ts";
import { report } from "./lib/report.ts";
import { createTrouble } from "./lib/trouble.ts";
import { createDayFolder } from "./rollups/day.ts";
import { FOLDS_SIGNATURE } from "./rollups/folds.ts";
import { openCatalog, type CatalogFile } from "./store/catalog.ts";
import { createClusterChores, type ClusterChores } from "./store/clickhouse/chores.ts";
import { createClusterIntake } from "./store/clickhouse/intake.ts";
import { openCluster, type Cluster } from "./store/clickhouse/store.ts";
import { CATALOG, CLUSTER_DAYS, LOCK, SPOOL } from "./store/files.ts";
import { createScreen } from "./store/screen.ts";
import { openDayCache } from "./store/sqlite/day-cache.ts";
import { lockFolder } from "./store/sqlite/lock.ts";
import { openSpool } from "./store/sqlite/spool.ts";
import { privacyOf } from "./privacy.ts";
import { openOtlpDoor } from "./otlp-door.ts";
import type { StoreThreadData } from "./threads.ts";

const DAY_MS = 86_400_000;
const OPEN_AGAIN_MS = 1000;
const NO_FORGETTING = "A cluster forgets nobody while it is used: stop all instances, and run botel forget.";

/** Who asks hears after this long why there is no cluster, in ms. */
const ALONE_MS = 3000;
/** What a stop waits for a shard that is away, in ms. */
const GIVE_UP_MS = 3000;

/**
 * The composition of the store's thread where several instances share a cluster: as `store-thread.ts`, but that what is told
 * to the observer is what any of them wrote.
 */
export function startClusterThread(
  { settings, dataDir, stored }: StoreThreadData,
  toBot: (message: FromStore) => void,
) {
  const { retention, clickhouse } = settings.store;
  makeFolder(dataDir);
  const lock = lockFolder(join(dataDir, LOCK), dataDir);
  const cache = openDayCache(join(dataDir, CLUSTER_DAYS));
  const spool = clickhouse.spool ? openSpool(join(dataDir, SPOOL), clickhouse.spoolBytes) : undefined;
  const screen = createScreen(privacyOf(settings, dataDir));
  const openings = createTrouble(report, "ClickHouse answers again");
  let observer: MessagePort | undefined;
  let opened: { cluster: Cluster; catalog: CatalogFile; chores: ClusterChores } | undefined;
  let [away, stopped]: [string | undefined, boolean] = ["The cluster is being opened; ask again in a second.", false];
  let [opening, alone]: (NodeJS.Timeout | undefined)[] = [];

  const tell = (message: StoreToObserver): void => observer?.postMessage(message);
  const intake = createClusterIntake({
    cluster: () => opened?.cluster,
    trouble: () => away,
    spool,
    bounds: (nowMs) => ({ nowMs, keptFromMs: nowMs - retention.facts * DAY_MS, sealedUntilMs: 0 }),
    clock,
    answer(message) {
      if (message.type === "ack") Atomics.store(stored, 0, message.seq);
      Atomics.notify(stored, 0);
      toBot(message);
    },
    written: () => opened?.chores.look(),
    report,
  });

  const door = openOtlpDoor(settings, intake.take, tell);

  async function open(): Promise<void> {
    try {
      const cluster = await openCluster({
        settings: clickhouse,
        zone: settings.timeZone,
        retention,
        screen,
        cache,
        createDayFolder,
        folds: FOLDS_SIGNATURE,
        clock,
        failed: (error) => setAway(sentence(error)),
      });
      if (stopped) return await cluster.close();
      begin(cluster);
    } catch (error) {
      openings.met(`the cluster cannot be opened, and it is tried again: ${sentence(error)}`);
      setAway(sentence(error));
      if (!stopped) opening = setTimeout(() => void open(), OPEN_AGAIN_MS);
    }
  }

  function begin(cluster: Cluster): void {
    openings.over();
    const { zone } = cluster.calendar;
    const catalog = openCatalog({ file: join(dataDir, CATALOG), zone, report });
    for (const state of cluster.states) catalog.learn([state], state.timeMs);
    hello(zone, catalog, cluster);
    const chores = createClusterChores({
      cluster,
      clock,
      tell,
      told: (commit, changes, states) => told(catalog, commit, changes, states),
      spooled: () => spool?.facts,
      due: intake.wake,
      away: setAway,
      lost: () => process.exit(), // started again under another number
      report,
    });
    opened = { cluster, catalog, chores };
    setAway(undefined);
    intake.wake();
  }

  function told(catalog: CatalogFile, commit: number, changes: Change[], states: StateEvent[]): void {
    catalog.learn(states, clock.now());
    catalog.learnMessages(
      changes.map(({ fact }) => fact),
      clock.now(),
    );
    tell({ type: "changes", commit, changes: packChanges(changes), states });
  }

  function setAway(why: string | undefined): void {
    if (why === away) return;
    away = why;
    tell({ type: "away", why });
  }

  function hello(zone: string, catalog: CatalogFile, { commit, states }: Pick<Cluster, "commit" | "states">): void {
    const databaseFile = join(dataDir, CLUSTER_DAYS);
    tell({ type: "hello", commit, row: 0, zone, states, databaseFile, catalog: catalog.document });
  }

  function connect(port: MessagePort): void {
    observer?.close();
    observer = port;
    port.on("message", (message: ObserverToStore) => {
      if (message.type === "otlp") door.take(message);
      else if (message.type === "fold") opened?.chores.fold(message.day);
      else if (message.type === "probe") probe();
      else if (message.type === "forget") tell({ type: "forgotten", id: message.id, outcome: { why: NO_FORGETTING } });
    });
    if (opened) hello(opened.cluster.calendar.zone, opened.catalog, opened.cluster);
    else alone = setTimeout(helloAlone, ALONE_MS);
    tell({ type: "away", why: away });
  }

  /** Before there is a cluster: who asks shall hear why, if the zone is known. */
  function helloAlone(): void {
    const zone = settings.timeZone ?? cache.zone;
    if (zone === undefined || opened !== undefined) return;
    const catalog = openCatalog({ file: join(dataDir, CATALOG), zone, report });
    hello(zone, catalog, { commit: 0, states: [] });
    catalog.close();
  }

  function probe(): void {
    if (opened) opened.chores.probe();
    else tell({ type: "latency", ms: undefined, at: clock.now() });
  }

  async function stop(): Promise<void> {
    stopped = true;
    for (const timer of [opening, alone]) clearTimeout(timer);
    const giveUp = setTimeout(() => opened?.cluster.stop(), GIVE_UP_MS);
    door.stop();
    await intake.drain();
    clearTimeout(giveUp);
    opened?.chores.stop();
    opened?.catalog.close();
    await opened?.cluster.close();
    spool?.close();
    cache.close();
    observer?.close();
    lock.release();
  }

  void open();
  toBot({ type: "ready" });
  return { take: intake.take, connect, stop };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
