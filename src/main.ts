import { parseArgs } from "node:util";
import type { Command } from "./commands/command.ts";
import { COMMANDS } from "./commands/commands.ts";
import { environment } from "./config/environment.ts";
import { loadSettings, SettingsError } from "./config/load.ts";
import type { Settings } from "./config/settings.ts";
import { report } from "./lib/report.ts";
import { VERSION } from "./lib/version.ts";

const WIDEST = Math.max(...COMMANDS.map(({ name }) => name.length));

const HELP = `botel ${VERSION}: observability for AI chat bots

${COMMANDS.map(({ name, summary }) => `  botel ${name.padEnd(WIDEST)}  ${summary}`).join("\n")}

  botel <command> --help, botel --version

Settings: config/default.yaml names every one; a file of your own by BOTEL_CONFIG; BOTEL_PORT, BOTEL_DATA_DIR,
BOTEL_TIME_ZONE, BOTEL_DEMO=0|1, BOTEL_HOST with BOTEL_TOKEN.`;

interface Line {
  command: Command;
  words: string[];
  options: Record<string, string | boolean | undefined>;
}

/** Runs one command line. Sets the exit code: 0, 1 for what failed, 2 for what was asked wrongly. */
export async function main(args: string[]): Promise<void> {
  const line = readLine(args);
  if (!line) return;
  const settings = readSettings();
  if (!settings) return;
  const { command, words, options } = line;
  try {
    const code = await command.run({ words, options, settings, print });
    if (code !== undefined) process.exitCode = code;
  } catch (error) {
    failed(error);
  }
}

/** Settings that are wrong: one line each. */
function failed(error: unknown): void {
  if (error instanceof SettingsError) {
    for (const problem of error.problems) report(problem);
    process.exitCode = 2;
    return;
  }
  report(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

function readLine(args: string[]): Line | undefined {
  const first = args.find((word) => !word.startsWith("-")) ?? "serve";
  const command = COMMANDS.find(({ name }) => name === first);
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
        ...command?.options,
      },
    });
    const { help, version, ...options } = values as Line["options"];
    const [name, ...words] = positionals;
    if (version) return print(VERSION);
    if (help) return print(name === undefined || !command ? HELP : helpOf(command));
    if (!command) return wrong(`there is no command "${first}"; botel --help lists all`);
    if (words.length > (command.words ?? 0)) {
      return wrong(`botel ${command.name} does not know "${words.join(" ")}"; botel ${command.name} --help`);
    }
    return { command, words, options };
  } catch (error) {
    return wrong((error as Error).message);
  }
}

function helpOf({ name, summary, help }: Command): string {
  return `botel ${name}: ${summary}\n\n${help}`;
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
    failed(error);
    return undefined;
  }
}
