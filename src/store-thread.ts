import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { MessagePort } from "node:worker_threads";
import { SPAN_ATTRIBUTES } from "./contract/attributes.ts";
import type { FromStore, ObserverToStore, StoreToObserver } from "./contract/thread.ts";
import { createMapping } from "./facts/mapping.ts";
import { createDoor } from "./ingest/door.ts";
import { createCalendar } from "./lib/calendar.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { report } from "./lib/report.ts";
import { createDayFolder } from "./rollups/day.ts";
import { FOLDS_SIGNATURE } from "./rollups/folds.ts";
import { openCatalog } from "./store/catalog.ts";
import { createChores } from "./store/chores.ts";
import { CATALOG, DATABASE } from "./store/files.ts";
import { createIntake } from "./store/intake.ts";
import { createSqliteStore } from "./store/sqlite/store.ts";
import { told } from "./pipeline.ts";
import type { StoreThreadData } from "./threads.ts";

/** The composition of the store's thread: builds every stage that works there. */
export function startStoreThread({ settings, dataDir, stored }: StoreThreadData, toBot: (message: FromStore) => void) {
  mkdirSync(dataDir, { recursive: true });
  const store = createSqliteStore({
    file: join(dataDir, DATABASE),
    zone: settings.timeZone,
    ...settings.store,
    createDayFolder,
    folds: FOLDS_SIGNATURE,
    nowMs: clock.now(),
    clock: clock.mono,
  });
  const catalog = openCatalog({ file: join(dataDir, CATALOG), zone: store.zone, report });
  const calendar = createCalendar(store.zone);
  let observer: MessagePort | undefined;

  const tell = (message: StoreToObserver): void => observer?.postMessage(message);
  const chores = createChores({ store, calendar, clock, tell, report });
  const intake = createIntake({
    store,
    clock,
    report,
    committed: told({ catalog, chores, tell, now: clock.now }),
    answer(message) {
      if (message.type === "ack") Atomics.store(stored, 0, message.seq);
      Atomics.notify(stored, 0);
      toBot(message);
    },
  });

  const door = createDoor({
    mapping: createMapping(settings.instrument.content),
    attributes: SPAN_ATTRIBUTES,
    limits: settings.ingest,
    store: intake.take,
    measured: (metrics) => tell({ type: "measured", metrics }),
    answer: (id, outcome) => tell({ type: "answered", id, outcome }),
    report,
  });

  function connect(port: MessagePort): void {
    observer?.close();
    observer = port;
    port.on("message", (message: ObserverToStore) => {
      if (message.type === "otlp") door.take(message);
      else if (message.type === "fold") chores.fold(message.day);
      else chores.probe();
    });
    const { commit, lastRow: row, zone } = store;
    tell({
      type: "hello",
      commit,
      row,
      zone,
      states: [],
      databaseFile: join(dataDir, DATABASE),
      catalog: catalog.document,
    });
  }

  function stop(): void {
    chores.stop();
    intake.drain();
    catalog.close();
    store.close();
    observer?.close();
  }

  toBot({ type: "ready" });
  return { take: intake.take, connect, stop };
}
