import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { MessagePort } from "node:worker_threads";
import { environment } from "./config/environment.ts";
import type { Settings } from "./config/settings.ts";
import type { FromStore, ObserverToStore, StoreToObserver } from "./contract/thread.ts";
import { createDecoding } from "./decoding.ts";
import { createDecoderThread, type DecoderThreadOptions } from "./ingest/decoder-thread.ts";
import { createDoor } from "./ingest/door.ts";
import { createCalendar } from "./lib/calendar.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { report } from "./lib/report.ts";
import { threadOptions } from "./lib/thread-options.ts";
import { createDayFolder } from "./rollups/day.ts";
import { FOLDS_SIGNATURE } from "./rollups/folds.ts";
import { openCatalog } from "./store/catalog.ts";
import { createChores } from "./store/chores.ts";
import { CATALOG, DATABASE } from "./store/files.ts";
import { createIntake } from "./store/intake.ts";
import { createSqliteStore } from "./store/sqlite/store.ts";
import { told } from "./pipeline.ts";
import { privacyOf } from "./privacy.ts";
import type { StoreThreadData } from "./threads.ts";

/** The composition of the store's thread: builds every stage that works there. */
export function startStoreThread({ settings, dataDir, stored }: StoreThreadData, toBot: (message: FromStore) => void) {
  mkdirSync(dataDir, { recursive: true });
  const store = createSqliteStore({
    file: join(dataDir, DATABASE),
    zone: settings.timeZone,
    ...settings.store,
    privacy: privacyOf(settings, dataDir),
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
    decode: createDecoding(settings),
    openThread: (done) => createDecoderThread({ ...decoderThread(settings), done, clock: clock.mono, report }),
    store: intake.take,
    measured: (metrics) => tell({ type: "measured", metrics }),
    answer: (id, outcome) => tell({ type: "answered", id, outcome }),
    clock: clock.mono,
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
    door.stop();
    intake.drain();
    catalog.close();
    store.close();
    observer?.close();
  }

  toBot({ type: "ready" });
  return { take: intake.take, connect, stop };
}

/** Heap at the most, in MB: one request of the largest size is read at a time. */
const DECODER_HEAP_MB = 256;
/** What it makes is given away at once: little lives. */
const DECODER_YOUNG_MB = 4;

function decoderThread({ instrument, ingest }: Settings): Pick<DecoderThreadOptions, "file" | "options"> {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const limits = { maxHeapMb: DECODER_HEAP_MB, maxYoungMb: DECODER_YOUNG_MB };
  return {
    file: new URL(`./decoder.worker.${ending}`, import.meta.url),
    options: threadOptions({ instrument, ingest }, limits, environment()),
  };
}
