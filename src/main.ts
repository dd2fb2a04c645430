import { parseArgs } from "node:util";
import { runBotel, type DemoChoice, type Running } from "./run.ts";
import { environment } from "./config/environment.ts";
import { loadSettings, SettingsError } from "./config/load.ts";
import type { Settings } from "./config/settings.ts";
import { report } from "./lib/report.ts";
import { VERSION } from "./lib/version.ts";

const HELP = `botel ${VERSION}: observability for AI chat bots

  botel start    the demo where no bot, no channel and no data are there, else as serve (npm start)
  botel serve    the API, live events and metrics, and the reference bot where one is configured
  botel demo     the demo: simulated people and model providers on real protocols, data of its own
  botel verify   folds the stored facts again, and compares them with totals, JSON and /metrics; reads only

  --help, --version

Settings: config/default.yaml names every one; a file of your own by BOTEL_CONFIG; BOTEL_PORT, BOTEL_DATA_DIR,
BOTEL_TIME_ZONE, BOTEL_DEMO=0|1.`;

const COMMANDS = ["start", "serve", "demo", "verify"] as const;
type Command = (typeof COMMANDS)[number];
type Serving = Exclude<Command, "verify">;

/** Runs one command line. Sets the exit code: 0, 1 for what failed, 2 for what was asked wrongly. */
export async function main(args: string[]): Promise<void> {
  const command = readCommand(args);
  if (!command) return;
  const settings = readSettings();
  if (!settings) return;
  if (command === "verify") return verifyStored(settings);
  const running = runBotel(settings, demoFor(command, settings));
  stopOnSignals(running);
  try {
    const { url, lines } = await running.ready;
    process.stdout.write(`${[`botel ${VERSION} serves ${url}`, ...lines].join("\n")}\n`);
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
    await running.stop();
  }
}

async function verifyStored(settings: Settings): Promise<void> {
  const { verify } = await import("./verify.ts");
  try {
    process.exitCode = await verify(settings, (line) => void process.stdout.write(`${line}\n`));
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

function readCommand(args: string[]): Command | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" }, version: { type: "boolean", short: "v" } },
    });
    if (values.help) return print(HELP);
    if (values.version) return print(VERSION);
    const [command = "start", ...more] = positionals;
    if (isCommand(command) && more.length === 0) return command;
    return wrong(`there is no command "${positionals.join(" ")}"; botel --help lists all`);
  } catch (error) {
    return wrong((error as Error).message);
  }
}

function isCommand(name: string): name is Command {
  return (COMMANDS as readonly string[]).includes(name);
}

function print(text: string): undefined {
  process.stdout.write(`${text}\n`);
}

function wrong(line: string): undefined {
  report(line);
  process.exitCode = 2;
}

function readSettings(): Settings | undefined {
  try {
    return loadSettings({ env: environment(), cwd: process.cwd(), ownProcess: true });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const problem of error.problems) report(problem);
    process.exitCode = 2;
    return undefined;
  }
}

/** Contract §7, `BOTEL_DEMO`: 1 always, 0 never; unset, `start` runs it where nothing else is there. */
function demoFor(command: Serving, { demo }: Settings): DemoChoice {
  if (demo.enabled !== undefined) return demo.enabled ? "always" : "never";
  return ({ start: "ifNothingElse", serve: "never", demo: "always" } as const)[command];
}

/** The first signal stops in good order, the second at once. */
function stopOnSignals(running: Running): void {
  let asked = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      void running.stop().then(() => process.exit(0));
    });
  }
}
