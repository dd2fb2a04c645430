import { systemClock } from "../lib/clock.ts";
import { type ThreadLimits, threadOptions } from "../lib/thread-options.ts";
import { within } from "../lib/within.ts";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Beat, Crash, FromObserver, FromStore, ToObserver, ToStore } from "../contract/thread.ts";

export type ThreadName = "store" | "observer";

export interface ThreadPlan extends ThreadLimits {
  file: URL;
  workerData: unknown;
  env: Readonly<Record<string, string | undefined>>;
}

export interface WorkersOptions {
  store: ThreadPlan;
  /** A function: the observer runs in this thread, which has nothing else to do, and saves 25 MB. */
  observer: ThreadPlan | StartHere;
  /** Called once a second; what it gives goes to the observer. Absent: no bot runs in this thread. */
  beat?: (restarts: Beat["restarts"]) => Beat;
  /** The store can be posted to, from now on. */
  storeStarted(post: (message: ToStore) => void): void;
  storeEnded(): void;
  fromStore(message: FromStore): void;
  fromObserver(message: FromObserver): void;
  report(line: string): void;
  /** False: the threads alone do not keep the process alive, as befits a guest in a bot. */
  keepAlive: boolean;
}

type StartHere = (post: (message: FromObserver) => void) => LocalObserver;

export interface LocalObserver {
  hear(message: ToObserver): void;
  stop(): Promise<void>;
}

/** The store's and the observer's thread, each started again when it ends by itself. */
export interface Workers {
  /** @returns the URL that the observer serves. Rejects where the first start fails, as on a taken port. */
  readonly ready: Promise<string>;
  readonly restarts: Readonly<Beat["restarts"]>;
  /**
   * Lets the store drain, then the observer close.
   *
   * @returns false where the store was not done in time: its thread is left behind, since Node may die where one is ended
   *   inside SQLite, and the process should end by a signal then: `process.exit` would wait for it
   */
  stop(deadlineMs: number): Promise<boolean>;
  askObserver(message: ToObserver): void;
  /** Makes a thread fail. */
  crash(name: ThreadName, of: Crash["of"]): void;
}

interface Thread {
  post(message: ToStore | ToObserver, transfer?: MessagePort[]): void;
  /** It no longer keeps the process alive. */
  leave(): void;
}

const BEAT_MS = 1000;
/** Waits before a restart: grows to the last of these while a thread keeps ending within a minute. */
const BACKOFF_MS = [0, 250, 1000, 5000, 30_000];
const STEADY_MS = 60_000;
/** What is kept of the time for a stop for the observer: it lets answers go out. */
const CLOSE_MS = 700;
/** After so many ends in a row a start that was never ready has failed. It is still tried again, for a bot that goes on. */
const HOPELESS = 3;

