import { existsSync } from "node:fs";
import { join } from "node:path";
import { startBotel, type Botel, type BotelOptions } from "./app.ts";
import { environment } from "./config/environment.ts";
import { hasTokens } from "./config/load.ts";
import type { Settings } from "./config/settings.ts";
import { report } from "./lib/report.ts";
import { within } from "./lib/within.ts";
import { VERSION } from "./lib/version.ts";
import { DATABASE } from "./store/files.ts";
import { hasFacts } from "./store/sqlite/has-facts.ts";

/** When botel's own commands run the demo (contract §7, `BOTEL_DEMO`). */
export type DemoChoice = "always" | "ifNothingElse" | "never";

/** botel as a process of its own. */
export interface Running {
  /** Rejects where it cannot serve. `lines` say what runs and where to look. */
  readonly ready: Promise<{ url: string; lines: string[] }>;
  /**
   * In good order: what runs beside botel, then botel. Never rejects.
   *
   * @returns false where 5 s were not enough for it; see `Botel.stop`
   */
  stop(): Promise<boolean>;
}

/** What of the 5 s is for what runs beside botel, and what for botel, in ms. */
const BESIDE_MS = 1500;
const BOTEL_MS = 3000;

/** A run of botel with what runs beside it: the demo, the reference bot, or nothing. */
interface Run {
  /** Absent where the end was asked for before it served. */
  url?: string;
  stop(): Promise<boolean>;
}

/** Serves, and runs beside it the demo, the reference bot, or nothing. */
export function runBotel(settings: Settings, choice: DemoChoice): Running {
  const demo = choice === "always" || (choice === "ifNothingElse" && nothingElse(settings));
  const stopAsked = Promise.withResolvers<undefined>();
  let [givesWay, stopping] = [false, false];
  let current = demo
    ? startDemoRun(settings, choice, stopAsked.promise, () => void giveWay())
    : startRealRun(settings, stopAsked.promise);

  /** The first facts from outside end a demo that nobody asked for: the real store is opened in its place. */
  async function giveWay(): Promise<void> {
    if (givesWay || stopping) return;
    givesWay = true;
    report("facts come from outside: the demo ends, and the real store is opened");
    const { url, stop } = await current;
    await stop();
    if (!stopping) current = startRealRun(url === undefined ? settings : atPortOf(url, settings), stopAsked.promise);
    await current.catch((error: unknown) => report(String(error)));
  }

  return {
    ready: current.then(({ url }) => {
      if (url === undefined) throw new Error("it is stopped before it served");
      return { url, lines: whereToLook(url, demo, settings) };
    }),
    async stop() {
      stopping = true;
      stopAsked.resolve(undefined);
      return current.then(
        (run) => run.stop(),
        () => true,
      );
    },
  };
}

/** Where any free port was asked for, the one that was given is kept. */
function atPortOf(url: string, settings: Settings): Settings {
  return { ...settings, server: { ...settings.server, port: Number(new URL(url).port) } };
}

async function startRealRun(settings: Settings, stopAsked: Promise<undefined>): Promise<Run> {
  const base = { settings, dataDir: settings.dataDir, demo: false, outside: "taken", keepAlive: true } as const;
  if (!isConfigured(settings)) {
    const { startObserverThread } = await import("./observer-thread.ts");
    return served(startBotel({ ...base, observeHere: startObserverThread }), stopAsked, []);
  }
  return served(startBotel({ ...base, observe: await observeOwnBot() }), stopAsked, [
    (url) => startOwnBot(settings, url, settings.dataDir),
  ]);
}

