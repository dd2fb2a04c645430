import { randomUUID } from "node:crypto";
import type { MessagePort } from "node:worker_threads";
import { readActive } from "./active.ts";
import { createAnswers, failingChannels } from "./answers.ts";
import { createAccess } from "./api/access/access.ts";
import { createApi } from "./api/api.ts";
import type { Answers, Failed } from "./api/deps.ts";
import { createCrowd } from "./api/crowd.ts";
import { listen, type Listening } from "./api/listen.ts";
import { createOtlpApi } from "./api/otlp.ts";
import type { PanelAnswers } from "./api/panel/answers.ts";
import { readTokens, versionOfTokens } from "./config/token-file.ts";
import { BotelError } from "./contract/errors.ts";
import { NEW, type Change } from "./contract/fact.ts";
import { EVERYTHING } from "./contract/fold.ts";
import type { FromObserver, ObserverToStore, StoreToObserver, ToObserver } from "./contract/thread.ts";
import { createForgets } from "./forgets.ts";
import { createReceiver } from "./ingest/receiver.ts";
import { createSeriesStore } from "./ingest/series.ts";
import { type Calendar, createCalendar } from "./lib/calendar.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { report } from "./lib/report.ts";
import { createLive } from "./live/live.ts";
import { createMetrics } from "./prometheus/metrics.ts";
import { metricsFold } from "./rollups/metrics.ts";
import type { Windows } from "./rollups/window.ts";
import { createWindows } from "./rollups/windows.ts";
import { readCluster, type ObserverReader } from "./cluster-reader.ts";
import { openReader } from "./store/sqlite/reader.ts";
import { connectionsWithin, readOpenFiles } from "./system/files.ts";
import { createHungWatch } from "./system/hung.ts";
import { createSystem } from "./system/system.ts";
import { createPanelAnswers } from "./panel-answers.ts";
import { shown } from "./pipeline.ts";
import type { ObserverThreadData, Outside } from "./threads.ts";

/** What the observer has once the store said hello. */
interface Stored {
  windows: Windows;
  reader: ObserverReader;
  answers: Answers;
  panel: PanelAnswers;
  calendar: Calendar;
}

