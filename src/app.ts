import { systemClock as clock } from "./lib/clock.ts";
import { environment } from "./config/environment.ts";
import type { Settings } from "./config/settings.ts";
import type { Beat, FromObserver } from "./contract/thread.ts";
import { createCourier } from "./instrument/courier.ts";
import type { BotThread, BotThreadOptions } from "./bot-thread.ts";
import { startWorkers, type LocalObserver, type ThreadName, type ThreadPlan } from "./instrument/workers.ts";
import { report } from "./lib/report.ts";
import { within } from "./lib/within.ts";
import { VERSION } from "./lib/version.ts";
import type { ObserverThreadData, Outside, StoreThreadData } from "./threads.ts";

/** What `stop` may take, in ms: with the end of the process it is 5 s (contract §7). */
const STOP_MS = 4500;
/** How long the end of a process that never called `stop` may wait for its last facts, in ms. */
const EXIT_MS = 1000;
/** The same, where the store has said nothing yet: it is only being opened, which on a busy machine takes its time. */
const EXIT_OPENING_MS = 4000;
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
  /**
   * Sends and stores what there is, then ends: the bot's SDK, the queue of facts, the store, the API. Never rejects.
   *
   * @param withinMs 4.5 s where nothing else is to end before
   * @returns false where the time was not enough; see {@link Workers.stop}
   */
  stop(withinMs?: number): Promise<boolean>;
  /** Makes a worker fail, for tests of what comes then. */
  crash(thread: ThreadName, of: "error" | "memory"): void;
}

/** The composition root of the bot's thread. */
export function startBotel(options: BotelOptions): Botel {
  const { settings, dataDir, demo, outside, observe, observeHere, keepAlive } = options;
  const stored = new Int32Array(new SharedArrayBuffer(4));
  const courier = createCourier(settings.instrument.queueLimit, report);
  const bot = observe?.({ settings, sink: courier, askObserver: (message) => workers.askObserver(message) });
  let stopping: Promise<boolean> | undefined;
  let storeIs: "opening" | "open" | "away" = "opening";

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
    fromStore(message) {
      storeIs = message.type === "ends" ? "away" : "open";
      courier.receive(message);
    },
    fromObserver: (message) => (message.type === "outside" ? options.onOutside?.() : bot?.receive(message)),
    beat: bot && beat,
  });
  // Who waits to hear whether a port is botel's own waits no longer.
  workers.ready.catch((error: unknown) => bot?.receive({ type: "failed", why: String(error) }));
  process.on("exit", drainAtExit);

  function beat(restarts: Beat["restarts"]): Beat {
    const counts = bot?.counts() ?? { inFlight: 0, unfinished: 0, lateEnds: 0, refused: {} };
    return { at: clock.now(), ...counts, ...courier.health(), restarts, demo, stopping: stopping !== undefined };
  }

  /** The last facts of a bot that ends without a word: its loop no longer turns, the store's still does. */
  function drainAtExit(): void {
    const newest = courier.sendNow();
    if (storeIs === "away") return;
    const until = clock.mono() + (storeIs === "open" ? EXIT_MS : EXIT_OPENING_MS);
    for (let at = stored[0] ?? 0; at < newest && clock.mono() < until; at = Atomics.load(stored, 0)) {
      Atomics.wait(stored, 0, at, until - clock.mono());
    }
  }

  async function stop(withinMs: number): Promise<boolean> {
    const until = clock.mono() + withinMs;
    const left = (): number => Math.max(0, until - clock.mono());
    await bot?.stop(left() / 3);
    await within(left() / 2, courier.flush());
    process.off("exit", drainAtExit);
    const whole = await workers.stop(left());
    const { queued } = courier.health();
    if (queued > 0) report(`${queued} facts could not be stored in time, and are lost`);
    return whole;
  }

  return {
    ready: workers.ready,
    stop: (withinMs = STOP_MS) => (stopping ??= stop(withinMs)),
    crash: workers.crash,
  };
}

function plan(name: ThreadName, workerData: unknown, maxHeapMb: number, maxYoungMb: number): ThreadPlan {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const file = new URL(`./${name}.worker.${ending}`, import.meta.url);
  return { file, workerData, maxHeapMb, maxYoungMb, env: environment() };
}
