import { existsSync } from "node:fs";
import { join } from "node:path";
import { startBotel, type Botel } from "./app.ts";
import type { Settings } from "./config/settings.ts";
import { report } from "./lib/report.ts";
import { DATABASE } from "./store/files.ts";
import { hasFacts } from "./store/sqlite/has-facts.ts";

/** When botel's own commands run the demo (contract §7, `BOTEL_DEMO`). */
export type DemoChoice = "always" | "ifNothingElse" | "never";

/** botel as a process of its own. */
export interface Running {
  /** Rejects where it cannot serve. `lines` say what runs and where to look. */
  readonly ready: Promise<{ url: string; lines: string[] }>;
  /** In good order, within 5 s. Never rejects. */
  stop(): Promise<void>;
}

/** Serves, and runs beside it the demo, the reference bot, or nothing. */
export function runBotel(settings: Settings, choice: DemoChoice): Running {
  const demo = choice === "always" || (choice === "ifNothingElse" && nothingElse(settings));
  const configured = settings.bot.channels.length > 0 && settings.bot.onebot.url !== undefined;
  const dataDir = demo ? join(settings.dataDir, "demo") : settings.dataDir;
  const historyDone = demo && hasFacts(join(dataDir, DATABASE));
  const guests: { stop(): Promise<void> }[] = [];
  let botel: Botel | undefined;

  async function ready(): Promise<{ url: string; lines: string[] }> {
    const threads =
      demo || configured
        ? { observe: (await import("./bot-thread.ts")).observeBot }
        : { observeHere: (await import("./observer-path.ts")).observerPath };
    botel = startBotel({ settings, dataDir, demo, ...threads, keepAlive: true });
    const url = await botel.ready;
    if (demo) await startDemoBot();
    else if (configured) await startOwnBot(settings);
    return { url, lines: whereToLook(url, demo, configured) };
  }

  async function startDemoBot(): Promise<void> {
    const [{ startDemo }, { instrument }] = await Promise.all([import("./demo/demo.ts"), import("./index.ts")]);
    const simulated = await startDemo({ settings, instrument, historyDone, dataDir });
    guests.push(simulated);
    await startOwnBot({ bot: simulated.bot });
  }

  async function startOwnBot({ bot }: Pick<Settings, "bot">): Promise<void> {
    const [{ startBot }, { instrument }] = await Promise.all([import("./bot/bot.ts"), import("./index.ts")]);
    guests.unshift(startBot({ settings: bot, instrument }));
  }

  return {
    ready: ready(),
    async stop() {
      // The bot first: what it still does is still seen.
      for (const guest of guests) await guest.stop().catch((error: unknown) => report(String(error)));
      await botel?.stop();
    },
  };
}

function nothingElse({ bot, dataDir }: Settings): boolean {
  if (bot.channels.length > 0 || bot.onebot.url !== undefined) return false;
  const database = join(dataDir, DATABASE);
  return !existsSync(database) || !hasFacts(database);
}

function whereToLook(url: string, demo: boolean, configured: boolean): string[] {
  const who = demo
    ? "This is the demo: people, platform and model providers are simulated. BOTEL_DEMO=0 starts without it."
    : configured
      ? "The reference bot runs as configured."
      : "No bot runs here: configure the reference bot (config/default.yaml), or start botel in a bot of your own (README).";
  return [
    who,
    `  ${url}/                     what there is`,
    `  ${url}/api/system/status    JSON; also /api/stats, /api/stats/models, /api/logs, … (README)`,
    `  ${url}/api/system/events    live events (curl -N)`,
    `  ${url}/metrics              for Prometheus`,
  ];
}