async function startDemoRun(
  settings: Settings,
  choice: DemoChoice,
  stopAsked: Promise<undefined>,
  onOutside: () => void,
): Promise<Run> {
  const dataDir = join(settings.dataDir, "demo");
  const historyDone = hasFacts(join(dataDir, DATABASE));
  const outside = choice === "always" ? "refused" : "endsDemo";
  const observe = await observeOwnBot();
  const botel = startBotel({ settings, dataDir, demo: true, outside, onOutside, observe, keepAlive: true });
  return served(botel, stopAsked, [
    async (url) => {
      const [{ startDemo }, { instrument }] = await Promise.all([import("./demo/demo.ts"), import("./index.ts")]);
      const simulated = await startDemo({ settings, instrument, historyDone, dataDir });
      const bot = await startOwnBot({ ...settings, bot: simulated.bot }, url, dataDir);
      async function stop(): Promise<void> {
        await bot.stop(); // first: what it still does is still seen
        await simulated.stop();
      }
      return { stop };
    },
  ]);
}

/** The reference bot's own name, in the demo and where one is configured. */
async function observeOwnBot(): Promise<BotelOptions["observe"]> {
  const { observeBot } = await import("./bot-thread.ts");
  return (options) => observeBot({ ...options, service: { name: "botel-bot", version: VERSION } });
}

async function startOwnBot({ bot, timeZone }: Settings, url: string, dataDir: string): Promise<Guest> {
  const [{ startBot }, { instrument }] = await Promise.all([import("./bot/bot.ts"), import("./index.ts")]);
  return startBot({ settings: bot, instrument, timeZone, dataDir, askBotel: askAt(url) });
}

/** ms that the bot waits for botel's own answer. */
const ASK_MS = 5000;

/** `data` of what botel answers at `url`, for the bot's own commands. */
function askAt(url: string) {
  const { BOTEL_TOKEN: token } = environment();
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  return async (path: string): Promise<unknown> => {
    const answer = await fetch(url + path, { headers, signal: AbortSignal.timeout(ASK_MS) });
    if (!answer.ok) throw new Error(`${path} is answered ${answer.status}`);
    return ((await answer.json()) as { data: unknown }).data;
  };
}

interface Guest {
  stop(): Promise<void>;
}

/** Waits until botel serves, then starts what runs beside it. A start that takes long, or hangs, does not hold up the end. */
async function served(
  botel: Botel,
  stopAsked: Promise<undefined>,
  beside: ((url: string) => Promise<Guest>)[],
): Promise<Run> {
  try {
    const url = await Promise.race([botel.ready, stopAsked]);
    if (url === undefined) return { stop: () => botel.stop() };
    const guests = await Promise.all(beside.map((start) => start(url)));
    return {
      url,
      async stop() {
        const beside = guests.map((guest) => guest.stop().catch((error: unknown) => report(String(error))));
        if (!(await within(BESIDE_MS, Promise.all(beside)))) report(`the bot is not done after ${BESIDE_MS} ms`);
        return botel.stop(guests.length > 0 ? BOTEL_MS : undefined);
      },
    };
  } catch (error) {
    await botel.stop();
    throw error;
  }
}

function isConfigured({ bot }: Settings): boolean {
  return bot.channels.length > 0 && bot.onebot.url !== undefined;
}

function nothingElse({ bot, dataDir }: Settings): boolean {
  if (bot.channels.length > 0 || bot.onebot.url !== undefined) return false;
  const database = join(dataDir, DATABASE);
  return !existsSync(database) || !hasFacts(database);
}

function whereToLook(url: string, demo: boolean, settings: Settings): string[] {
  const who = demo
    ? "This is the demo: people, platform and model providers are simulated. BOTEL_DEMO=0 starts without it."
    : isConfigured(settings)
      ? "The reference bot runs as configured."
      : "No bot runs here: send OTLP, configure the reference bot (config/default.yaml), or start botel in your bot (README).";
  return [
    who,
    hasTokens(settings.access)
      ? "Who asks needs a token: the page signs in with it, others send Authorization: Bearer … (docs/security.md)."
      : "Only this machine is answered, since there is no token; docs/security.md opens botel to others.",
    `  ${url}/                     the live page`,
    `  ${url}/api/system/status    JSON; also /api/stats, /api/stats/models, /api/logs, … (README)`,
    `  ${url}/api/system/events    live events (curl -N)`,
    `  ${url}/metrics              for Prometheus`,
    `  ${url}/v1/traces            takes OTLP`,
  ];
}