/** The composition of the observer's thread: builds every stage that works there. */
export function startObserverThread(data: ObserverThreadData, toBot: (message: FromObserver) => void) {
  const { settings, version, startedAt: startMs, demo, withBot } = data;
  let stored: Stored | undefined;
  let store: MessagePort | undefined;
  let listening: Promise<Listening>[] = [];
  let stopping = false;
  let away: string | undefined;
  // A balancer waits for an instance that opens its cluster; one whose cluster goes away later says so itself.
  let opened = settings.store.kind !== "clickhouse" || settings.store.clickhouse.spool;

  const ask = (message: ObserverToStore): void => store?.postMessage(message);
  const receiver = createReceiver({ ...settings.ingest, closed: () => closedBy(data.outside, toBot) });
  const system = createSystem({
    otlp: receiver.counts,
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
  const series = createSeriesStore(clock);
  const { tokenFile } = settings.access;
  const tokens = { version: () => versionOfTokens(tokenFile), read: () => readTokens(tokenFile) };
  const access = createAccess(settings, tokens, clock, report);
  const metrics = createMetrics({
    ...settings.metrics,
    clock,
    system,
    otlp: { counts: receiver.counts, series },
    live: live.counts,
    requestsRefused: access.counts,
    state: () => stored?.windows.state(metricsFold, EVERYTHING, {}),
    active: () => stored && readActive(stored.windows, stored.calendar, clock.now()),
  });
  const failed = ({ requestId, method, path, error }: Failed): void =>
    report(`${method} ${path} failed (${requestId}): ${String(error)}`);
  const forgets = createForgets((id, whom) => {
    ask({ type: "forget", id, whom });
    return store !== undefined;
  });
  const api = createApi({
    access,
    forget: forgets.forget,
    clock,
    answers,
    panel: settings.panel.enabled ? panel : undefined,
    system,
    live,
    metrics,
    receiver,
    ready: () => stored !== undefined && opened && !stopping,
    report: failed,
  });
  const maxConnections = connectionsWithin(settings.server.maxConnections, readOpenFiles());
  const crowd = createCrowd(maxConnections, clock, report);
  function onDrop(): void {
    access.count("connections");
    crowd.dropped();
  }
  const windows = (): Windows => (stored as Stored).windows; // there from hello on, the first message on a port
  /** Facts that a store committed and could not tell any more. Windows have them anyway; live events lack what cannot be read. */
  function missed(row: number, upTo: number): Change[] {
    try {
      const { reader } = stored as Stored;
      return reader.arrivals(row, upTo).map((fact) => ({ fact, before: NEW }));
    } catch (error) {
      report(`what was stored meanwhile cannot be read: ${String(error)}`);
      return [];
    }
  }

  const fromStore = shown({
    hello,
    missed,
    windows,
    away(why) {
      away = why;
      opened ||= why === undefined;
      system.away(why);
    },
    system,
    live,
    metrics,
    series,
    receiver,
    forgets,
  });
  const watchBot = createHungWatch(system.isHung, report);
  const ticks = setInterval(() => {
    system.tick();
    watchBot();
    crowd.tick();
    if (stored) live.tick();
  }, 1000);

  function hello({ commit, zone, databaseFile, catalog, states }: Extract<StoreToObserver, { type: "hello" }>): void {
    system.hello(catalog, states);
    if (stored) {
      reopen(stored.reader);
      return stored.windows.reset(commit);
    }
    const days = openReader(databaseFile, () => ask({ type: "damaged" }));
    const reader = settings.store.kind === "clickhouse" ? readCluster(days, settings.store.clickhouse) : days;
    const calendar = createCalendar(zone);
    const requestDay = (day: number): void => ask({ type: "fold", day });
    const windows = createWindows({ ...reader, dayOf: calendar.dayOf, requestDay });
    windows.reset(commit);
    const answers = createAnswers({ windows, reader, calendar, system, now: clock.now });
    const requests = reader === days ? days : undefined;
    const keptDays = settings.store.retention.facts;
    const sources = { answers, windows, lines: reader, requests, calendar, system, keptDays, now: clock.now };
    stored = { windows, reader, answers, panel: createPanelAnswers(sources), calendar };
    void serve();
  }

  function answers(): Answers | undefined {
    if (away !== undefined) throw new BotelError("UNAVAILABLE", away);
    return stored?.answers;
  }

  function panel(): PanelAnswers | undefined {
    return answers() && stored?.panel;
  }

  /** The store may have put another database in the place of a damaged one. */
  function reopen(reader: Stored["reader"]): void {
    try {
      reader.reopen?.();
    } catch (error) {
      report(`answers are of the database as it was: ${String(error)}`);
    }
  }

  async function serve(): Promise<void> {
    const main = listen(api, { ...settings.server, maxConnections, onDrop });
    listening = [main, ...listenForOtlp()];
    try {
      const { url } = await main;
      const second = await listening[1]?.catch(() => undefined);
      system.ready();
      toBot({ type: "ready", url, otlpPort: second?.port });
      void warm().catch(() => {}); // who asks first pays instead, and hears why
    } catch (error) {
      toBot({ type: "failed", why: cannotListen(settings.server, error) });
    }
  }

  /**
   * The states that look furthest back, one after the other: the first person who asks finds them at hand, and those that
   * are watched anyway are not folded while much comes.
   */
  async function warm(): Promise<void> {
    const query = { period: "all", groupId: undefined, sort: "messages", limit: 20 } as const;
    const { answers, windows } = stored as Stored;
    await windows.state(metricsFold, EVERYTHING, {});
    for (const answer of [answers.stats, answers.users, answers.groups, answers.channels]) {
      await new Promise((resolve) => setImmediate(resolve));
      await answer(query);
    }
  }

  /** The second port, where it is wanted and free. */
  function listenForOtlp(): Promise<Listening>[] {
    const { host, otlpPort: port } = settings.server;
    if (port === 0) return [];
    const second = listen(createOtlpApi({ receiver, report: failed, access }), {
      ...settings.server,
      port,
      maxConnections,
      onDrop,
    });
    second.catch((error: unknown) => report(cannotListen({ host, port }, error, "BOTEL_OTLP_PORT", "none")));
    return [second];
  }

  function connect(port: MessagePort): void {
    store?.close();
    store = port;
    port.on("message", fromStore);
    port.on("close", () => {
      if (port === store) receiver.connect(undefined);
      forgets.lost();
    });
    receiver.connect((request, transfer) => port.postMessage(request, transfer));
  }

  /** From here on it is not ready, so that balancers turn to others; it still answers. */
  function stops(): void {
    stopping = true;
    system.stopping();
  }

  async function collect(id: number): Promise<void> {
    toBot({ type: "collected", id, metrics: await metrics.collect() });
  }

  return {
    hear(message: ToObserver) {
      if (message.type === "beat") system.beat(message.beat);
      else if (message.type === "store") connect(message.port);
      else if (message.type === "stopping") stops();
      else if (message.type === "collect") void collect(message.id);
    },
    async stop() {
      stops();
      clearInterval(ticks);
      live.stop();
      for (const one of listening) await (await one.catch(() => undefined))?.close(500);
      system.close();
      stored?.reader.close();
      store?.close();
    },
  };
}

/** Contract §7: whether a demo keeps facts from outside out. */
function closedBy(
  outside: Outside,
  toBot: (message: FromObserver) => void,
): { why: string; retryAfter: number } | undefined {
  if (outside === "taken") return undefined;
  if (outside === "refused") {
    return {
      why: "A demo was asked for, and it takes no facts from outside; start botel with BOTEL_DEMO=0",
      retryAfter: 60,
    };
  }
  toBot({ type: "outside" });
  return { why: "The demo ends and the real store is opened", retryAfter: 2 };
}

function cannotListen(
  { host, port }: { host: string; port: number },
  error: unknown,
  setting = "BOTEL_PORT",
  zero = "a free one",
): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== "EADDRINUSE") return `cannot listen on ${host}:${port}: ${message}`;
  return `port ${port} is taken: stop what listens there, or set ${setting} to another one (0: ${zero})`;
}
