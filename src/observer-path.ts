import { randomUUID } from "node:crypto";
import type { MessagePort } from "node:worker_threads";
import { createAnswers, failingChannels } from "./answers.ts";
import { createApi } from "./api/api.ts";
import type { Answers } from "./api/deps.ts";
import { listen, type Listening } from "./api/listen.ts";
import { EVERYTHING } from "./contract/fold.ts";
import type { FromObserver, ObserverToStore, StoreToObserver, ToObserver } from "./contract/thread.ts";
import { createCalendar } from "./lib/calendar.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { report } from "./lib/report.ts";
import { createLive } from "./live/live.ts";
import { createMetrics } from "./prometheus/metrics.ts";
import { metricsFold } from "./rollups/metrics.ts";
import type { Windows } from "./rollups/window.ts";
import { createWindows } from "./rollups/windows.ts";
import type { FactReader } from "./store/reader.ts";
import { openReader } from "./store/sqlite/reader.ts";
import { createSystem } from "./system/system.ts";
import type { ObserverThreadData } from "./threads.ts";

/** What the observer has once the store said hello. */
interface Stored {
  windows: Windows;
  reader: FactReader;
  answers: Answers;
}

/**
 * The path of a fact, second half, in the observer's thread: what was stored is folded, then shown, by HTTP, as live
 * events and to Prometheus, all out of the same folds.
 */
export function observerPath(data: ObserverThreadData, toBot: (message: FromObserver) => void) {
  const { settings, version, startedAt: startMs, demo, withBot } = data;
  let stored: Stored | undefined;
  let store: MessagePort | undefined;
  let listening: Promise<Listening> | undefined;
  let stopping = false;

  const ask = (message: ObserverToStore): void => store?.postMessage(message);
  const system = createSystem({
    version,
    startMs,
    clock,
    demo,
    hosted: withBot,
    channels: settings.bot.channels,
    failing: () => (stored ? failingChannels(stored.windows) : new Map()),
    probe: () => ask({ type: "probe" }),
  });
  const channels = async () => (await stored?.answers.channels({ period: "all", groupId: undefined }))?.channels;
  const live = createLive({ ...settings.live, start: randomUUID().replaceAll("-", ""), clock, system, channels });
  const metrics = createMetrics({
    ...settings.metrics,
    clock,
    system,
    live: live.counts,
    state: () => stored?.windows.state(metricsFold, EVERYTHING, {}),
  });
  const api = createApi({
    answers: () => stored?.answers,
    system,
    live,
    metrics,
    ready: () => stored !== undefined && !stopping,
    report: ({ requestId, method, path, error }) => report(`${method} ${path} failed (${requestId}): ${String(error)}`),
  });
  const ticks = setInterval(() => {
    system.tick();
    if (stored) live.tick();
  }, 1000);

  function hello({ commit, zone, databaseFile, catalog, states }: Extract<StoreToObserver, { type: "hello" }>): void {
    system.hello(catalog, states);
    if (stored) return stored.windows.reset(commit);
    const reader = openReader(databaseFile);
    const calendar = createCalendar(zone);
    const requestDay = (day: number): void => ask({ type: "fold", day });
    const windows = createWindows({ ...reader, dayOf: calendar.dayOf, requestDay });
    windows.reset(commit);
    stored = { windows, reader, answers: createAnswers({ windows, reader, calendar, system, now: clock.now }) };
    void serve();
  }

  async function serve(): Promise<void> {
    listening = listen(api, settings.server);
    try {
      const { url } = await listening;
      system.ready();
      toBot({ type: "ready", url });
    } catch (error) {
      toBot({ type: "failed", why: cannotListen(settings.server, error) });
    }
  }

  function fromStore(message: StoreToObserver): void {
    if (message.type === "hello") return hello(message);
    if (message.type === "latency") return system.latency(message.ms);
    if (message.type === "health") return system.storeHealth(message.health);
    const { windows } = stored as Stored; // hello is the first message on a port
    if (message.type === "day") windows.install(message.day, message.commit, message.slices);
    else if (message.type === "closed") windows.closed(message.day, message.commit);
    else if (message.type === "void") windows.voided(message.day, message.commit);
    else {
      windows.apply(message.commit, message.changes);
      system.changes(message.changes, message.states);
      live.changes(message.changes);
    }
  }

  function connect(port: MessagePort): void {
    store?.close();
    store = port;
    port.on("message", fromStore);
  }

  async function collect(id: number): Promise<void> {
    toBot({ type: "collected", id, metrics: await metrics.collect() });
  }

  return {
    hear(message: ToObserver) {
      if (message.type === "beat") system.beat(message.beat);
      else if (message.type === "store") connect(message.port);
      else if (message.type === "collect") void collect(message.id);
    },
    async stop() {
      stopping = true;
      system.stopping();
      clearInterval(ticks);
      live.stop();
      await (await listening?.catch(() => undefined))?.close(500);
      system.close();
      stored?.reader.close();
      store?.close();
    },
  };
}

function cannotListen({ host, port }: { host: string; port: number }, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== "EADDRINUSE") return `cannot listen on ${host}:${port}: ${message}`;
  return `port ${port} is taken: stop what listens there, or set BOTEL_PORT to another one (0: a free one)`;
}
