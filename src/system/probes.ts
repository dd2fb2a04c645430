import { totalmem } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Memory } from "../contract/wire/scalars.ts";

// Reading it takes longer than all the rest of a status.
const MACHINE = totalmem();

/** @returns what the process holds and may hold, in bytes; `percentage` with one decimal. */
export function readMemory(): Memory {
  return memoryOf(process.memoryUsage.rss(), process.constrainedMemory(), MACHINE);
}

/** @param limit of the cgroup; 0, or more than the machine has, where there is none */
export function memoryOf(used: number, limit: number, machine: number): Memory {
  const total = limit > 0 ? Math.min(limit, machine) : machine;
  return { used, total, percentage: Math.round((used / total) * 1000) / 10 };
}

/** How long this thread's event loop kept what was due waiting. */
export interface LoopDelay {
  /** ms, of the last whole window. */
  readonly mean: number;
  readonly max: number;
}

/** Time between two looks of the probe, in ms: it wakes the thread that often. */
const RESOLUTION_MS = 50;
const WINDOW_MS = 10_000;

export interface LoopProbe {
  /** To be called about once a second. */
  tick(nowMs: number): void;
  read(): LoopDelay;
  stop(): void;
}

export function createLoopProbe(nowMs: number): LoopProbe {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let [since, last] = [nowMs, { mean: 0, max: 0 }];
  return {
    tick(now) {
      if (now - since < WINDOW_MS) return;
      since = now;
      if (histogram.count > 0) last = { mean: lateness(histogram.mean), max: lateness(histogram.max) };
      histogram.reset();
    },
    read: () => last,
    stop: () => void histogram.disable(),
  };
}

/** The histogram holds whole intervals, so that a loop in time shows the resolution. */
function lateness(intervalNs: number): number {
  return Math.max(0, intervalNs / 1e6 - RESOLUTION_MS);
}
