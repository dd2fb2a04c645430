import { refuseOpenHost } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { report } from "../lib/report.ts";
import { VERSION } from "../lib/version.ts";
import { runBotel, type DemoChoice, type Running } from "../run.ts";
import type { Asked, Command } from "./command.ts";

const HELP =
  "It ends by SIGTERM or SIGINT, within 5 s; a second signal ends it at once. Exit codes: 0, 1 where it cannot serve, 2 for wrong settings.";

export const start: Command = {
  name: "start",
  summary: "the demo where no bot, no channel and no data are there, else as serve (npm start)",
  help: HELP,
  run: (asked) => run(asked, "ifNothingElse"),
};

export const serve: Command = {
  name: "serve",
  summary: "the API, live events and metrics, and the reference bot where one is configured",
  help: HELP,
  run: (asked) => run(asked, "never"),
};

export const demo: Command = {
  name: "demo",
  summary: "the demo: simulated people and model providers on real protocols, data of its own",
  help: HELP,
  run: (asked) => run(asked, "always"),
};

async function run({ settings, print }: Asked, unset: DemoChoice): Promise<number | undefined> {
  refuseOpenHost(settings);
  const running = runBotel(settings, choose(settings, unset));
  stopOnSignals(running);
  try {
    const { url, lines } = await running.ready;
    print([`botel ${VERSION} serves ${url}`, ...lines].join("\n"));
    return undefined;
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
    await running.stop();
    return 1;
  }
}

/** Contract §7, `BOTEL_DEMO`: 1 always, 0 never; unset, it is for the command to say. */
function choose({ demo: { enabled } }: Settings, unset: DemoChoice): DemoChoice {
  if (enabled === undefined) return unset;
  return enabled ? "always" : "never";
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** The first signal stops in good order, the second at once. */
function stopOnSignals(running: Running): void {
  let asked = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (asked) return endBy(signal);
      asked = true;
      void running.stop().then((whole) => (whole ? process.exit(0) : endBy(signal)));
    });
  }
}

/** As the signal does by itself: `process.exit` would wait for a thread that waits for the disk. */
function endBy(signal: NodeJS.Signals): void {
  for (const each of SIGNALS) process.removeAllListeners(each);
  process.kill(process.pid, signal);
}
