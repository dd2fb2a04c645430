import { join } from "node:path";
import type { MessagePort } from "node:worker_threads";
import type { Settings } from "./config/settings.ts";
import { BotelError } from "./contract/errors.ts";
import type { ForgetOutcome, FromStore, ObserverToStore, StoreToObserver, Whom } from "./contract/thread.ts";
import { createCalendar } from "./lib/calendar.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { makeFolder } from "./lib/make-folder.ts";
import { report } from "./lib/report.ts";
import { createDayFolder } from "./rollups/day.ts";
import { FOLDS_SIGNATURE } from "./rollups/folds.ts";
import { renameOwner } from "./rollups/rename.ts";
import { openCatalog } from "./store/catalog.ts";
import { createChores } from "./store/chores.ts";
import { CATALOG, DATABASE, LOCK } from "./store/files.ts";
import { createIntake } from "./store/intake.ts";
import { lockFolder } from "./store/sqlite/lock.ts";
import { openStore, rescueStore } from "./store/sqlite/open.ts";
import type { StoreOptions } from "./store/sqlite/store.ts";
import { openOtlpDoor } from "./otlp-door.ts";
import { told } from "./pipeline.ts";
import { privacyOf } from "./privacy.ts";
import type { StoreThreadData } from "./threads.ts";

/** No request has this number: what an earlier start began is answered to nobody. */
const NOBODY = 0;

/**
 * The composition of the store's thread: builds every stage that works there.
 *
 * @throws {BotelError} UNAVAILABLE where the data cannot be opened, with a sentence that says what to do
 */
export function startStoreThread({ settings, dataDir, stored }: StoreThreadData, toBot: (message: FromStore) => void) {
  let leaving: NodeJS.Immediate | undefined;
  const { lock, store, rescue } = openData(settings, dataDir, damaged);
  const catalog = openCatalog({ file: join(dataDir, CATALOG), zone: store.zone, report });
  const calendar = createCalendar(store.zone);
  let observer: MessagePort | undefined;

  const tell = (message: StoreToObserver): void => observer?.postMessage(message);
  const chores = createChores({ store, calendar, clock, tell, report: complain });
  const intake = createIntake({
    store,
    clock,
    report: complain,
    committed: told({ catalog, chores, tell, now: clock.now }),
    answer(message) {
      if (message.type === "ack") Atomics.store(stored, 0, message.seq);
      Atomics.notify(stored, 0);
      toBot(message);
    },
  });

  const door = openOtlpDoor(settings, intake.take, tell);

  /** Never rejects. Who asks may be gone when it is done: it is told here too. */
  async function forget({ id = NOBODY, whom }: { id?: number; whom: Whom }): Promise<void> {
    const outcome: ForgetOutcome = await chores.forget(whom).catch((error: unknown) => ({
      why: error instanceof Error ? error.message : String(error),
    }));
    if ("why" in outcome) report(`a ${whom.owner} could not be forgotten: ${outcome.why}`);
    else report(`forgot a ${whom.owner}: ${outcome.facts} facts of ${outcome.days} days, ${outcome.texts} texts`);
    tell({ type: "forgotten", id, outcome });
  }

  function connect(port: MessagePort): void {
    observer?.close();
    observer = port;
    port.on("message", (message: ObserverToStore) => {
      if (message.type === "otlp") door.take(message);
      else if (message.type === "fold") chores.fold(message.day);
      else if (message.type === "damaged") damaged();
      else if (message.type === "forget") void forget(message);
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

  /** Damage has a line of its own. */
  function complain(line: string): void {
    if (leaving === undefined) report(line);
  }

  function stop(): void {
    clearImmediate(leaving);
    chores.stop();
    door.stop();
    intake.drain();
    close();
    lock.release();
  }

  function close(): void {
    catalog.close();
    store.close();
    observer?.close();
  }

  /** The thread is started again on a database of what can be read: whoever waits sends again, as after a crash. */
  function damaged(): void {
    leaving ??= setImmediate(() => {
      chores.stop();
      door.stop();
      close();
      toBot({ type: "ends", why: rescue() });
      lock.release();
      process.exit();
    });
  }

  for (const whom of store.unforgotten()) void forget({ whom });
  toBot({ type: "ready" });
  return { take: intake.take, connect, stop };
}

function openData(settings: Settings, dataDir: string, damaged: () => void) {
  makeDataFolder(dataDir);
  const lock = lockFolder(join(dataDir, LOCK), dataDir);
  try {
    const options = {
      file: join(dataDir, DATABASE),
      zone: settings.timeZone,
      ...settings.store,
      privacy: privacyOf(settings, dataDir),
      createDayFolder,
      renameOwner,
      folds: FOLDS_SIGNATURE,
      nowMs: clock.now(),
      clock: clock.mono,
      damaged,
    };
    return { lock, store: openStore(options, report), rescue: () => rescued(options) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** @returns why it could not be done */
function rescued(options: StoreOptions): string | undefined {
  try {
    report(rescueStore(options));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function makeDataFolder(dataDir: string): void {
  try {
    makeFolder(dataDir);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    const what = `The data folder ${dataDir} cannot be made (${why}): make it, or set BOTEL_DATA_DIR to another one.`;
    throw new BotelError("UNAVAILABLE", what, { cause: error });
  }
}
