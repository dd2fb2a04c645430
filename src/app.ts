import { systemClock as clock } from "./lib/clock.ts";
import { environment } from "./config/environment.ts";
import type { Settings } from "./config/settings.ts";
import type { Beat, FromObserver } from "./contract/thread.ts";
import { createCourier } from "./instrument/courier.ts";
import type { BotThread, BotThreadOptions } from "./bot-thread.ts";
import { startWorkers, type LocalObserver, type ThreadName, type ThreadPlan } from "./instrument/workers.ts";
import { report } from "./lib/report.ts";
import { VERSION } from "./lib/version.ts";
import type { ObserverThreadData, Outside, StoreThreadData } from "./threads.ts";

/** What `stop` may take in all, in ms: with the end of the process it is 5 s (contract §7). */
const STOP_MS = 4500;
/** How long the end of a process that never called `stop` may wait for its last facts, in ms. */
const EXIT_MS = 1000;
/** Heaps at the most, in MB: room for a million facts a quarter; a thread that needs more is started again. */
const STORE_HEAP_MB = 256;
const OBSERVER_HEAP_MB = 768;
/** What of a heap new objects may take, in MB: little beside a bot. */
const YOUNG_MB = 4;
/** Where all comes by OTLP: with less, a third of the store's time goes into copying what lives. */
const YOUNG_ALONE_MB = 16;

export interface BotelOptions {
  settings: Settings;
  /** Folder of this run's data. */
  dataDir: string;
  demo: boolean;
  outside: Outside;
  /** OTLP came while `outside` is `endsDemo`; may be called more than once. */
  onOutside?: () => void;
  /**
   * `bot-thread.ts`, where a bot runs in this thread: its spans and records become facts, and it beats. Absent where
   * there is none: OpenTelemetry's SDK takes 33 MB.
   */
  observe?: (options: BotThreadOptions) => BotThread;
  /** `observer-thread.ts`, where no bot runs in this thread: the observer then does. */
  observeHere?: (data: ObserverThreadData, post: (message: FromObserver) => void) => LocalObserver;
  /** False where botel is a guest: it does not keep the process alive. */
  keepAlive: boolean;
}

/** botel in this process: the instruments in this thread, and the two workers. */
export interface Botel {
  /** The URL that is served. Rejects where it cannot be, as on a taken port; the bot goes on all the same. */
  readonly ready: Promise<string>;
  /** Sends and stores what there is, then ends; 5 s at the most. Never rejects. */
  stop(): Promise<void>;
  /** Makes a worker fail as by an error of its own, for tests of what comes then. */
  crash(thread: ThreadName): void;
}

/** The composition root of the bot's thread. */
export function startBotel(options: BotelOptions): Botel {
  const { settings, dataDir, demo, outside, observe, observeHere, keepAlive } = options;
  const stored = new Int32Array(new SharedArrayBuffer(4));
  const courier = createCourier(settings.instrument.queueLimit, report);
  const bot = observe?.({ settings, sink: courier, askObserver: (message) => workers.askObserver(message) });
  let stopping: Promise<void> | undefined;

  const common = { settings, dataDir, demo, withBot: bot !== undefined };
  const store: StoreThreadData = { ...common, stored };
  const observer: ObserverThreadData = { ...common, outside, version: VERSION, startedAt: clock.now() - clock.mono() };
  const workers = startWorkers({
    store: plan("store", store, STORE_HEAP_MB, bot ? YOUNG_MB : YOUNG_ALONE_MB),
    observer: observeHere
      ? (post) => observeHere(observer, post)
      : plan("observer", observer, OBSERVER_HEAP_MB, YOUNG_MB),
    keepAlive,
    report,
    storeStarted: (post) => courier.connect(post),
    storeEnded: () => courier.disconnect(),
    fromStore: (message) => courier.receive(message),
    fromObserver: (message) => (message.type === "outside" ? options.onOutside?.() : bot?.receive(message)),
    beat: bot && beat,
  });
  process.on("exit", drainAtExit);

  function beat(restarts: Beat["restarts"]): Beat {
    const counts = bot?.counts() ?? { inFlight: 0, unfinished: 0, lateEnds: 0, refused: {} };
    return { at: clock.now(), ...counts, ...courier.health(), restarts, demo, stopping: stopping !== undefined };
  }

  /** The last facts of a bot that ends without a word: its loop no longer turns, the store's still does. */
  function drainAtExit(): void {
    const newest = courier.sendNow();
    const until = clock.mono() + EXIT_MS;
    for (let at = stored[0] ?? 0; at < newest && clock.mono() < until; at = Atomics.load(stored, 0)) {
      Atomics.wait(stored, 0, at, until - clock.mono());
    }
  }

  async function stop(): Promise<void> {
    const until = clock.mono() + STOP_MS;
    const left = (): number => Math.max(0, until - clock.mono());
    await bot?.stop(left() / 3);
    await within(left() / 2, courier.flush());
    process.off("exit", drainAtExit);
    await workers.stop(left());
  }

  return {
    ready: workers.ready,
    stop: () => (stopping ??= stop()),
    crash: (thread) => workers.crash(thread),
  };
}

function plan(name: ThreadName, workerData: unknown, maxHeapMb: number, maxYoungMb: number): ThreadPlan {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const file = new URL(`./${name}.worker.${ending}`, import.meta.url);
  return { file, workerData, maxHeapMb, maxYoungMb, env: environment() };
}

/** Waits for `work`, but not longer than `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