export function startWorkers(options: WorkersOptions): Workers {
  const restarts = { store: 0, observer: 0 };
  const threads: Partial<Record<ThreadName, Thread>> = {};
  let stopping = false;
  const ready = Promise.withResolvers<string>();
  const ended = { store: Promise.withResolvers<void>(), observer: Promise.withResolvers<void>() };
  ready.promise.catch(() => {}); // whoever awaits it hears of it; nobody has to
  let [settled, refused] = [false, false];
  /** Why the store cannot be opened, as it was told; it is tried again all the same. */
  let trouble: string | undefined;
  let saidWhy = false;

  function start(name: ThreadName, fails = 0): void {
    const plan = options[name];
    const thread = typeof plan === "function" ? startHere(plan) : startWorker(name, plan, fails);
    threads[name] = thread;
    if (name === "store") options.storeStarted((message) => thread.post(message));
    connect();
  }

  function startWorker(name: ThreadName, plan: ThreadPlan, fails: number): Thread {
    const startedAt = systemClock.mono();
    const worker = new Worker(plan.file, threadOptions(plan.workerData, plan, plan.env));
    worker.on("message", (message: FromStore | FromObserver) => receive(name, message));
    worker.on("error", (error) => options.report(`the ${name}'s thread failed: ${firstLine(error)}`));
    worker.on("exit", (code) => onExit(name, code, systemClock.mono() - startedAt < STEADY_MS ? fails : 0));
    // Last: to listen to its messages keeps the process alive again.
    if (!options.keepAlive) worker.unref();
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      leave: () => worker.unref(),
    };
  }

  function startHere(begin: StartHere): Thread {
    const { hear, stop } = begin((message) => receive("observer", message));
    return {
      post: (message) =>
        message.type === "stop" ? void stop().then(ended.observer.resolve) : hear(message as ToObserver),
      leave: () => {},
    };
  }

  /** Both threads are there: a fresh channel between them. */
  function connect(): void {
    const { store, observer } = threads;
    if (!store || !observer) return;
    const { port1, port2 } = new MessageChannel();
    store.post({ type: "observer", port: port1 }, [port1]);
    observer.post({ type: "store", port: port2 }, [port2]);
  }

  function receive(name: ThreadName, message: FromStore | FromObserver): void {
    if (name === "store") return receiveFromStore(message as FromStore);
    if (message.type === "ready") serves((message as { url: string }).url);
    else if (message.type === "failed") fail(message.why);
    options.fromObserver(message as FromObserver);
  }

  function receiveFromStore(message: FromStore): void {
    if (message.type === "ends") {
      saidWhy = true;
      if (message.why !== undefined && message.why !== trouble) tell(message.why);
      trouble = message.why;
    } else if (message.type === "ready" && trouble !== undefined) {
      trouble = undefined;
      options.report("the store is open");
    }
    options.fromStore(message);
  }

  /** The first that goes wrong is for whoever waits until it serves, what comes later for the log. */
  function tell(why: string): void {
    if (settled) options.report(why);
    else fail(why);
  }

  function fail(why: string): void {
    refused ||= !settled;
    settled = true;
    ready.reject(new Error(why));
  }

  function serves(url: string): void {
    settled = true;
    ready.resolve(url);
    if (refused) options.report(`serves ${url} now`);
    refused = false;
  }

  function onExit(name: ThreadName, code: number, fails: number): void {
    delete threads[name];
    if (name === "store") options.storeEnded();
    if (stopping) return ended[name].resolve();
    restarts[name] += 1;
    if (fails >= HOPELESS) fail(`the ${name}'s thread does not start; its lines above say why`);
    const wait = BACKOFF_MS[Math.min(fails, BACKOFF_MS.length - 1)] ?? 0;
    if (name === "store" && saidWhy) saidWhy = false;
    else options.report(`the ${name}'s thread ended (code ${code}); it is started again in ${wait} ms`);
    const timer = setTimeout(() => (stopping ? ended[name].resolve() : start(name, fails + 1)), wait);
    if (!options.keepAlive) timer.unref();
  }

  function askObserver(message: ToObserver): void {
    threads.observer?.post(message);
  }

  function beat(): void {
    if (options.beat) askObserver({ type: "beat", beat: options.beat(restarts) });
  }

  start("store");
  start("observer");
  beat();
  const beats = setInterval(beat, BEAT_MS).unref();

  async function end(name: ThreadName, deadlineMs: number): Promise<boolean> {
    const thread = threads[name];
    if (!thread) return true;
    thread.post({ type: "stop" });
    if (await within(deadlineMs, ended[name].promise)) return true;
    options.report(`the ${name}'s thread is not done after ${Math.round(deadlineMs)} ms, and is left behind`);
    thread.leave();
    return false;
  }

  return {
    ready: ready.promise,
    restarts,
    async stop(deadlineMs) {
      stopping = true;
      askObserver({ type: "stopping" });
      const until = systemClock.mono() + deadlineMs;
      const stored = await end("store", deadlineMs - CLOSE_MS);
      await end("observer", Math.max(CLOSE_MS, until - systemClock.mono()));
      clearInterval(beats);
      return stored;
    },
    askObserver,
    crash: (name, of) => threads[name]?.post({ type: "crash", of }),
  };
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0] ?? "";
}
