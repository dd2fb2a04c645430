import { join } from "node:path";
import { runBot, type Bot, type Installed, type RunOptions } from "./installed.ts";

/** What the cases share. */
export interface World {
  installed(): Installed;
  run(bot: "plain" | "two" | "three", args: string[], more?: Partial<RunOptions>): Promise<Bot>;
}

export const REGISTER = ["--import", "botel/register"];

export function createWorld(installed: () => Installed, modelUrl: () => string): World {
  return {
    installed,
    run(bot, args, more = {}) {
      const env = { MODEL_URL: modelUrl(), ...more.env };
      return runBot({ cwd: join(installed().folder, bot), args, ...more, env });
    },
  };
}
