// `node --import botel/register bot.js`: botel beside a bot whose code knows nothing of it.
import { basename } from "node:path";
import { isMainThread } from "node:worker_threads";
import { environment, observerOfParent } from "./config/environment.ts";
import { startAs } from "./embed.ts";
import { instrumentModules, type Instrumented } from "./instrument/instrumentations.ts";
import { log } from "./instrument/log.ts";
import type { LocalApi } from "./instrument/place.ts";
import { report } from "./lib/report.ts";

/** How long a bot may take to register an SDK of its own, in ms, where no span comes before. */
const SDK_WAIT_MS = 10_000;

/** With `NODE_OPTIONS`, these are started too; the bot is what they start. */
const NO_BOTS = /^(?:npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(?:-cli)?\.c?js$|^(?:npm|npx|pnpm|pnpx|yarn|corepack)$/;

function register(): void {
  if (NO_BOTS.test(basename(process.argv[1] ?? ""))) return;
  if (!isMainThread && observerOfParent() === undefined) {
    report("a thread was started with botel/register where no observer is: what it does is not counted");
    return;
  }
  const hearing: ((api: LocalApi) => void)[] = [];
  const foreign = new Set<"spans" | "records">();
  let instrumented: Instrumented | undefined;
  startAs({
    waitMs: SDK_WAIT_MS,
    foreign(what) {
      foreign.add(what);
      instrumented?.yieldTo(what);
    },
    shown: ({ hear }) => void hearing.push(hear),
  });
  // After it: an instrumentation keeps the tracer that it finds.
  instrumented = instrumentModules(environment(), (api) => {
    for (const hear of hearing) hear(api);
  });
  for (const what of foreign) instrumented.yieldTo(what);
  // It ends the bot as ever; what it was is stored on the way.
  process.on("uncaughtExceptionMonitor", (error) => log("error", error));
}

try {
  register();
} catch (error) {
  report(`is off, the bot goes on without it: ${String(error)}`);
}
