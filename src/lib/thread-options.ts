import { getCompileCacheDir } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkerOptions } from "node:worker_threads";

export interface ThreadLimits {
  /** Heap of the thread at the most, in MB; past it the thread ends, and the process goes on. */
  maxHeapMb: number;
  /** What of it new objects may take, in MB. */
  maxYoungMb: number;
}

/** How every thread of botel is started; `env` is what the thread has as its environment. */
export function threadOptions(
  workerData: unknown,
  { maxHeapMb, maxYoungMb }: ThreadLimits,
  env: Readonly<Record<string, string | undefined>>,
): WorkerOptions {
  return {
    workerData,
    // A thread's own compile cache spares it the stripping of types: 17 MB and most of its start.
    // What `NODE_OPTIONS` loads is for the bot.
    env: { NODE_COMPILE_CACHE: getCompileCacheDir() ?? join(tmpdir(), "node-compile-cache"), ...env, NODE_OPTIONS: "" },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: maxYoungMb },
  };
}
