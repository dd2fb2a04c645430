import type { Command } from "./command.ts";
import { copy } from "./copy.ts";
import { forget } from "./forget.ts";
import { migrate } from "./migrate.ts";
import { demo, serve, start } from "./serve.ts";
import { token } from "./token.ts";
import { verify } from "./verify.ts";

/** All that `botel` can do, in the order of its help. Where nothing is said it serves. */
export const COMMANDS: readonly Command[] = [start, serve, demo, verify, copy, migrate, forget, token];
