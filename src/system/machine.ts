import { cpus, freemem, loadavg, totalmem } from "node:os";

/** What the process and its machine have and use, at this moment. */
export interface Machine {
  /** Bytes; the heap is that of the thread that asks. */
  memory: {
    heapUsed: number;
    heapTotal: number;
    external: number;
    rss: number;
    systemTotal: number;
    systemFree: number;
  };
  cpuCount: number;
  /** Of the last 1, 5 and 15 minutes; zeros on Windows. */
  loadAverage: number[];
  platform: string;
  nodeVersion: string;
}

export function readMachine(): Machine {
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
  return {
    memory: { heapUsed, heapTotal, external, rss, systemTotal: totalmem(), systemFree: freemem() },
    cpuCount: cpus().length,
    loadAverage: loadavg(),
    platform: process.platform,
    nodeVersion: process.version,
  };
}
