import type { Settings } from "../config/settings.ts";

/** What `botel <name> [words] [options]` does. */
export interface Command {
  name: string;
  /** What it does, in one line of `botel --help`. */
  summary: string;
  /** What `botel <name> --help` says below its summary: usage, options, exit codes. */
  help: string;
  /** Options that it knows beside `--help`. */
  options?: Record<string, { type: "string" | "boolean" }>;
  /** How many words may follow the name; 0 where it is not said. */
  words?: number;
  /**
   * Runs it.
   *
   * @returns the exit code: 0, 1 for what failed, 2 for what was asked wrongly; `undefined` where it goes on, as a server
   * @throws {Error} whose message is the one line that is said; the exit code is 1 then
   */
  run(asked: Asked): Promise<number | undefined>;
}

export interface Asked {
  /** What followed the command's name. */
  words: string[];
  options: Record<string, string | boolean | undefined>;
  settings: Settings;
  /** Writes one line to the standard output. */
  print(line: string): void;
}
