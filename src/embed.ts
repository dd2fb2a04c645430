import { startBotel, type Botel } from "./app.ts";
import { observeBot } from "./bot-thread.ts";
import { environment } from "./config/environment.ts";
import { loadSettings, refuseOpenHost, SettingsError } from "./config/load.ts";
import type { Settings } from "./config/settings.ts";
import { report } from "./lib/report.ts";

/** botel in a bot of somebody's own. */
export interface Embedded {
  /**
   * The URL that is served; undefined where botel is off, as with wrong settings or a taken port: one warning has said
   * why, and the bot goes on. Never rejects.
   */
  readonly ready: Promise<string | undefined>;
  /** Stores what there is, within 5 s. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Starts botel in this process: OpenTelemetry with the standard `OTEL_*` variables, and the observer beside the bot.
 * Settings are those of `config/default.yaml`, the file named by `BOTEL_CONFIG`, and the environment.
 *
 * Never throws, and waits for nothing. A second call gives what the first one started.
 */
export function start(): Embedded {
  embedded ??= begin();
  return embedded;
}

let embedded: Embedded | undefined;

function begin(): Embedded {
  try {
    const settings = loadSettings({ env: environment(), cwd: process.cwd(), ownProcess: false });
    refuseOpenHost(settings);
    return guest(settings);
  } catch (error) {
    const why = error instanceof SettingsError ? error.problems.join("; ") : String(error);
    report(`is off, the bot goes on without it: ${why}`);
    return { ready: Promise.resolve(undefined), stop: () => Promise.resolve() };
  }
}

function guest(settings: Settings): Embedded {
  const { dataDir } = settings;
  const own = { demo: false, outside: "taken", observe: observeBot, keepAlive: false } as const;
  const botel = startBotel({ settings, dataDir, ...own });
  drainOnSignals(botel);
  return {
    ready: botel.ready.catch((error: Error) => {
      report(`serves nothing, the bot goes on: ${error.message}`);
      return undefined;
    }),
    stop: () => botel.stop(),
  };
}

/** Where the bot leaves a signal to its default, the process ends by it all the same, after the last fact is stored. */
function drainOnSignals(botel: Botel): void {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    const listener = (): void => {
      if (process.listenerCount(signal) > 1) return;
      void botel.stop().then(() => {
        process.off(signal, listener);
        process.kill(process.pid, signal);
      });
    };
    process.on(signal, listener);
  }
}
